"""How many threads a command computes with."""

import os


def one_thread() -> None:
    """Compute with one thread, unless `OMP_NUM_THREADS` says how many.

    The base voice's steps are small: several threads gain next to nothing on an idle machine and, spinning while they wait
    for one another, are many times slower on a busy one. See docs/adr/0131.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        import torch

        torch.set_num_threads(1)
