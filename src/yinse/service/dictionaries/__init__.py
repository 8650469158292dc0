"""Pronunciation dictionaries with versions."""
