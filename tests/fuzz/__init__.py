"""Readers of what others wrote, met with bytes that nobody would write."""
