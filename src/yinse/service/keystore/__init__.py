"""Wrapped keys in a database of their own, and their destruction."""
