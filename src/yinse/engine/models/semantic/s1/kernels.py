"""One decoding step of s1 as a single compiled function: weights in 8 bits, keys and values in bfloat16.

A token at batch 1 takes some three hundred small operations that each wait for memory; what a framework spends between them
costs as much as the reading. Here numba compiles all layers into one loop, each thread takes its share of the rows
of a weight, and every weight is read once for up to four rows of a batch. numba keeps what it compiled on disk, beside this
file or in the user's cache.

Legend: B batch, N layers, H heads, S positions, D channels of a head, C width, I inputs, O outputs, V codes and the end.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bfloats = NDArray[np.uint16]
"""The upper halves of float32."""
Function = TypeVar("Function", bound=Callable[..., Any])

LOOSE: Final = {"reassoc", "contract", "arcp", "nsz"}
"""Freedom to vectorise sums. Infinities stay what they are: they hide positions."""
LEAST_EXPONENT: Final = np.float32(-126)
LOG2_E: Final = np.float32(np.log2(np.e))


Weights = tuple[NDArray[np.int8], Floats, Floats]
"""A linear layer of all layers: whole numbers (N, O, I), their scales (N, O) and biases (N, O)."""
Norm = tuple[Floats, Floats, np.float32]
"""Layer normalisation of all layers: gain (N, C), shift (N, C), and what is added to variances."""
# numba passes plain tuples into its loops, and none with names.
Layers = tuple[Weights, Weights, Norm, Weights, Weights, Norm, Weights]
"""Queries, keys and values; output of the attention; its norm; the perceptron's two layers; their norm; the scores of codes."""


def compiled(*, parallel: bool = False) -> Callable[[Function], Function]:
    """Compile on the first call. What runs in parallel is kept on disk; what it calls is compiled into it."""

    def decorate(function: Function, kept: bool = parallel) -> Function:
        make: Any = njit(fastmath=LOOSE, error_model="numpy", nogil=True, parallel=parallel, cache=kept)
        try:
            done: Function = make(function)
        except RuntimeError:
            if not kept:
                raise
            done = decorate(function, kept=False)  # no folder may be written to: every process compiles anew
        return done

    return decorate


def _float_of(_: Any, bits: Any) -> Any:
    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.uint32), generate


def _bits_of(_: Any, number: Any) -> Any:
    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.uint32(types.float32), generate


float_of: Any = intrinsic(_float_of)
"""The float32 that has these 32 bits."""
bits_of: Any = intrinsic(_bits_of)
"""The 32 bits of a float32."""


@compiled()
def widened(half: np.uint16) -> Any:
    """A bfloat16 as float32."""
    return float_of(np.uint32(half) << np.uint32(16))


@compiled()
def narrowed(number: np.float32) -> Any:
    """The nearest bfloat16, of two the even one."""
    bits = bits_of(number)
    return np.uint16((bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16))


@compiled()
def multiply(weights: Weights, n: int, o: int, x_BI: Floats, out_BO: Floats) -> None:
    """One output of every row. Four rows share the reading of a weight."""
    weight_I, scale, bias = weights[0][n, o], weights[1][n, o], weights[2][n, o]
    rows, fours = len(x_BI), len(x_BI) // 4 * 4
    for b in range(0, fours, 4):
        x0_I, x1_I, x2_I, x3_I = x_BI[b], x_BI[b + 1], x_BI[b + 2], x_BI[b + 3]
        sum0 = sum1 = sum2 = sum3 = np.float32(0)
        for i in range(len(weight_I)):
            weight = np.float32(weight_I[i])
            sum0 += weight * x0_I[i]
            sum1 += weight * x1_I[i]
            sum2 += weight * x2_I[i]
            sum3 += weight * x3_I[i]
        out_BO[b, o] = sum0 * scale + bias
        out_BO[b + 1, o] = sum1 * scale + bias
        out_BO[b + 2, o] = sum2 * scale + bias
        out_BO[b + 3, o] = sum3 * scale + bias
    for b in range(fours, rows):
        x_I = x_BI[b]
        total = np.float32(0)
        for i in range(len(weight_I)):
            total += np.float32(weight_I[i]) * x_I[i]
        out_BO[b, o] = total * scale + bias


@compiled()
def add_and_normalise(norm: Norm, n: int, x_BC: Floats, added_BC: Floats) -> None:
    """Layer normalisation (Ba et al. 2016) of a sum, in place of its first part."""
    gain_C, shift_C, eps = norm[0][n], norm[1][n], norm[2]
    width = np.float32(x_BC.shape[1])
    for b in range(len(x_BC)):
        x_C, added_C = x_BC[b], added_BC[b]
        total, square = np.float32(0), np.float32(0)
        for c in range(len(x_C)):
            x_C[c] += added_C[c]
            total += x_C[c]
        mean = total / width
        for c in range(len(x_C)):
            x_C[c] -= mean
            square += x_C[c] * x_C[c]
        gain = np.float32(1) / np.sqrt(square / width + eps)
        for c in range(len(x_C)):
            x_C[c] = x_C[c] * gain * gain_C[c] + shift_C[c]


