"""Latents or mel to samples."""
