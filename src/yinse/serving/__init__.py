"""Where contracts meet the engine: replica and local backends."""
