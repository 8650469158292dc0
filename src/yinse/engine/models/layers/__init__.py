"""Building blocks that can stream: convolution, attention, quantisation."""
