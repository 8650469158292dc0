"""A decoder that predicts spectra and inverts them: ConvNeXt and one inverse Fourier transform a frame."""
