"""Reference audio to what a published voice keeps of it."""
