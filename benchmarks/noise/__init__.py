"""Voices made of noisy recordings, with the noise and without it."""
