"""Lengths in headers. A stream leaves before anybody knows how long it will be; a kept file can say so."""

import struct

_FLAC_COUNT = 18
"""Where STREAMINFO packs rate (20 bits), channels (3), bits (5) and the number of samples (36) (RFC 9639, 8.2)."""
_SAMPLES_BITS = 36


def with_length(head: bytes, container: str, size: int, seconds: float) -> bytes:
    """The first bytes of a file of `size` bytes and so many seconds, with its length written where it belongs.

    Only WAV and FLAC have such a place; other files pass as they are.
    """
    if container == "wav" and head[:4] == b"RIFF":
        return _wav(head, size)
    if container == "flac" and head[:4] == b"fLaC":
        return _flac(head, seconds)
    return head


def _wav(head: bytes, size: int) -> bytes:
    at = 12
    while head[at : at + 4] != b"data":
        if at + 8 > len(head):
            return head
        chunk = struct.unpack_from("<I", head, at + 4)[0]
        at += 8 + chunk + chunk % 2
    data = struct.pack("<I", size - at - 8)
    return head[:4] + struct.pack("<I", size - 8) + head[8 : at + 4] + data + head[at + 8 :]


def _flac(head: bytes, seconds: float) -> bytes:
    packed = struct.unpack_from(">Q", head, _FLAC_COUNT)[0]
    rate, samples = packed >> 44, seconds * (packed >> 44)
    if packed % 2**_SAMPLES_BITS or abs(samples - round(samples)) > 1e-3 or not rate:
        return head  # known already, or resampled to a number that only the encoder knew
    return head[:_FLAC_COUNT] + struct.pack(">Q", packed | round(samples)) + head[_FLAC_COUNT + 8 :]
