"""Content tokens and phonemes to frames that know both (the published family's text encoder with its MRTE).

Legend: B batch, C hidden channels, S content channels, T frames (50 Hz), L phonemes, G condition channels.
"""

from torch import Tensor, nn

from yinse.engine.models.layers.published.encoder import Encoder, masked
from yinse.engine.models.layers.published.relative_attention import CrossAttention


class TextToContent(nn.Module):
    """Each content frame looks its phonemes up and takes on the voice: (B, C, T) -> (B, C, T)."""

    def __init__(self, channels: int, attention: CrossAttention, width: int) -> None:
        super().__init__()
        self.enter_content = nn.Conv1d(channels, width, 1)
        self.enter_text = nn.Conv1d(channels, width, 1)
        self.attention = attention
        self.leave = nn.Conv1d(width, channels, 1)

    def forward(
        self,
        content_BCT: Tensor,
        text_BCL: Tensor,
        condition_BG1: Tensor,
        content_mask_B1T: Tensor | None = None,
        text_mask_B1L: Tensor | None = None,
    ) -> Tensor:
        """Mix; masks are 1 on real frames and phonemes."""
        content = self.enter_content(masked(content_BCT, content_mask_B1T))
        text = self.enter_text(masked(text_BCL, text_mask_B1L))
        mixed = self.attention(content, text, text_mask_B1L) + content + condition_BG1
        return masked(self.leave(masked(mixed, content_mask_B1T)), content_mask_B1T)


class ContentEncoder(nn.Module):
    """Content vectors (B, S, T) and phonemes (B, L) to hidden frames (B, C, T) and their statistics."""

    def __init__(
        self,
        content: Encoder,
        text: Encoder,
        mixer: TextToContent,
        joint: Encoder,
        *,
        content_channels: int,
        symbols: int,
        channels: int,
    ) -> None:
        super().__init__()
        self.enter = nn.Conv1d(content_channels, channels, 1)
        self.content = content
        self.symbols = nn.Embedding(symbols, channels)
        self.text = text
        self.mixer = mixer
        self.joint = joint
        self.leave = nn.Conv1d(channels, 2 * channels, 1)

    def forward(
        self,
        content_BST: Tensor,
        phones_BL: Tensor,
        condition_BG1: Tensor,
        content_mask_B1T: Tensor | None = None,
        text_mask_B1L: Tensor | None = None,
    ) -> Tensor:
        """Hidden frames: (B, C, T)."""
        content = self.encode_content(content_BST, content_mask_B1T)
        text = self.encode_text(phones_BL, text_mask_B1L)
        mixed = self.mixer(content, text, condition_BG1, content_mask_B1T, text_mask_B1L)
        hidden: Tensor = self.joint(mixed, content_mask_B1T)
        return hidden

    def encode_content(self, content_BST: Tensor, mask_B1T: Tensor | None = None) -> Tensor:
        """Content vectors alone: (B, S, T) -> (B, C, T)."""
        encoded: Tensor = self.content(masked(self.enter(masked(content_BST, mask_B1T)), mask_B1T), mask_B1T)
        return encoded

    def encode_text(self, phones_BL: Tensor, mask_B1L: Tensor | None = None) -> Tensor:
        """Phonemes alone: (B, L) -> (B, C, L)."""
        encoded: Tensor = self.text(self.symbols(phones_BL).transpose(1, 2), mask_B1L)
        return encoded

    def statistics(self, hidden_BCT: Tensor, mask_B1T: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log deviation of the prior: 2 x (B, C, T)."""
        mean, log_deviation = masked(self.leave(hidden_BCT), mask_B1T).chunk(2, 1)
        return mean, log_deviation
