"""One decoding step of a GPT as a single compiled function.

A token at batch 1 takes a hundred to three hundred small operations that each wait for memory; what a framework spends
between them costs as much as the reading. Here numba compiles all layers into one loop.

`step` is that of s1: weights in 8 bits, keys and values in bfloat16; each thread takes its share of the rows of a weight, and
every weight is read once for up to four rows of a batch. `frame` is that of the base voice, in one thread: weights in half
precision, which is what its bundle holds, and everything else in float32.

numba keeps what it compiled on disk, beside this file or in the user's cache, and compiles again when this file has changed.
It does not look at others: whatever is compiled into one of these functions must stand here.

Legend: B batch, N layers, H heads, S positions, D channels of a head, C width, I inputs, O outputs, V tokens.
"""

import math
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
HALF_ROOT: Final = np.float32(0.5**0.5)


Weights = tuple[NDArray[np.int8], Floats, Floats]
"""A linear layer of all layers: whole numbers (N, O, I), their scales (N, O) and biases (N, O)."""
Norm = tuple[Floats, Floats, np.float32]
"""Layer normalisation of all layers: gain (N, C), shift (N, C), and what is added to variances."""
# numba passes plain tuples into its loops, and none with names.
Layers = tuple[Weights, Weights, Norm, Weights, Weights, Norm, Weights]
"""Queries, keys and values; output of the attention; its norm; the perceptron's two layers; their norm; the scores of codes."""
Halves = tuple[NDArray[np.uint16], Floats]
"""A linear layer, or that of all layers: weights (..., O, I) as the bits of float16, and biases (..., O)."""
Frames = tuple[Norm, Halves, Halves, Norm, Halves, Halves]
"""The norm of the attention; queries, keys and values; its output; the norm of the perceptron; its two layers."""


def compiled(*, entry: bool = False, parallel: bool = False) -> Callable[[Function], Function]:
    """Compile on the first call. An `entry` is kept on disk; what it calls is compiled into it."""

    def decorate(function: Function, kept: bool = entry) -> Function:
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


def _half_of(_: Any, bits: Any) -> Any:
    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.fpext(builder.bitcast(arguments[0], ir.HalfType()), ir.FloatType())

    return types.float32(types.uint16), generate


half_of: Any = intrinsic(_half_of)
"""The float16 that has these 16 bits, as float32."""
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
def normalise(norm: Norm, n: int, x_C: Floats) -> None:
    """Layer normalisation (Ba et al. 2016), in place."""
    gain_C, shift_C, eps = norm[0][n], norm[1][n], norm[2]
    width = np.float32(len(x_C))
    total, square = np.float32(0), np.float32(0)
    for c in range(len(x_C)):
        total += x_C[c]
    mean = total / width
    for c in range(len(x_C)):
        x_C[c] -= mean
        square += x_C[c] * x_C[c]
    scale = np.float32(1) / np.sqrt(square / width + eps)
    for c in range(len(x_C)):
        x_C[c] = x_C[c] * scale * gain_C[c] + shift_C[c]


@compiled()
def add_and_normalise(norm: Norm, n: int, x_BC: Floats, added_BC: Floats) -> None:
    """Layer normalisation of a sum, in place of its first part."""
    for b in range(len(x_BC)):
        x_C, added_C = x_BC[b], added_BC[b]
        for c in range(len(x_C)):
            x_C[c] += added_C[c]
        normalise(norm, n, x_C)


@compiled()
def power_of_two(power: np.float32) -> Any:
    """2^x for x from -126 up to 127; the relative error is below 1e-6.

    The exponent of a float for the whole part, a polynomial for the rest: the mathematics library's own takes one at a time.
    """
    whole = np.floor(power)
    rest = power - whole
    near = np.float32(1.8775767e-3)
    near = near * rest + np.float32(8.9893397e-3)
    near = near * rest + np.float32(5.5826318e-2)
    near = near * rest + np.float32(2.4015361e-1)
    near = near * rest + np.float32(6.9315308e-1)
    near = near * rest + np.float32(9.9999994e-1)
    return near * float_of(np.uint32(np.int32(whole) + np.int32(127)) << np.uint32(23))


@compiled()
def exponentials(x_S: Floats, largest: np.float32) -> Any:
    """e^(x - largest) in place, and their sum; what is below 1e-38 becomes that."""
    total = np.float32(0)
    for s in range(len(x_S)):
        x_S[s] = power_of_two(max((x_S[s] - largest) * LOG2_E, LEAST_EXPONENT))
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


@compiled(entry=True, parallel=True)
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


@compiled()
def multiply_halves(layer: Halves, x_I: Floats, out_O: Floats) -> None:
    """A linear layer."""
    weight_OI, bias_O = layer
    for o in range(len(bias_O)):
        weight_I = weight_OI[o]
        total = np.float32(0)
        for i in range(len(x_I)):
            total += half_of(weight_I[i]) * x_I[i]
        out_O[o] = total + bias_O[o]


