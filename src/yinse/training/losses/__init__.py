"""Losses that more than one part uses."""
