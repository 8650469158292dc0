"""Sealed objects: the rows that ciphertext is bound to, and the stores it lies in."""
