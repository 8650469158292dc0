"""Which decoder copies speech better after the same few minutes of training? Run by hand, not by `make bench`."""
