"""Grants: a voice shared by scope, quota and expiry, never by copying."""