@compiled()
def turn(x_HD: Floats, turn_2E: Floats) -> None:
    """Turn the two halves of every head against each other (Su et al. 2021), in place, by cosines and sines."""
    cosine_E, sine_E = turn_2E
    half = len(cosine_E)
    for h in range(len(x_HD)):
        first_E, second_E = x_HD[h, :half], x_HD[h, half:]
        for e in range(half):
            first, second = first_E[e], second_E[e]
            first_E[e] = first * cosine_E[e] - second * sine_E[e]
            second_E[e] = first * sine_E[e] + second * cosine_E[e]


@compiled()
def attend_to_all(q_D: Floats, keys_SD: Floats, values_SD: Floats, score_S: Floats, mixed_D: Floats) -> None:
    """One head: mix the values of all positions. `score_S` is room to work in."""
    scale = np.float32(1) / np.sqrt(np.float32(len(q_D)))
    largest = np.float32(-np.inf)
    for s in range(len(score_S)):
        key_D = keys_SD[s]
        product = np.float32(0)
        for d in range(len(q_D)):
            product += q_D[d] * key_D[d]
        score_S[s] = product * scale
        largest = max(largest, score_S[s])
    share = np.float32(1) / exponentials(score_S, largest)
    mixed_D[:] = 0
    for s in range(len(score_S)):
        value_D, own = values_SD[s], score_S[s] * share
        for d in range(len(mixed_D)):
            mixed_D[d] += own * value_D[d]


@compiled()
def gate(wide_O: Floats) -> None:
    """The first half of the outputs through SiLU, times the second, in the place of the first."""
    hidden = len(wide_O) // 2
    for i in range(hidden):
        power = min(max(-wide_O[i] * LOG2_E, LEAST_EXPONENT), -LEAST_EXPONENT)
        wide_O[i] *= wide_O[hidden + i] / (np.float32(1) + power_of_two(power))


@compiled(entry=True)
def frame(
    layers: Frames, norm: Norm, head: Halves, x_C: Floats, turn_2E: Floats, kept_N2HSD: Floats, position: int, logits_A: Floats
) -> None:  # fmt: skip
    """Pass one new position through all layers and the last norm, in place, and score the step.

    Keys and values, one behind the other in `kept_N2HSD`, gain the position.
    """
    attention_norm, qkv, output, perceptron_norm, expand, project = layers
    depth, _, heads, _, size = kept_N2HSD.shape
    width, end = heads * size, position + 1
    normed_C, added_C = np.empty(width, np.float32), np.empty(width, np.float32)
    mixed_C, score_S = np.empty(width, np.float32), np.empty(end, np.float32)
    qkv_C, wide_C = np.empty(3 * width, np.float32), np.empty(expand[1].shape[1], np.float32)
    qkv_XD = qkv_C.reshape((3 * heads, size))
    for n in range(depth):
        normed_C[:] = x_C
        normalise(attention_norm, n, normed_C)
        multiply_halves((qkv[0][n], qkv[1][n]), normed_C, qkv_C)
        turn(qkv_XD[: 2 * heads], turn_2E)
        for h in range(heads):
            keys_SD, values_SD = kept_N2HSD[n, 0, h], kept_N2HSD[n, 1, h]
            keys_SD[position], values_SD[position] = qkv_XD[heads + h], qkv_XD[2 * heads + h]
            attend_to_all(qkv_XD[h], keys_SD, values_SD, score_S, mixed_C[h * size : (h + 1) * size])
        multiply_halves((output[0][n], output[1][n]), mixed_C, added_C)
        x_C += added_C
        normed_C[:] = x_C
        normalise(perceptron_norm, n, normed_C)
        multiply_halves((expand[0][n], expand[1][n]), normed_C, wide_C)
        gate(wide_C)
        multiply_halves((project[0][n], project[1][n]), wide_C[: len(wide_C) // 2], added_C)
        x_C += added_C
    normalise(norm, 0, x_C)
    multiply_halves(head, x_C, logits_A)


@compiled(entry=True)
def token(mix: Halves, head: Halves, hidden_C: Floats, logits_V: Floats) -> None:
    """A linear layer, GELU (Hendrycks and Gimpel 2016), and the scores of tokens."""
    mixed_C = np.empty(len(mix[1]), np.float32)
    multiply_halves(mix, hidden_C, mixed_C)
    for c in range(len(mixed_C)):
        mixed_C[c] *= np.float32(0.5) * (np.float32(1) + np.float32(math.erf(mixed_C[c] * HALF_ROOT)))
    multiply_halves(head, mixed_C, logits_V)
