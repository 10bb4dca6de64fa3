"""A detector that combines an unknown logit with distances from the known digits."""
