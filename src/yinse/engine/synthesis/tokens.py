"""Phonemes to semantic tokens, one at a time, each with the phoneme it speaks."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from yinse.engine.models.semantic.monotonic.model import MonotonicGpt, ages
from yinse.engine.models.semantic.monotonic.state import DecodeState
from yinse.engine.synthesis.options import SamplingOptions
from yinse.engine.synthesis.sampler import draw, draw_step
from yinse.engine.text.inventory import (
    EOS,
    SILENCE,
    SYMBOL_IDS,
    SYMBOLS,
    is_spoken,
    is_voiced,
    is_vowel,
    language_of,
)
from yinse.engine.voice.prompt import PromptUtterance

LONGEST_SOUND: Final = {
    ("zh", False): 8, ("zh", True): 13, ("en", False): 7, ("en", True): 10, ("ja", False): 4, ("ja", True): 6,
}  # fmt: skip
"""Token frames (40 ms) after which a consonant (False) or a vowel (True) must end: longer than 97 of 100 in recordings.
What lasts longer there is mostly a pause that the alignment did not see, and must not be learnt from."""
SHORTEST_LAST: Final = {
    ("zh", False): 1, ("zh", True): 4, ("en", False): 2, ("en", True): 3, ("ja", False): 1, ("ja", True): 2,
}  # fmt: skip
"""Token frames that the last sound before a mark lasts at least, drawn frame by frame though it is: the first quartile of
recordings in whole frames (Chinese 0.16 s, n 100; English 0.11 s, n 32, consonants 0.08 s, n 125; OpenJTalk 0.06 s, n 45)."""
LONGEST_FIRST: Final = 8
"""The same for the first sound of a segment: nobody waits for speech to begin."""
LONGEST_MARK: Final = 15
"""A pause of 0.6 s: a longer one is asked for with `<break>`."""
MORE_REST: Final = 5
"""Frames that the silence at the closing mark may last beyond what was asked for."""
LONGEST_QUIET: Final = {SILENCE: 4, "-": 6, ",": 9}
"""Frames of silence at a mark, the silence in the sounds beside it included; `LONGEST_MARK` at any other."""
LONGEST_CLOSURE: Final = 5
"""Frames of silence within a sound: the closure of a stop or of a geminate."""
REPEAT_WINDOW: Final = 12


@dataclass(frozen=True, slots=True)
class SpokenToken:
    """One token of 40 ms, and the index of its phoneme in the segment."""

    token: int
    phoneme: int


@dataclass(frozen=True, slots=True)
class Prefix:
    """What was said before: symbols, pointers and tokens of the prompt (and of the segment before).

    `duration_bias` is added to the logit of staying on a sound for another frame: above zero, what follows is slower.
    """

    symbols: tuple[int, ...]
    pointer: tuple[int, ...]
    tokens: tuple[int, ...]
    duration_bias: float = 0.0


def prefix_of(utterances: Sequence[PromptUtterance], duration_bias: float = 0.0) -> Prefix:
    """Utterances in a row."""
    symbols: list[int] = []
    pointer: list[int] = []
    tokens: list[int] = []
    for utterance in utterances:
        pointer += [place + len(symbols) for place in utterance.pointer]
        symbols += utterance.symbols
        tokens += utterance.tokens
    return Prefix(tuple(symbols), tuple(pointer), tuple(tokens), duration_bias)


def room_for(phonemes: list[int], rest: int = 0) -> int:
    """Frames that the phonemes can take at most, with a closing mark of at least `rest` frames."""
    return sum(_longest(phonemes, place, rest) for place in range(len(phonemes))) + 1


def _longest(phonemes: list[int], place: int, rest: int) -> int:
    """Most frames of the phoneme at `place`."""
    symbol = SYMBOLS[phonemes[place]]
    language = language_of(symbol)
    if language is None:
        return rest + MORE_REST if rest and place == len(phonemes) - 1 else LONGEST_MARK
    longest = LONGEST_SOUND[language, is_vowel(symbol)]
    begun = any(is_spoken(SYMBOLS[phoneme]) for phoneme in phonemes[:place])
    return longest if begun else min(longest, LONGEST_FIRST)


@torch.inference_mode()
def generate(
    model: MonotonicGpt,
    prefix: Prefix,
    phonemes: list[int],
    options: SamplingOptions,
    generator: torch.Generator,
    *,
    rest: int = 0,
) -> Iterator[SpokenToken]:
    """Walk the phonemes and yield a token a frame until the pointer reaches the end symbol.

    The last phoneme is a mark; the silence at it lasts at least `rest` frames.
    """
    first = len(prefix.symbols)
    state = _start(model, prefix, phonemes, room_for(phonemes, rest))
    spoken: list[int] = []
    quiet = _Quiet(model.config.silent, phonemes, rest)
    while True:
        hidden, step_logits = model.step(state)
        place = state.pointer - first
        bias = prefix.duration_bias if place >= 0 and is_spoken(SYMBOLS[phonemes[place]]) else 0.0
        step = _step(step_logits, place, state.age, phonemes, options, generator, rest=rest, bias=bias)
        if not step and quiet.overlong_mark(place):
            step = 1
        held = step > 0 and place >= 0 and quiet.unfinished(place, state.age)
        step = 0 if held else step
        if state.pointer + step >= first + len(phonemes):
            return
        state.age = 0 if step else state.age + 1
        state.pointer += step
        logits = model.token_logits(hidden, state, state.pointer)
        logits = quiet.bounded(logits, state.pointer - first, state.age, held=held)
        state.token = draw(logits, options, spoken[-REPEAT_WINDOW:], generator)
        quiet.heard(state.token, state.pointer - first)
        spoken.append(state.token)
        yield SpokenToken(state.token, state.pointer - first)


class _Quiet:
    """Counts frames of silence in a row, and ends them when they are more than a mark or a closure asks for.

    Recordings pause inside a sound where an aligner did not see the pause; a voice must not learn that from them. And a
    vowel is heard: after one frame its silence ends, and it is not left before it has sounded.
    """

    def __init__(self, silent: tuple[int, ...], phonemes: list[int], rest: int) -> None:
        self._silent, self._ids = frozenset(silent), torch.tensor(silent, dtype=torch.int64)
        self._symbols = [SYMBOLS[phoneme] for phoneme in phonemes]
        self._shortest = [_shortest(self._symbols, place, rest) for place in range(len(phonemes))]
        self._frames, self._asked = 0, LONGEST_CLOSURE
        self._place, self._sounded = 0, 0

    def overlong_mark(self, place: int) -> bool:
        """Whether the pointer has stood long enough on the mark at `place`."""
        return not is_spoken(self._symbols[place]) and self._frames >= self._allowed(place)

    def unfinished(self, place: int, age: int) -> bool:
        """Whether the phoneme at `place` must go on: a vowel until it was heard long enough, others by their age."""
        lasted = self._sounded if is_voiced(self._symbols[place]) else age + 1
        return lasted < self._shortest[place]

    def bounded(self, logits_V: torch.Tensor, place: int, age: int, *, held: bool) -> torch.Tensor:
        """No silence where a sound had enough of it, and nothing else where a mark is `held`."""
        if not self._silent:
            return logits_V
        ids = self._ids.to(logits_V.device)
        if is_spoken(self._symbols[place]):
            late = age > 0 and is_voiced(self._symbols[place]) and self.unfinished(place, age)
            enough = late or self._frames >= self._allowed(place)
            return logits_V.index_fill(0, ids, -math.inf) if enough else logits_V
        return torch.full_like(logits_V, -math.inf).index_copy(0, ids, logits_V[ids]) if held else logits_V

    def heard(self, token: int, place: int) -> None:
        """Count."""
        if place != self._place:
            self._place, self._sounded = place, 0
        if token in self._silent:
            self._frames += 1
        else:
            self._frames, self._asked = 0, LONGEST_CLOSURE
            self._sounded += 1

    def _allowed(self, place: int) -> int:
        """What the marks of this silence ask for, and the sound after them."""
        symbol = self._symbols[place]
        if not is_spoken(symbol):
            self._asked = max(self._asked, LONGEST_QUIET.get(symbol, LONGEST_MARK))
        return self._asked


def _start(model: MonotonicGpt, prefix: Prefix, phonemes: list[int], room: int) -> DecodeState:
    symbols = torch.tensor([[*prefix.symbols, *phonemes, SYMBOL_IDS[EOS]]])
    pointer = torch.tensor(prefix.pointer, dtype=torch.int64)
    age = ages(pointer[None])[0] if len(pointer) else pointer
    tokens = torch.tensor(prefix.tokens, dtype=torch.int64)
    return model.start(symbols, tokens, pointer, age, room)


def _step(
    logits_A: torch.Tensor,
    place: int,
    age: int,
    phonemes: list[int],
    options: SamplingOptions,
    generator: torch.Generator,
    *,
    rest: int,
    bias: float,
) -> int:
    """How far to move from phoneme `place`: off the prompt at once, never past a sound, on when it is overlong."""
    if place < 0:
        return -place
    largest = min(len(logits_A) - 1, _next_sound(phonemes, place))
    step = draw_step(logits_A, options.step_temperature, largest, generator, duration_bias=bias)
    if rest and place + step >= len(phonemes):
        # No further than onto the closing mark, unless it stands there.
        step = max(len(phonemes) - 1 - place, 1)
    overlong = age + 1 >= _longest(phonemes, place, rest)
    return max(step, 1) if overlong else step


def _next_sound(phonemes: list[int], index: int) -> int:
    """Distance to the next phoneme that must be heard, or to the end; marks may be passed over."""
    for distance, phoneme in enumerate(phonemes[index + 1 :], 1):
        if is_spoken(SYMBOLS[phoneme]):
            return distance
    return len(phonemes) - index


def _shortest(symbols: list[str], place: int, rest: int) -> int:
    """Fewest frames of the phoneme at `place`, if it is passed through at all."""
    symbol = symbols[place]
    language = language_of(symbol)
    if language is None:
        return rest if place == len(symbols) - 1 else 1
    if any(is_spoken(following) for following in symbols[place + 1 : place + 2]):
        return 1
    return SHORTEST_LAST[language, is_voiced(symbol)]
