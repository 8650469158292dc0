"""Speech to content features and discrete semantic tokens."""
