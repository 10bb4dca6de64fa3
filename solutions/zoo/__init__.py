"""The method zoo: the field's methods on one interface, measured on the same work.

A method is a network, a score (high = more likely unknown) and a threshold rule. `method.py` is the
interface, `catalogue.py` names every method, `python -m solutions zoo` runs them.
"""
