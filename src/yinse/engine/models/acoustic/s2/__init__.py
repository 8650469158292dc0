"""s2 of v1, v2, v2Pro and v2ProPlus: tokens, phonemes and a voice to samples in one model."""
