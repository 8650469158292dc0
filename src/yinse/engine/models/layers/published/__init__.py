"""Layers that only the published GPT-SoVITS family uses."""
