"""An honest fake engine: it opens real sealed material, keeps real deadlines and speaks tones, not words.

For tests and for developing against the API without weights. A "voice" is the pitch of its recordings, so
that one voice in another's mouth is audible and measurable; "words" are read from a `said` chunk that tests
put into their WAV files. Everything else (keys, storage, caches, cancellation, capacity) is as in earnest.
"""

import asyncio
import hashlib
import io
import json
import wave
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from yinse.contracts.enrolment import (
    Accepted,
    Adapted,
    AdaptRequest,
    ConsentCheck,
    ConsentDoubt,
    ConsentMatch,
    EnrolmentRequest,
    Examination,
    Progress,
    ReferenceRequest,
    Rejected,
    Reselected,
    TrainingEvent,
)
from yinse.contracts.errors import AudioUnreadable, InvalidInput
from yinse.contracts.refusals import AtCapacity
from yinse.contracts.speech import (
    PRESET,
    AudioChunk,
    Failed,
    Finished,
    PhonemeTiming,
    SealedVoice,
    SpeechEvent,
    SynthesisRequest,
    Timings,
)
from yinse.contracts.storage import BlobStore
from yinse.serving.cache import VoiceCache
from yinse.serving.material import MaterialReader, one_chunk
from yinse.vault.keyring import Keyring

RATE = 24000
_HEARD_RATE = 16000
_CHARACTER_SECONDS = 0.06
_GROUP = 5
_SHORTEST_SECONDS = 1.0


def tone(pitch: float, seconds: float, *, phase: float = 0.0, rate: int = RATE) -> bytes:
    """A sine of `pitch` Hz as mono s16le."""
    times = np.arange(round(seconds * rate)) / rate
    return _pcm(0.4 * np.sin(2 * np.pi * pitch * times + phase))


def recording(pitch: float, seconds: float, *, said: str = "", rate: int = RATE) -> bytes:
    """A WAV file of a "speaker" with this pitch who says these words."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(tone(pitch, seconds, rate=rate))
    words = said.encode()
    return buffer.getvalue() + b"said" + len(words).to_bytes(4, "little") + words


def pitch_of(pcm: bytes, rate: int = RATE) -> float:
    """Strongest frequency of mono s16le audio, in Hz."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def _pcm(samples: npt.NDArray[np.float64]) -> bytes:
    return bytes(np.round(samples * 32767).astype("<i2").tobytes())


def _decode(audio: bytes) -> tuple[bytes, int]:
    try:
        with wave.open(io.BytesIO(audio)) as file:
            return file.readframes(file.getnframes()), file.getframerate()
    except (wave.Error, EOFError) as error:
        raise AudioUnreadable("These bytes are not a recording we can decode.") from error


def _said(audio: bytes) -> str:
    _, _, words = audio.rpartition(b"said")
    return words[4:].decode(errors="replace")


