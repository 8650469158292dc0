"""Consent: a spoken sentence with a random challenge, its evidence, its revocation."""