@compiled()
def exponentials(x_S: Floats, largest: np.float32) -> Any:
    """e^(x - largest) in place, and their sum; the relative error is below 1e-6, and what is below 1e-38 becomes that.

    A power of two for the whole part, a polynomial for the rest: the mathematics library's own takes one at a time.
    """
    total = np.float32(0)
    for s in range(len(x_S)):
        power = max((x_S[s] - largest) * LOG2_E, LEAST_EXPONENT)
        whole = np.floor(power)
        rest = power - whole
        near = np.float32(1.8775767e-3)
        near = near * rest + np.float32(8.9893397e-3)
        near = near * rest + np.float32(5.5826318e-2)
        near = near * rest + np.float32(2.4015361e-1)
        near = near * rest + np.float32(6.9315308e-1)
        near = near * rest + np.float32(9.9999994e-1)
        x_S[s] = near * float_of(np.uint32(np.int32(whole) + np.int32(127)) << np.uint32(23))
        total += x_S[s]
    return total


@compiled()
def attend(
    q_D: Floats, k_D: Floats, v_D: Floats, keys_SD: Bfloats, values_SD: Bfloats, hidden_S: Floats, score_S: Floats, mixed_D: Floats
) -> None:  # fmt: skip
    """One head of one row: keep the key and value of the last position, and mix the values of all.

    `hidden_S` is minus infinity where a position must not be seen, else zero. `score_S` is room to work in.
    """
    last = len(score_S) - 1
    for d in range(len(k_D)):
        keys_SD[last, d], values_SD[last, d] = narrowed(k_D[d]), narrowed(v_D[d])
    scale = np.float32(1) / np.sqrt(np.float32(len(q_D)))
    largest = np.float32(-np.inf)
    for s in range(len(score_S)):
        key_D = keys_SD[s]
        product = np.float32(0)
        for d in range(len(q_D)):
            product += q_D[d] * widened(key_D[d])
        score_S[s] = product * scale + hidden_S[s]
        largest = max(largest, score_S[s])
    share = np.float32(1) / exponentials(score_S, largest)
    mixed_D[:] = 0
    fours = len(score_S) // 4 * 4
    for s in range(0, fours, 4):  # four at a time: each waits for the sum of the one before
        share0, share1 = score_S[s] * share, score_S[s + 1] * share
        share2, share3 = score_S[s + 2] * share, score_S[s + 3] * share
        value0_D, value1_D, value2_D, value3_D = (
            values_SD[s],
            values_SD[s + 1],
            values_SD[s + 2],
            values_SD[s + 3],
        )
        for d in range(len(mixed_D)):
            mixed_D[d] += (share0 * widened(value0_D[d]) + share1 * widened(value1_D[d])) + (
                share2 * widened(value2_D[d]) + share3 * widened(value3_D[d])
            )
    for s in range(fours, len(score_S)):
        value_D, own = values_SD[s], score_S[s] * share
        for d in range(len(mixed_D)):
            mixed_D[d] += own * widened(value_D[d])


@compiled(parallel=True)
def step(
    layers: Layers, x_BC: Floats, keys_NBHSD: Bfloats, values_NBHSD: Bfloats, hidden_BS: Floats, length: int, logits_BV: Floats
) -> None:  # fmt: skip
    """Pass one new position of every row through all layers, in place.

    `x_BC` is overwritten; keys and values gain position `length`; the scores of what follows go to `logits_BV`.
    """
    depth, rows, heads, _, size = keys_NBHSD.shape
    qkv, output, attention_norm, expand, project, feedforward_norm, head = layers
    width, wide = heads * size, expand[1].shape[1]
    qkv_BO = np.empty((rows, 3 * width), np.float32)
    mixed_BC = np.empty((rows, width), np.float32)
    added_BC = np.empty((rows, width), np.float32)
    inner_BO = np.empty((rows, wide), np.float32)
    score_XS = np.empty((rows * heads, length + 1), np.float32)
    for n in range(depth):
        for o in prange(3 * width):
            multiply(qkv, n, o, x_BC, qkv_BO)
        for x in prange(rows * heads):
            b, h = x // heads, x % heads
            mine = qkv_BO[b].reshape((3, heads, size))[:, h]
            keys_SD, values_SD = keys_NBHSD[n, b, h], values_NBHSD[n, b, h]
            mixed_D = mixed_BC[b, h * size : (h + 1) * size]
            attend(mine[0], mine[1], mine[2], keys_SD, values_SD, hidden_BS[b], score_XS[x], mixed_D)
        for o in prange(width):
            multiply(output, n, o, mixed_BC, added_BC)
        add_and_normalise(attention_norm, n, x_BC, added_BC)
        for o in prange(wide):
            multiply(expand, n, o, x_BC, inner_BO)
            for b in range(rows):
                inner_BO[b, o] = max(inner_BO[b, o], np.float32(0))
        for o in prange(width):
            multiply(project, n, o, inner_BO, added_BC)
        add_and_normalise(feedforward_norm, n, x_BC, added_BC)
    for o in prange(logits_BV.shape[1]):
        multiply(head, 0, o, x_BC, logits_BV)