class FakeSpeech:
    """Speaks 60 ms of the voice's tone for each character."""

    def __init__(self, blobs: BlobStore, keyring: Keyring, *, slots: int = 32, pace: float = 0.0) -> None:
        """`pace` is the seconds of work for one chunk; `slots` the streams that run at once."""
        self._material, self.prompts = MaterialReader(blobs, keyring), VoiceCache[bytes](64 * 1024 * 1024)
        self._slots, self._pace = slots, pace
        self._open: dict[str, set[asyncio.Event]] = {}

    async def stream(self, request: SynthesisRequest) -> AsyncIterator[SpeechEvent]:
        """Yield timings and chunks, five characters at a time."""
        with self._slot(request.voice.voice_id) as stopped:
            prompt = json.loads(await self.prompts.get(request.voice, lambda: self._opened(request.voice)))
            pitch = prompt["pitch"] * (1.02 if "adapter" in request.voice.objects else 1.0)
            seed = request.controls.seed if request.controls.seed is not None else 20261123
            length = _CHARACTER_SECONDS / request.controls.speed
            seconds = 0.0
            for index, start in enumerate(range(0, len(request.text), _GROUP)):
                await asyncio.sleep(self._pace)
                if stopped.is_set():
                    yield Failed("voice_gone", "This voice was deleted or revoked while it spoke.")
                    return
                group = request.text[start : start + _GROUP]
                yield Timings(_timings(group, start, seconds, length))
                chunk = AudioChunk(index, _speak(group, pitch, seed, index, length), RATE)
                seconds += chunk.seconds
                yield chunk
            yield Finished(seconds, seed, score=1.0)

    async def forget(self, voice_id: str) -> None:
        """Drop the cached prompt and stop what speaks."""
        self.prompts.forget(voice_id)
        for event in self._open.get(voice_id, ()):
            event.set()

    async def ready(self) -> bool:
        """Tell whether a slot is free."""
        return self._busy < self._slots

    def gauges(self) -> Mapping[str, float]:
        """Slots and cache."""
        return {"streams": self._busy, "slots": self._slots, "cache_bytes": self.prompts.size}

    async def close(self) -> None:
        """Nothing outlives a request here."""

    async def _opened(self, voice: SealedVoice) -> tuple[bytes, int]:
        prompt = voice.objects.get("prompt")
        if prompt is not None and prompt.kind == PRESET:
            plain = json.dumps({"pitch": 300.0 + 10 * len(prompt.object_id)}).encode()
        else:
            plain = await self._material.read(voice, "prompt")
        return plain, len(plain)

    @property
    def _busy(self) -> int:
        return sum(len(events) for events in self._open.values())

    @contextmanager
    def _slot(self, voice_id: str) -> Any:
        if self._busy >= self._slots:
            raise AtCapacity("Every voice slot is busy.", retry_after=1)
        stopped = asyncio.Event()
        self._open.setdefault(voice_id, set()).add(stopped)
        try:
            yield stopped
        finally:
            self._open[voice_id].discard(stopped)
            if not self._open[voice_id]:
                del self._open[voice_id]


def _speak(group: str, pitch: float, seed: int, index: int, length: float) -> bytes:
    digest = hashlib.sha256(f"{seed}|{index}|{group}".encode()).digest()
    return tone(pitch, len(group) * length, phase=digest[0] / 256)


def _timings(group: str, start: int, seconds: float, length: float) -> tuple[PhonemeTiming, ...]:
    return tuple(
        PhonemeTiming(
            symbol=character,
            text_start=start + offset,
            text_end=start + offset + 1,
            start=round(seconds + offset * length, 6),
            end=round(seconds + (offset + 1) * length, 6),
            viseme="aa",
        )
        for offset, character in enumerate(group)
        if not character.isspace()
    )


class FakeEnrolment:
    """Hears the pitch; wants a second of it, in recordings that are not silent."""

    def __init__(self, blobs: BlobStore, keyring: Keyring) -> None:
        self._blobs, self._keyring = blobs, keyring
        self._material = MaterialReader(blobs, keyring)

    async def examine(self, request: EnrolmentRequest) -> Examination:
        """Judge by length, and write the pitch as the prompt."""
        pitches, seconds = [], []
        for ref in request.recordings:
            try:
                pcm, rate = _decode(await self._material.fetch(request.voice, ref))
            except AudioUnreadable as error:
                error.recording = ref.object_id
                raise
            sounds = any(pcm)
            seconds.append(len(pcm) / 2 / rate if sounds else 0.0)
            if sounds:
                pitches.append(pitch_of(pcm, rate))
        own = [_report(sum(seconds) if one else 0.0) for one in seconds]
        report = {**_report(sum(seconds)), "recordings": own}
        if not report["can_clone"]:
            return Rejected("There is too little speech.", report)
        prompt = json.dumps({"pitch": float(np.median(pitches))}).encode()
        chain = request.voice.keys
        size = await self._keyring.put(self._blobs, chain, request.prompt, one_chunk(prompt))
        return Accepted(request.prompt, size, report)

    async def verify_consent(self, check: ConsentCheck) -> ConsentMatch:
        """Compare the `said` words with the phrase, and the pitches."""
        audio = await self._material.fetch(check.voice, check.recording)
        pcm, rate = _decode(audio)
        distance = edit_distance(_said(audio), check.phrase)
        similarity = 1.0
        for ref in check.samples:
            sample, sample_rate = _decode(await self._material.fetch(check.voice, ref))
            one, other = sorted((pitch_of(pcm, rate), pitch_of(sample, sample_rate)))
            similarity = min(similarity, one / other)
        doubts = []
        if distance > 0.2:
            doubts.append(ConsentDoubt.SENTENCE)
        if similarity < 0.9:
            doubts.append(ConsentDoubt.SPEAKER)
        chance = 0.0 if distance <= 0.2 else 1.0
        return ConsentMatch(not doubts, round(distance, 4), round(similarity, 4), tuple(doubts), chance)

    async def reselect(self, request: ReferenceRequest) -> Reselected:
        """Find that another reference is a tenth higher, and better."""
        plain = json.loads(await self._material.read(request.voice, "prompt"))
        prompt = json.dumps({"pitch": plain["pitch"] * 1.1}).encode()
        chain = request.voice.keys
        size = await self._keyring.put(self._blobs, chain, request.prompt, one_chunk(prompt))
        return Reselected(improved=True, before=0.6, after=0.7, size=size)

    async def embed(self, stretches: Sequence[bytes]) -> Sequence[Sequence[float]]:
        """The pitch as a direction: an octave is half a turn."""
        turns = [np.pi * np.log2(pitch_of(one, _HEARD_RATE)) for one in stretches]
        return [(float(np.cos(turn)), float(np.sin(turn))) for turn in turns]


