"""Adapters of v3 and v4: low-rank updates of the flow's attention, and the parts before it.

The flow learns its velocity, and to take large steps: what two small steps give, one large one shall give as well
(Lipman et al. 2023, flow matching; Frans et al. 2024, shortcut models; Hu et al. 2021, LoRA). Legend: B batch, M mel
bands, N mel frames, E feature channels, F hidden frames (50 Hz).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yinse.engine.audio.features import PROMPT_24K, PROMPT_32K, SPECTRUM, log_mel, spectrogram, windowed_sinc
from yinse.engine.checkpoints.published.checkpoint import Checkpoint
from yinse.engine.models.acoustic.s2cfm.cfm import normalise
from yinse.engine.models.acoustic.s2cfm.dit import Dit, DitAttention
from yinse.engine.models.acoustic.s2cfm.lora import LoraLinear
from yinse.engine.models.acoustic.s2cfm.model import S2CfmModel
from yinse.engine.models.semantic.s1.loss import beyond
from yinse.training.published.base import Base, exported_adapter
from yinse.training.published.batches import S2Batch
from yinse.training.published.items import RATE
from yinse.training.published.s2 import BETAS, EPSILON, RATE_DECAY
from yinse.training.published.trainer import Trainer

MELS: Final = {"v3": PROMPT_24K, "v4": PROMPT_32K}
ADAPTED: Final = ("query", "key", "value", "output")
BESIDE: Final = ("style.", "bridge.", "smoother.", "mel_head.")
"""Parts that are trained whole and travel with the adapter."""
KEPT: Final = ("tokenizer.codebook.", "dit.rotary.frequencies")
"""Parts that travel with the adapter though they do not change."""
SHORTCUTS: Final = 0.3
"""Share of batches that learn large steps."""
POWERS: Final = (2, 7)
"""Large steps are two to the minus these, and all between."""
SMALLEST_STEP: Final = 0.01
"""Smaller steps are told to the flow as none."""
LONGEST_PROMPT: Final = 2 / 3


@dataclass(frozen=True, slots=True)
class Flowing:
    """What the flow is trained on: clean frames, their condition, and where they are real or a prompt."""

    mel_BMN: Tensor
    features_BEN: Tensor
    real_BN: Tensor
    prompt_BN: Tensor


class LoraTrainer(Trainer[S2Batch]):
    """The adapters move, and the parts before the flow."""

    suffix = ".pth"

    def __init__(
        self,
        base: Base,
        *,
        rank: int,
        learning_rate: float,
        device: str = "cpu",
        precision: str = "fp32",
    ) -> None:
        model = base.model()
        if not isinstance(model, S2CfmModel):
            raise TypeError(f"{type(model).__name__} has no flow")
        model.requires_grad_(False)
        adapt(model.dit, rank)
        for part in (model.style, model.bridge, model.smoother):
            part.requires_grad_(True)
        self.base, self.rank, self.model = base, rank, model.to(device)
        moving = [parameter for parameter in model.parameters() if parameter.requires_grad]
        optimiser = torch.optim.AdamW(moving, learning_rate, betas=BETAS, eps=EPSILON)
        super().__init__({"s2": model}, {"s2": optimiser}, device=device, precision=precision)

    def step(self, batch: S2Batch, index: int) -> dict[str, float]:
        """One loss, that of the flow."""
        self.model.train()
        with self.autocast():
            loss = flow_loss(self.model.dit, flowing(self.model, batch, self.base.version, self.device))
        self.descend(loss, "s2")
        self.scaler.update()
        self.steps += 1
        return {"loss": float(loss.detach())}

    def end_epoch(self) -> None:
        """Let the learning rate decay."""
        for group in self.optimisers["s2"].param_groups:
            group["lr"] *= RATE_DECAY

    def checkpoint(self, epochs: int) -> Checkpoint:
        """The published LoRA `.pth`."""
        state = self.model.state_dict()
        kept = {name: t for name, t in state.items() if name.startswith((*BESIDE, *KEPT))}
        adapters = {name: t for name, t in state.items() if name.endswith((".down", ".up"))}
        info = f"{epochs}epoch_{self.steps}iteration"
        return exported_adapter(self.base, {**kept, **adapters}, info, self.rank)

    def file_name(self, name: str, epochs: int) -> str:
        """As the published tools call it."""
        return f"{name}_e{epochs}_s{self.steps}_l{self.rank}{self.suffix}"


def adapt(dit: Dit, rank: int) -> None:
    """Put an adapter beside every projection of the attention."""
    for attention in [module for module in dit.modules() if isinstance(module, DitAttention)]:
        for name in ADAPTED:
            layer = getattr(attention, name)
            if not isinstance(layer, nn.Linear):
                raise TypeError(f"{name} is {type(layer).__name__}, not a plain linear layer")
            setattr(attention, name, LoraLinear(layer, rank))


def flowing(model: S2CfmModel, batch: S2Batch, version: str, device: torch.device) -> Flowing:
    """Frames and features of a batch. The voice is heard in the utterance itself, the prompt is its beginning."""
    samples_BN = batch.samples_BN.to(device)
    features_BEN, real_BN = _features(model, batch, samples_BN, device)
    mel_BMN = _mel(samples_BN, version, features_BEN.shape[2]) * real_BN[:, None]
    share_B = torch.rand(len(mel_BMN), device=device) * LONGEST_PROMPT
    prompt_BN = ~beyond((share_B * real_BN.sum(1)).long(), real_BN.shape[1])
    return Flowing(mel_BMN, features_BEN, real_BN, prompt_BN)


def _features(
    model: S2CfmModel, batch: S2Batch, samples_BN: Tensor, device: torch.device
) -> tuple[Tensor, Tensor]:
    tokens_Bt, phones_BL = batch.tokens_BT.to(device), batch.phones_BL.to(device)
    frames_B = 2 * batch.token_lengths_B.to(device)
    real_BF = ~beyond(frames_B, 2 * tokens_Bt.shape[1])
    text_B1L = (~beyond(batch.phone_lengths_B.to(device), phones_BL.shape[1]))[:, None].float()
    mask_B1F = real_BF[:, None].float()
    style = model.style(spectrogram(samples_BN, SPECTRUM) * mask_B1F, real_BF)
    content = model.tokenizer.embed(tokens_Bt).repeat_interleave(2, 2)
    hidden = model.encoder(content, phones_BL, style, mask_B1F, text_B1L)
    bridged = F.leaky_relu(model.bridge(hidden), 0.01)
    stretched = F.interpolate(bridged, scale_factor=model.stretch, mode="nearest")
    real_BN = ~beyond((frames_B * model.stretch).long(), stretched.shape[2])
    smoothed: Tensor = model.smoother(stretched, style, real_BN[:, None].float())
    return smoothed, real_BN


def _mel(samples_BN: Tensor, version: str, frames: int) -> Tensor:
    config = MELS[version]
    mel = normalise(log_mel(windowed_sinc(samples_BN, RATE, config.rate), config))
    return F.pad(mel, (0, max(0, frames - mel.shape[2])))[:, :, :frames]


def flow_loss(dit: Dit, clean: Flowing) -> Tensor:
    """Squared error of the velocity, or of a large step, on real frames behind the prompt."""
    size, device = len(clean.mel_BMN), clean.mel_BMN.device
    noise = torch.randn_like(clean.mel_BMN)
    step_B = large_steps(size, device) if float(torch.rand(())) < SHORTCUTS else None
    time_B = torch.rand(size, device=device) * (1 if step_B is None else 1 - step_B)
    mixed = torch.lerp(noise, clean.mel_BMN, time_B[:, None, None])
    state = _Guess(dit, clean, dit.condition(clean.features_BEN.transpose(1, 2)))
    if step_B is None:
        target, step_B = clean.mel_BMN - noise, torch.zeros_like(time_B)
    else:
        target = state.two_steps(mixed, time_B, step_B / 2)
    counted = (clean.real_BN & ~clean.prompt_BN)[:, None].float()
    error = (state.velocity(mixed, time_B, step_B).float() - target.float()).square() * counted
    return error.sum() / (counted.sum() * error.shape[1]).clamp_min(1)


def large_steps(size: int, device: torch.device) -> Tensor:
    """A step for each row: a power of two, from a quarter down to 1/128."""
    powers = torch.randint(POWERS[0], POWERS[1] + 1, (size,), device=device)
    return torch.exp2(-powers.float())


@dataclass(frozen=True, slots=True)
class _Guess:
    """The flow with everything it is told beside the frames, their time and the step."""

    dit: Dit
    clean: Flowing
    condition_BNE: Tensor

    def velocity(self, x_BMN: Tensor, time_B: Tensor, step_B: Tensor) -> Tensor:
        """Where the flow would go; the prompt's frames are blank, for it is told of them apart."""
        hidden = self.clean.prompt_BN[:, None]
        told = torch.where(step_B < SMALLEST_STEP, torch.zeros_like(step_B), step_B)
        predicted: Tensor = self.dit(
            x_BMN.masked_fill(hidden, 0.0),
            self.clean.mel_BMN * hidden,
            self.condition_BNE,
            time_B,
            told,
            self.clean.real_BN,
        )
        return predicted

    @torch.no_grad()
    def two_steps(self, x_BMN: Tensor, time_B: Tensor, step_B: Tensor) -> Tensor:
        """The mean velocity of two steps in a row: what one step twice as large shall learn."""
        first = self.velocity(x_BMN, time_B, step_B)
        further = x_BMN + step_B[:, None, None] * first
        return (first + self.velocity(further, time_B + step_B, step_B)) / 2
