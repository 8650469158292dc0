"""Files to (config, weights) and back: bundles, importers, registry."""
