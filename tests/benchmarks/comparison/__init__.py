"""What this project costs beside others who do the same: one run, one file of figures."""
