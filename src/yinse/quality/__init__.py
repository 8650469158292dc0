"""Measures of a recording and a pure gate: numbers to verdict and advice."""
