"""s1: phonemes, text features and a spoken prompt to semantic tokens (the family's "GPT")."""
