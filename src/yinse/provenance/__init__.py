"""Watermark, AI-content label, detection."""
