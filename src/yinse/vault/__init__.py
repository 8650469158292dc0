"""Seal and open voice material; the only importer of cryptography."""
