"""Measurements with committed results: latency, throughput, memory, voice quality."""
