"""Semantic tokens and a voice to acoustic latents: the SoVITS."""
