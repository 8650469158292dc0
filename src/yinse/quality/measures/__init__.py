"""Measures: pure functions from an `Observation` to numbers, each with its definition, unit and source."""
