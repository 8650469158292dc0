"""Mandarin: normalised text to syllables to phonemes, with polyphones, tone sandhi and erhua."""
