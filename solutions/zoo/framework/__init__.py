"""System c: backbone, neck, head, score and data from a configuration, each run in a folder.

`python -m solutions.zoo.framework` runs; README.md beside this file shows how.
"""
