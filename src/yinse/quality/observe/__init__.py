"""Listening: a recording, whole or as it is being made, to the numbers every measure is computed from."""
