"""Make the graphone model small: drop the n-grams that tell little more than their shorter histories do.

Relative entropy pruning (Stolcke, "Entropy-based pruning of backoff language models", 1998), on the trie itself. How
often a history occurs is taken from the bigrams' stationary distribution, since the lower orders of a Kneser-Ney model
count kinds of contexts, not occurrences. Development only; `train_graphones.py` calls it.
"""

from array import array
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from yinse.engine.text.en.graphones import END, PROBABILITY_STEP, START, Level

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
_STATIONARY_ROUNDS: Final = 60
_SHORTEST_PRUNED: Final = 3
"""N-grams of fewer tokens than this all stay."""


@dataclass(frozen=True, slots=True)
class _Order:
    """One level as arrays over its N nodes. `parent` and `suffix` are nodes of the level above (-1: there is none).

    The suffix of an n-gram is the same without its first token.
    """

    tokens: Ints
    parent: Ints
    suffix: Ints
    probability: Floats
    backoff: Floats
    """Weight of the lower order after this n-gram as a history."""


def prune(levels: list[Level], threshold: float) -> list[Level]:
    """Drop n-grams whose loss raises the relative entropy by less than `threshold` nats a token; keep the rest's sums."""
    orders = _unpack(levels)
    frequency = _frequencies(orders)
    kept = [np.ones(len(order.tokens), bool) for order in orders]
    backoffs = [order.backoff.copy() for order in orders]
    for index in range(len(orders) - 1, _SHORTEST_PRUNED - 2, -1):
        order, lower = orders[index], _lower(orders, index)
        gain = np.log(order.probability / np.maximum(orders[index - 1].backoff[order.parent] * lower, 1e-12))
        has_child = np.zeros(len(order.tokens), bool)
        if index + 1 < len(orders):
            has_child[orders[index + 1].parent[kept[index + 1]]] = True
        kept[index] = has_child | (frequency[index] * gain > threshold) | (order.suffix < 0)
        backoffs[index - 1] = _rebalanced(orders, index, lower, kept[index])
    return _pack(levels, orders, kept, backoffs)


def _unpack(levels: list[Level]) -> list[_Order]:
    orders: list[_Order] = []
    for index, level in enumerate(levels):
        tokens = np.asarray(level.tokens, np.int64)
        parent, suffix = np.zeros(len(tokens), np.int64), np.zeros(len(tokens), np.int64)
        if index:
            parent = np.repeat(np.arange(len(orders[-1].tokens)), np.diff(levels[index - 1].first))
            suffix = tokens if index == 1 else _find(orders[-1], orders[-1].suffix[parent], tokens)
        probability, backoff = (
            np.exp(-PROBABILITY_STEP * packed) for packed in (level.scores, level.backoffs)
        )
        orders.append(_Order(tokens, parent, suffix, probability, backoff))
    return orders


def _find(order: _Order, parents: Ints, tokens: Ints) -> Ints:
    """The nodes of `order` with these parents and tokens, -1 where there is none."""
    keys = order.parent << 16 | order.tokens
    wanted = parents << 16 | tokens
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where((parents >= 0) & (keys[place] == wanted), place, -1)


def _frequencies(orders: list[_Order]) -> list[Floats]:
    """How often each n-gram occurs, as a share of all tokens."""
    unigram = orders[0].probability * (orders[0].tokens != START)
    unigram /= unigram.sum()
    transition = orders[0].backoff[:, None] * unigram
    transition[orders[1].parent, orders[1].tokens] = orders[1].probability
    transition[:, START] = 0.0
    transition[END] = np.arange(len(unigram)) == START
    transition /= transition.sum(axis=1, keepdims=True)
    share = unigram
    for _ in range(_STATIONARY_ROUNDS):
        share = 0.5 * (share + share @ transition)
    frequencies = [share]
    for order in orders[1:]:
        frequencies.append(frequencies[-1][order.parent] * order.probability)
    return frequencies


def _lower(orders: list[_Order], index: int) -> Floats:
    """What the suffix of each n-gram gives its last token."""
    suffix = orders[index].suffix
    lower: Floats = np.where(suffix < 0, 0.0, orders[index - 1].probability[suffix])
    return lower


def _rebalanced(orders: list[_Order], index: int, lower: Floats, kept: npt.NDArray[np.bool_]) -> Floats:
    """Back-off weights of the histories such that the probabilities that remain and the lower order's sum to one."""
    order, histories = orders[index], orders[index - 1]
    size = len(histories.tokens)
    all_lower, kept_lower, dropped = (
        np.bincount(order.parent, masses, size) for masses in (lower, lower * kept, order.probability * ~kept)
    )
    free = histories.backoff * np.maximum(1.0 - all_lower, 1e-5) + dropped
    weights: Floats = np.minimum(free / np.maximum(1.0 - kept_lower, 1e-5), 1.0)
    return weights


def _pack(
    levels: list[Level], orders: list[_Order], kept: list[npt.NDArray[np.bool_]], backoffs: list[Floats]
) -> list[Level]:
    packed = []
    for index, (level, order, keep) in enumerate(zip(levels, orders, kept, strict=True)):
        children = np.zeros(len(order.tokens), np.int64)
        if index + 1 < len(orders):
            children = np.bincount(orders[index + 1].parent[kept[index + 1]], minlength=len(order.tokens))
        first = array("I", [0, *np.cumsum(children[keep]).tolist()])
        tokens = array("H", order.tokens[keep].tolist())
        weights = np.clip(np.rint(-np.log(np.maximum(backoffs[index], 1e-12)) / PROBABILITY_STEP), 0, 255)
        weights = np.where(children > 0, weights, 0)
        packed.append(Level(tokens, level.scores[keep], weights[keep].astype(np.uint8), first))
    return [level for level in packed if level.tokens]
