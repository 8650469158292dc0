"""The GPT of the base voice: an autoregressive decoder whose pointer walks the phonemes once, in order."""
