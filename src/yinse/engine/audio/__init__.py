"""Waveforms: decoding, resampling, loudness and log-mel features."""
