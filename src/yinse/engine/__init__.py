"""Everything needed to speak; importable alone."""
