"""The page of one grade: a single HTML file for its student."""
