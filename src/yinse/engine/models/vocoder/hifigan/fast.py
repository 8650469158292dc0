"""The HiFi-GAN generator laid out for CPUs: channels innermost, and bfloat16 where the machine multiplies it.

The layers are those of the one generator. A convolution over time is run as one over a picture of one row, because
only pictures may keep their channels innermost, which spares every layer two copies into the kernels' own layout.

Kernels are compiled and given memory for every new length they meet, which for sentences of any length costs more than
the sentences. So the frames are decoded in windows of few sizes, each with the frames around it that its samples can see.
Legend: B batch, C channels, T frames, N samples, G channels of the global condition.
"""

from typing import Final, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator, ResidualBlock, Stage

WINDOWS: Final = (40, 96)
"""Frames of a window: the first piece of a stream, and as many as are quick without holding much memory."""
Layer = TypeVar("Layer", bound=nn.Module)


class FastHifigan(HifiganGenerator):
    """The same generator, faster. It takes the parts of the one it is made from, which must not be used any more."""

    def __init__(self, generator: HifiganGenerator, *, dtype: torch.dtype = torch.float32) -> None:
        stages = [stage for stage in generator.stages if isinstance(stage, Stage)]
        super().__init__(
            generator.enter,
            stages,
            generator.leave,
            condition=generator.condition,
            final_slope=generator.final_slope,
        )
        self.rates = [stage.rate for stage in stages]
        self.stages = as_pictures(self.stages).to(dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.dtype = dtype
        self.eval().requires_grad_(False)

    def forward(self, x_BCT: Tensor, condition_BG1: Tensor | None = None) -> Tensor:
        """Whole sequence; what enters and what leaves stays in float32."""
        frames, done, pieces = x_BCT.shape[2], 0, []
        while done < frames:
            start = max(0, done - self.reach)
            end = min(frames, start + self._window(frames - start))
            samples = self._decode(x_BCT[:, :, start:end], self._window(end - start), condition_BG1)
            known = frames if end == frames else end - self.reach
            pieces.append(samples[:, :, (done - start) * self.hop : (known - start) * self.hop])
            done = known
        return torch.cat(pieces, 2) if pieces else x_BCT.new_zeros(len(x_BCT), 1, 0)

    def _window(self, frames: int) -> int:
        """The smallest window for so many frames, else the largest."""
        sizes = [size for size in WINDOWS if size > 2 * self.reach] or [4 * self.reach]
        return next((size for size in sizes if size >= frames), sizes[-1])

    def _decode(self, x_BCT: Tensor, window: int, condition_BG1: Tensor | None) -> Tensor:
        """One window. What lies beyond its frames is zero for every layer, as beyond the end of a sequence."""
        real = x_BCT.shape[2]
        x_BCT = self.enter(F.pad(x_BCT, (0, window - real)))
        if self.condition is not None and condition_BG1 is not None:
            x_BCT = x_BCT + self.condition(condition_BG1)
        x_BC1T = ended(x_BCT[:, :, None], real).to(self.dtype, memory_format=torch.channels_last)
        for stage, rate in zip(self.stages, self.rates, strict=True):
            assert isinstance(stage, Stage)
            real *= rate
            x_BC1T = upsampled(stage, x_BC1T, real)
        return torch.tanh(self.leave(F.leaky_relu(x_BC1T[:, :, 0].float(), self.final_slope)))


def upsampled(stage: Stage, x_BC1T: Tensor, real: int) -> Tensor:
    """A stage over a picture whose first `real` output frames count."""
    x_BC1T = ended(stage.upsample(F.leaky_relu(x_BC1T, stage.slope)), real)
    total = None
    for block in stage.blocks:
        assert isinstance(block, ResidualBlock)
        refined = _refined(block, x_BC1T, real)
        total = refined if total is None else total.add_(refined)
    assert total is not None
    return total.div_(len(stage.blocks))


def _refined(block: ResidualBlock, x_BC1T: Tensor, real: int) -> Tensor:
    for dilated, plain in zip(block.dilated, block.plain, strict=True):
        hidden = ended(dilated(F.leaky_relu(x_BC1T, block.slope)), real)
        change = ended(plain(F.leaky_relu_(hidden, block.slope)), real)
        x_BC1T = change.add_(x_BC1T)
    return x_BC1T


def ended(x_BC1T: Tensor, real: int) -> Tensor:
    """Zero from frame `real` on, in place."""
    if real < x_BC1T.shape[3]:
        x_BC1T[..., real:].zero_()
    return x_BC1T


def as_pictures(module: Layer) -> Layer:
    """Replace every convolution over time inside a module by the same over pictures of one row; returns the module."""
    for name, child in module.named_children():
        if isinstance(child, nn.Conv1d | nn.ConvTranspose1d):
            setattr(module, name, _picture(child))
        else:
            as_pictures(child)
    return module


def _picture(layer: nn.Conv1d | nn.ConvTranspose1d) -> nn.Module:
    """The layer over (B, C, 1, T)."""
    if isinstance(layer.padding, str):
        raise ValueError(f"padding {layer.padding!r} is not a number of frames")
    kind = nn.Conv2d if isinstance(layer, nn.Conv1d) else nn.ConvTranspose2d
    wide = kind(
        layer.in_channels,
        layer.out_channels,
        (1, layer.kernel_size[0]),
        stride=(1, layer.stride[0]),
        padding=(0, layer.padding[0]),
        dilation=(1, layer.dilation[0]),
        groups=layer.groups,
        bias=layer.bias is not None,
        device="meta",
    )
    state = {"weight": layer.weight[:, :, None]}
    if layer.bias is not None:
        state["bias"] = layer.bias
    wide.load_state_dict(state, assign=True)
    return wide
