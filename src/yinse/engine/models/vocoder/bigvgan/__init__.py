"""BigVGAN v2: a generator with anti-aliased periodic activations."""
