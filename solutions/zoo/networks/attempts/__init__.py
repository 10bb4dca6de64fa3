"""The networks of system b, in the order in which its authors tried them.

A convolutional `autoencoder`, classified by its own features (`on_code`), then with a classifier
apart (`classifiers`), then replaced by the `plain` autoencoder of the final model. Source of all:
system b, a student report on open-set recognition, 2025; the figures named are the report's.
"""
