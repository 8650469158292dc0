"""The HiFi-GAN generator laid out for CPUs: channels innermost, and bfloat16 where the machine multiplies it.

The layers are those of the one generator. A convolution over time is run as one over a picture of one row, because
only pictures may keep their channels innermost, which spares every layer two copies into the kernels' own layout.
Legend: B batch, C channels, T frames, N samples, G channels of the global condition.
"""

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.models.vocoder.hifigan.model import HifiganGenerator, Stage

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
        self.stages = as_pictures(self.stages).to(dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.dtype = dtype
        self.eval().requires_grad_(False)

    def forward(self, x_BCT: Tensor, condition_BG1: Tensor | None = None) -> Tensor:
        """Whole sequence; what enters and what leaves stays in float32."""
        x_BCT = self.enter(x_BCT)
        if self.condition is not None and condition_BG1 is not None:
            x_BCT = x_BCT + self.condition(condition_BG1)
        x_BC1T = x_BCT[:, :, None].to(self.dtype, memory_format=torch.channels_last)
        for stage in self.stages:
            x_BC1T = stage(x_BC1T)
        return torch.tanh(self.leave(F.leaky_relu(x_BC1T[:, :, 0].float(), self.final_slope)))


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
