"""ERes2NetV2: filter-bank features to a speaker embedding."""
