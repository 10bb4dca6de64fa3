"""A class of submissions, graded in parallel into a gradebook: on one machine or on a cluster."""
