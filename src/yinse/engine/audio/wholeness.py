"""Does the file hold all the bytes its own container promises? Decoders play half a file without a word.

A recording cut off in an upload decodes to plausible audio that merely ends early. Each container says, in
its own way, how long it is; these functions read only those promises, never the sound:

| container | promise | source |
|---|---|---|
| WAV, RF64, AIFF | size of each chunk | Microsoft RIFF, EBU Tech 3306, Apple AIFF 1.3 |
| MP4, M4A, MOV | size of each box, and that an index (`moov`) exists | ISO/IEC 14496-12, 4.2 |
| Ogg | the last page carries the end-of-stream flag | RFC 3533, 6 |
| WebM, Matroska | size of each element | RFC 8794, 4-6 |
| MP3 | byte count of the Xing/Info header, else length of the last frame | ISO/IEC 11172-3, 2.4 |

FLAC and ADTS need no help: their decoders notice a broken last frame. A live WebM or headerless MP3 cut
exactly between two frames is indistinguishable from a shorter recording.
"""

from collections.abc import Callable
from typing import BinaryIO

from yinse.contracts.errors import AudioUnreadable

_UNKNOWN_WAV_LENGTH = 0x7FFFF000
"""From here on a length stands for none: what sox (this), arecord (2 GiB) and FFmpeg (all ones) write into a pipe."""
_OGG_TAIL = 128 * 1024
_OGG_HEADER = 27
_OGG_END_OF_STREAM = 0x04
_EBML_ENTER = frozenset({b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"})  # Segment, Cluster
_MP3_KBPS = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1, layer III
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5, layer III
}
_MP3_RATES = (44100, 48000, 32000)
_MP3_BUFFER = 1 << 20


def require_whole(file: BinaryIO, size: int) -> None:
    """Raise `AudioUnreadable` (`audio_truncated`) if the container promises more than `size` bytes hold."""
    judge = _judge_of(_peek(file, 0, 12))
    if judge is not None and not judge(file, size):
        raise AudioUnreadable(
            "The recording is cut off: the file ends before its own length. Upload or copy it again.",
            code="audio_truncated",
        )


def _judge_of(head: bytes) -> Callable[[BinaryIO, int], bool] | None:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return _riff_is_whole
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _aiff_is_whole
    if head[4:8] == b"ftyp":
        return _mp4_is_whole
    if head[:4] == b"OggS":
        return _ogg_is_whole
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return _ebml_is_whole
    if head[:3] == b"ID3" or _mp3_frame(head[:4]) is not None:
        return _mp3_is_whole
    return None


def _peek(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(offset)
    return file.read(count)


def _riff_is_whole(file: BinaryIO, size: int) -> bool:
    position, long_data = 12, None
    while len(header := _peek(file, position, 8)) == 8:
        name, length = header[:4], int.from_bytes(header[4:], "little")
        if name == b"ds64":
            long_data = int.from_bytes(_peek(file, position + 16, 8), "little")
        if name == b"data":
            if length == 0xFFFFFFFF and long_data is not None:
                length = long_data
            streaming = long_data is None and (length == 0 or length >= _UNKNOWN_WAV_LENGTH)
            return streaming or position + 8 + length <= size
        position += 8 + length + length % 2
    return False


def _aiff_is_whole(file: BinaryIO, size: int) -> bool:
    position = 12
    while len(header := _peek(file, position, 8)) == 8:
        position += 8 + int.from_bytes(header[4:], "big")
        if header[:4] == b"SSND":
            return position <= size
        position += position % 2
    return False


def _mp4_is_whole(file: BinaryIO, size: int) -> bool:
    position, indexed = 0, False
    while position < size:
        header = _peek(file, position, 16)
        if len(header) < 8:
            return False
        length = int.from_bytes(header[:4], "big")
        if length == 1 and len(header) == 16:
            length = int.from_bytes(header[8:], "big")
        indexed = indexed or header[4:8] == b"moov"
        if length == 0:
            break
        position += max(length, 8)
    return indexed and position <= size


def _ogg_is_whole(file: BinaryIO, size: int) -> bool:
    start = max(0, size - _OGG_TAIL)
    tail = _peek(file, start, _OGG_TAIL)
    page = tail.rfind(b"OggS")
    if page < 0 or len(tail) < page + _OGG_HEADER:
        return False
    lacing = tail[page + _OGG_HEADER : page + _OGG_HEADER + tail[page + 26]]
    complete = page + _OGG_HEADER + tail[page + 26] + sum(lacing) <= len(tail)
    return complete and bool(tail[page + 5] & _OGG_END_OF_STREAM)


def _ebml_is_whole(file: BinaryIO, size: int) -> bool:
    position = 0
    while position < size:
        header = _peek(file, position, 12)
        id_length = _vint_length(header[0])
        if id_length > 4:
            return True  # not an element: padding after the end; the demuxer judges
        if len(header) <= id_length or len(header) < id_length + (n := _vint_length(header[id_length])):
            return False
        raw = int.from_bytes(header[id_length : id_length + n], "big")
        length = raw & ((1 << 7 * n) - 1)
        unknown = length == (1 << 7 * n) - 1
        position += id_length + n
        if unknown and header[:id_length] in _EBML_ENTER:
            continue
        position += length
    return position <= size


def _vint_length(first: int) -> int:
    return 9 - first.bit_length()


def _mp3_is_whole(file: BinaryIO, size: int) -> bool:
    start = _after_id3(file)
    head = _peek(file, start, 192)
    frame = _mp3_frame(head[:4])
    if frame is None:
        return True  # junk before the first frame: the demuxer searches for it
    promised = _xing_bytes(head)
    if promised is not None:
        return start + promised <= size
    return _mp3_frames_fit(file, start, size)


def _after_id3(file: BinaryIO) -> int:
    head = _peek(file, 0, 10)
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    footer = 10 if head[5] & 0x10 else 0
    length = 0
    for byte in head[6:]:
        length = length << 7 | byte & 0x7F
    return 10 + footer + length


def _xing_bytes(head: bytes) -> int | None:
    offset = max(head.find(b"Xing"), head.find(b"Info"))
    if offset < 0 or offset > 40:
        return None
    flags = int.from_bytes(head[offset + 4 : offset + 8], "big")
    if not flags & 2:
        return None
    field = offset + 8 + (4 if flags & 1 else 0)
    return int.from_bytes(head[field : field + 4], "big")


def _mp3_frame(header: bytes) -> int | None:
    """Length in bytes of the layer III frame that begins with these four bytes, None if they begin none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, kbps, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or kbps in (0, 15) or rate == 3:
        return None
    hertz = _MP3_RATES[rate] >> (0, 0, 1, 0)[version] if version else _MP3_RATES[rate] >> 2
    samples_over_8 = 144 if version == 3 else 72
    bits = _MP3_KBPS[3 if version == 3 else 2][kbps] * 1000
    return samples_over_8 * bits // hertz + (header[2] >> 1 & 1)


def _mp3_frames_fit(file: BinaryIO, start: int, size: int) -> bool:
    """Follow the chain of frames to its end: whole if the last one ends within the file."""
    position, base, buffer = start, 0, b""
    while position < size:
        if not base <= position <= base + len(buffer) - 4:
            base, buffer = position, _peek(file, position, _MP3_BUFFER)
        length = _mp3_frame(buffer[position - base : position - base + 4])
        if length is None:
            return True  # a tag or padding follows the last frame
        position += length
    return position <= size
