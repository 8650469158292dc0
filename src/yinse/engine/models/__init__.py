"""Neural modules: tensors in, tensors out, no IO."""
