"""Recordings to slices, transcripts and a scored manifest."""
