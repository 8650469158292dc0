"""s2 of v3 and v4: tokens, phonemes and a voice to a mel spectrogram by flow matching with a transformer."""
