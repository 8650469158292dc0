"""Phonemes and a prompt to semantic tokens: the GPT."""
