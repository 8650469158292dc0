"""HiFi-GAN generator: transposed convolutions and residual blocks of several reaches."""
