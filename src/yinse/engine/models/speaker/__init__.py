"""Speech to a speaker embedding."""
