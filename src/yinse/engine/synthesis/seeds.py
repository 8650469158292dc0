"""Seeds that follow from a request's."""


def segment_seed(seed: int, segment: int, attempt: int) -> int:
    """A seed of its own for every segment and try, the same on every machine."""
    mixed = (seed * 0x9E3779B97F4A7C15 + segment * 0xBF58476D1CE4E5B9 + attempt * 0x94D049BB133111EB) % 2**63
    return mixed ^ (mixed >> 31)
