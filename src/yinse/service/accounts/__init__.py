"""Accounts, sessions, API keys, single-use tokens and members of a platform."""
