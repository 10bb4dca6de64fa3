"""What open-set recognition is measured by, a file an idea; NumPy and scikit-learn, no torch.

Scores are high = more likely unknown, scores strictly above a threshold are rejected, label 10 is
unknown. Everything is exact on ties and does not depend on the order of the images.
"""
