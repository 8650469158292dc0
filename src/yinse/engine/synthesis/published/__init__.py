"""Speaking with a published voice: the same requests, events and reports as the base voice."""
