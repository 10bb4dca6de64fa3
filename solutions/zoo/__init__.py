"""A zoo of open-set recognition methods, each trained on the known classes alone."""
