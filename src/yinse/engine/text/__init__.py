"""Text to phonemes: normalise, segment, phonemise; one module per language."""
