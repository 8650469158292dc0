"""The yinse command: a thin skin over the engine."""
