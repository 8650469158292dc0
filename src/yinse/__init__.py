"""Yinse gives every member of a voice community their own AI voice."""

__version__ = "0.1.0"