def edit_distance(said: str, wanted: str) -> float:
    """Levenshtein distance over the longer length, 0..1."""
    row = list(range(len(wanted) + 1))
    for i, a in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(wanted, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1] / max(len(said), len(wanted), 1)


def _report(seconds: float) -> dict[str, Any]:
    enough = seconds >= _SHORTEST_SECONDS
    advice = {"zh": "请再读两句。", "en": "Read two more sentences.", "ja": "もう二文読んでください。"}
    return {
        "grade": "good" if enough else "bad",
        "score": min(1.0, seconds / 60),
        "can_clone": enough,
        "net_speech_s": round(seconds, 3),
        "checks": [
            {
                "id": "net_speech",
                "value": round(seconds, 3),
                "unit": "s",
                "status": "good" if enough else "fail",
                "spans": [],
                "advice": {} if enough else advice,
            }
        ],
        "best_segments": [],
    }


class FakeTraining:
    """Adapts in as many steps as asked, and improves."""

    def __init__(self, blobs: BlobStore, keyring: Keyring, *, pace: float = 0.0) -> None:
        self._blobs, self._keyring, self._pace = blobs, keyring, pace

    async def adapt(self, request: AdaptRequest) -> AsyncGenerator[TrainingEvent, None]:
        """Yield progress ten times, write an adapter, and report better likeness."""
        for tenth in range(10):
            await asyncio.sleep(self._pace)
            yield Progress(tenth / 10)
        chain = request.voice.keys
        size = await self._keyring.put(self._blobs, chain, request.adapter, one_chunk(b"adapter weights"))
        yield Adapted(improved=True, before=0.71, after=0.78, size=size)


class FakeCoachSession:
    """One take: how loud, how long."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._samples = 0
        self._peak = 0

    async def feed(self, pcm: bytes) -> None:
        """Take more samples."""
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2")
        self._samples += len(samples)
        if len(samples):
            self._peak = max(self._peak, int(np.abs(samples.astype(np.int32)).max()))

    async def report(self) -> Mapping[str, Any]:
        """Level and progress to a minute."""
        seconds = self._samples / self._rate
        level = 20 * np.log10(max(self._peak, 1) / 32767)
        return {
            **_report(seconds),
            "seconds": round(seconds, 3),
            "progress": min(1.0, seconds / 60),
            "level_db": round(float(level), 1),
            "clipping": bool(self._peak >= 32700),
        }

    async def finish(self) -> Mapping[str, Any]:
        """The same of all of it."""
        return await self.report()

    async def close(self) -> None:
        """Nothing is held."""


class FakeCoach:
    """Opens takes."""

    def open(self, rate: int, language: str) -> FakeCoachSession:
        """Start a take."""
        if not 8000 <= rate <= 192_000:
            raise InvalidInput(f"A recording at {rate} Hz cannot be judged; use 8000 to 192000 Hz.")
        if language not in ("zh", "en", "ja"):
            raise InvalidInput(f"There is no guidance in {language!r}; choose zh, en or ja.")
        return FakeCoachSession(rate)

    def sentences(self, language: str) -> tuple[str, ...]:
        """Three sentences."""
        return {
            "zh": ("今天天气很好。", "我们去公园散步吧。", "晚上一起吃饭。"),
            "en": ("The weather is fine today.", "Let us walk in the park.", "We dine together tonight."),
            "ja": ("今日はいい天気です。", "公園を散歩しましょう。", "夜は一緒に食べましょう。"),
        }.get(language, ())
