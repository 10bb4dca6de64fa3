"""The class page: a small static site made from a gradebook, for whoever teaches."""
