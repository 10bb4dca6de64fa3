"""Backbones, a file each: images (N, C, H, W) -> features (N, width), `width` an attribute.

A configuration names a class or function that is called with `channels` and `size`, those of the
images, and with whatever options the configuration adds.
"""
