"""The trainable parts of the base voice, one module each."""
