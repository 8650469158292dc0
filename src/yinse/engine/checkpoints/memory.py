"""Memory that was needed to load models, and is not needed to run them."""

import ctypes


def give_back() -> None:
    """Return freed memory to the system at once. The C library of most Linux systems keeps it otherwise; others do not."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(ctypes.c_size_t(0))
