"""The HiFi-GAN generator laid out for CPUs: channels innermost, and bfloat16 where the machine multiplies it.

The layers are those of the one generator. A convolution over time is run as one over a picture of one row, because
only pictures may keep their channels innermost, which spares every layer two copies into the kernels' own layout.

Kernels are compiled and given memory for every new length they meet, which for sentences of any length costs more than
the sentences. So every stage runs over windows of few sizes, each with the frames around it that its outputs can see. An
output of the first stage sees many frames, of a later one hardly any, so each stage has windows of its own, fed by those
of the stage before: next to nothing is computed twice, and memory does not grow with the sentence.
Legend: B batch, C channels, T frames, N samples, G channels of the global condition.
"""

from collections.abc import Iterator
from typing import Final, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.vocoder.hifigan import windows
from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator, ResidualBlock, Stage
from yinse.engine.models.vocoder.hifigan.windows import Reach, Window

FIRST_STEPS: Final = (*range(12, 121, 12), 180, 240)
"""Frames by which windows of the first stage advance: finely graded, for it sees too far to be cut in small ones."""
LATER_STEPS: Final = (6, 12, 24, 48)
"""Frames by which windows of the others advance; the largest are as quick as larger ones, in less memory."""
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
        self.reaches = _reaches(generator.enter, stages, generator.leave)
        self.stages = as_pictures(self.stages).to(dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.dtype = dtype
        self.eval().requires_grad_(False)

    def forward(self, x_BCT: Tensor, condition_BG1: Tensor | None = None) -> Tensor:
        """Whole sequence; what enters and what leaves stays in float32."""
        return self.between(x_BCT, 0, x_BCT.shape[2], condition_BG1)

    def between(self, x_BCT: Tensor, first: int, last: int, condition_BG1: Tensor | None = None) -> Tensor:
        """Samples of some frames; no stage computes much more than these need."""
        if first >= last:
            return x_BCT.new_zeros(len(x_BCT), 1, 0)
        plans = self._plans(x_BCT.shape[2], first, last)
        pieces: Iterator[Tensor] = iter([x_BCT[:, :, plans[0][0].start :]])
        for index, plan in enumerate(plans):
            pieces = self._through(index, plan, pieces, condition_BG1)
        return torch.cat(list(pieces), 2)

    def _plans(self, frames: int, first: int, last: int) -> list[list[Window]]:
        """Windows of every stage, so that each makes what those of the next one are given."""
        plans: list[list[Window]] = []
        first, last, scale = first * self.hop, last * self.hop, self.hop
        for index, reach in reversed(list(enumerate(self.reaches))):
            scale //= reach.rate
            steps = [step * scale for step in (LATER_STEPS if index else FIRST_STEPS)]
            plans.insert(0, windows.over(first, last, frames * scale, reach, steps))
            first, last = plans[0][0].start, plans[0][-1].end
        return plans

    def _through(
        self, index: int, plan: list[Window], pieces: Iterator[Tensor], condition_BG1: Tensor | None
    ) -> Iterator[Tensor]:
        """One stage over its windows; the pieces together are what these are given, and are asked for as they are needed."""
        held, start = next(pieces), plan[0].start
        for window in plan:
            while start + held.shape[-1] < window.end:
                held = torch.cat([held, next(pieces)], -1)
            held, start = held[..., window.start - start :], window.start
            real = window.end - start
            padded = F.pad(held[..., :real], (0, window.size - real))
            yield self._stage(index, padded, real, condition_BG1)[..., window.kept]

    def _stage(self, index: int, x: Tensor, real: int, condition_BG1: Tensor | None) -> Tensor:
        """One stage over one window, the first from frames (B, C, T), the last to samples (B, 1, N).

        What lies beyond the first `real` frames is zero for every layer, as beyond the end of a sequence.
        """
        if index == 0:
            x = self._entered(x, real, condition_BG1)
        stage = self.stages[index]
        assert isinstance(stage, Stage)
        x = upsampled(stage, x, real * self.reaches[index].rate)
        if index < len(self.stages) - 1:
            return x
        return torch.tanh(self.leave(F.leaky_relu(x[:, :, 0].float(), self.final_slope)))

    def _entered(self, x_BCT: Tensor, real: int, condition_BG1: Tensor | None) -> Tensor:
        """Frames to a picture."""
        x_BCT = self.enter(x_BCT)
        if self.condition is not None and condition_BG1 is not None:
            x_BCT = x_BCT + self.condition(condition_BG1)
        return ended(x_BCT[:, :, None], real).to(self.dtype, memory_format=torch.channels_last)


def _reaches(enter: nn.Conv1d, stages: list[Stage], leave: nn.Conv1d) -> list[Reach]:
    """What every stage sees of its input, the first with the layer before it and the last with the one behind it."""
    reaches = []
    for index, stage in enumerate(stages):
        around = stage.refining + (leave.kernel_size[0] // 2 if index == len(stages) - 1 else 0)
        context = (around + (stage.upsample.kernel_size[0] + stage.rate) // 2 - 1) // stage.rate
        reaches.append(Reach(stage.rate, context + (0 if index else enter.kernel_size[0] // 2)))
    return reaches


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
