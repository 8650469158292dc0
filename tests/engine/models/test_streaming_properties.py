"""Whatever pieces a stream arrives in, empty ones included: what comes out is what the whole would give."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from yinse.engine.models.acoustic.sovits.config import FlowConfig
from yinse.engine.models.acoustic.sovits.flow import Flow
from yinse.engine.models.layers.convnext import ConvNeXtBlock, ConvNeXtStack
from yinse.engine.models.layers.streaming import StreamConv1d
from yinse.engine.models.vocoder import factory
from yinse.engine.models.vocoder.hifigan.config import HifiganConfig
from yinse.engine.models.vocoder.istft.config import IstftDecoderConfig

CHANNELS = 4
Step = Callable[..., tuple[Tensor, Any]]


class InverseFlow(nn.Module):
    """A flow from noise to data under a fixed condition, as a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.flow = Flow(CHANNELS, 2, FlowConfig(steps=2, channels=8, hidden=8, depth=1, kernel=3))

    def condition(self, x_BCT: Tensor) -> Tensor:
        return torch.cat([x_BCT[:, :1].cos(), x_BCT[:, 1:2].sin()], 1)

    def forward(self, x_BCT: Tensor) -> Tensor:
        return self.flow.inverse(x_BCT, self.condition(x_BCT))

    def stream(self, x_BCT: Tensor, state: Any, *, last: bool) -> tuple[Tensor, Any]:
        return self.flow.stream_inverse(x_BCT, self.condition(x_BCT), state, last=last)


LAYERS: dict[str, Callable[[], nn.Module]] = {
    "convolution": lambda: StreamConv1d(CHANNELS, 6, 5, dilation=2),
    "block": lambda: ConvNeXtBlock(CHANNELS, 8, kernel=7),
    "stack": lambda: ConvNeXtStack(CHANNELS, 8, 3, kernel=3),
    "flow": InverseFlow,
    "istft": lambda: factory.build(
        IstftDecoderConfig(CHANNELS, channels=8, hidden=8, depth=1, kernel=3, n_fft=16, hop=4)
    ),
    "hifigan": lambda: factory.build(
        HifiganConfig(CHANNELS, channels=8, rates=(2, 2), kernels=(4, 4), block_kernels=(3,), dilations=(1,))
    ),
}


@st.composite
def pieces(draw: st.DrawFn) -> list[int]:
    """Sizes of one to six pieces, of which at least the last one is not empty."""
    return [*draw(st.lists(st.integers(0, 9), max_size=5)), draw(st.integers(1, 9))]


@pytest.mark.parametrize("name", LAYERS)
def test_pieces_equal_the_whole(name: str, shake: Callable[[nn.Module], nn.Module]) -> None:
    layer = shake(LAYERS[name]())
    stream: Step = layer.stream  # type: ignore[assignment]

    @settings(max_examples=25)
    @given(pieces())
    def check(sizes: list[int]) -> None:
        x_BCT = torch.randn(1, CHANNELS, sum(sizes), generator=torch.Generator().manual_seed(len(sizes)))
        state, parts = None, []
        chunks = x_BCT.split(sizes, 2)
        for index, chunk in enumerate(chunks):
            out, state = stream(chunk, state, last=index == len(chunks) - 1)
            parts.append(out)
        torch.testing.assert_close(torch.cat(parts, -1), layer(x_BCT), atol=1e-5, rtol=1e-4)

    with torch.inference_mode():
        check()
