"""The decoding loop: scores, choice, next step, until the utterance ends.

Legend: B batch, V codes and the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from yinse.engine.models.semantic.s1.model import S1Model
from yinse.engine.models.semantic.s1.sampling import SamplingControls, draw, penalise, probabilities
from yinse.engine.models.semantic.s1.state import S1Input

ROOM = 256
"""Positions by which the state grows when it is full: 10 s of speech."""


@dataclass(frozen=True, slots=True)
class StopRule:
    """When an utterance may and must end. The defaults are the published ones."""

    shortest: int = 11
    """Tokens before the end may be chosen."""
    longest: int = 1500
    """Tokens after which decoding stops: 60 s."""
    by_likeliest: bool = True
    """Also end when the end is the likeliest token, though another was drawn."""


class TokenPicker:
    """Chooses the tokens of one utterance; owns what was used and the source of chance."""

    def __init__(
        self,
        prompt_P: Tensor,
        codes: int,
        controls: SamplingControls,
        rule: StopRule,
        generator: torch.Generator | None = None,
    ) -> None:
        self._controls, self._rule, self._generator = controls, rule, generator
        self._end, self._count = codes, 0
        self._used_V = torch.zeros(codes + 1, dtype=torch.bool, device=prompt_P.device)
        self._used_V[prompt_P] = True

    def pick(self, logits_V: Tensor) -> int | None:
        """The next token, or None when the utterance is over.

        While the end is not allowed its score is cut off, not masked: as many numbers are drawn as in the published
        loop, so that equal seeds give equal tokens.
        """
        if self._count >= self._rule.longest:
            return None
        logits_V = penalise(logits_V, self._used_V, self._controls.repetition_penalty)
        if self._count < self._rule.shortest:
            logits_V = logits_V[: self._end]
        token = int(draw(probabilities(logits_V, self._controls), self._generator))
        if token == self._end or (self._rule.by_likeliest and int(logits_V.argmax()) == self._end):
            return None
        self._count += 1
        self._used_V[token] = True
        return token


@torch.inference_mode()
def decode(model: S1Model, one: S1Input, picker: TokenPicker) -> Iterator[int]:
    """Tokens of one utterance, as they are chosen."""
    logits, state = model.prefill([one], ROOM)
    while (token := picker.pick(logits[0])) is not None:
        yield token
        if state.length == state.capacity:
            state = state.with_room(ROOM)
        logits, state = model.step(torch.tensor([token], device=logits.device), state)


@torch.inference_mode()
def decode_batch(
    model: S1Model, inputs: Sequence[S1Input], pickers: Sequence[TokenPicker]
) -> list[list[int]]:
    """Tokens of several utterances at once; a finished one leaves the batch."""
    found: list[list[int]] = [[] for _ in inputs]
    logits, state = model.prefill(inputs, ROOM)
    active = list(range(len(inputs)))
    while active:
        picked = [pickers[row].pick(logits[index]) for index, row in enumerate(active)]
        kept = [index for index, token in enumerate(picked) if token is not None]
        if not kept:
            break
        if len(kept) < len(active):
            state, active = state.rows(kept), [active[index] for index in kept]
        tokens = [token for token in picked if token is not None]
        for row, token in zip(active, tokens, strict=True):
            found[row].append(token)
        if state.length == state.capacity:
            state = state.with_room(ROOM)
        logits, state = model.step(torch.tensor(tokens, device=logits.device), state)
    return found
