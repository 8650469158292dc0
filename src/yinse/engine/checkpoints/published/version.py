"""Which version a file is: what its tensors prove, and where they leave a choice, what it says of itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from yinse.contracts.errors import InvalidInput
from yinse.engine.checkpoints.published.checkpoint import Checkpoint, Kind
from yinse.engine.checkpoints.published.container import HEADERS

END_TO_END: Final = frozenset({"v1", "v2", "v2Pro", "v2ProPlus"})
BY_FLOW: Final = frozenset({"v3", "v4"})
PRO: Final = frozenset({"v2Pro", "v2ProPlus"})
S2_VERSIONS: Final = END_TO_END | BY_FLOW
FIRST: Final = frozenset({"v1"})

_Fact = tuple[str, int, int, frozenset[str]]

_PROOFS: Final[tuple[_Fact, ...]] = (
    ("enc_p.text_embedding.weight", 0, 322, FIRST),
    ("enc_p.text_embedding.weight", 0, 732, S2_VERSIONS - FIRST),
    ("ref_enc.spectral.0.fc.weight", 1, 1025, FIRST),
    ("ref_enc.spectral.0.fc.weight", 1, 704, S2_VERSIONS - FIRST),
    ("ref_enc.fc.fc.weight", 0, 1024, PRO),
    ("ref_enc.fc.fc.weight", 0, 512, S2_VERSIONS - PRO),
    ("dec.conv_pre.weight", 0, 768, frozenset({"v2ProPlus"})),
    ("dec.conv_pre.weight", 0, 512, END_TO_END - {"v2ProPlus"}),
    ("sv_emb.weight", 0, 1024, PRO),
)
"""Tensor, dimension, size there, and the versions that have it so."""

_PREFIXES: Final = (("cfm.", BY_FLOW), ("bridge.", BY_FLOW), ("dec.", END_TO_END), ("flow.", END_TO_END))


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file is."""

    kind: Kind
    version: str
    lora: bool = False

    @property
    def symbols(self) -> str:
        """The symbol table its phonemes come from: `v1` or `v2`."""
        return "v1" if self.version == "v1" else "v2"


def identify(checkpoint: Checkpoint, *, told: str | None = None) -> Identity:
    """Find the version. `told` settles what the file leaves open; it cannot overrule the tensors.

    Raises `InvalidInput` when tensors and claims disagree (`wrong_version`) or v3 and v4 cannot be told apart
    (`ambiguous_version`).
    """
    if checkpoint.kind is Kind.S1:
        return _identify_s1(checkpoint)
    lora = any(".lora_" in name for name in checkpoint.tensors)
    possible = _proven(checkpoint)
    return Identity(Kind.S2, _settle(possible, told, _claims(checkpoint)), lora)


def _identify_s1(checkpoint: Checkpoint) -> Identity:
    table = checkpoint.tensors.get("model.ar_text_embedding.word_embeddings.weight")
    section = checkpoint.config.get("model")
    told = section.get("phoneme_vocab_size") if isinstance(section, dict) else None
    rows = table.shape[0] if table is not None and table.ndim else told
    versions = {512: "v1", 732: "v2"}
    if not isinstance(rows, int) or rows not in versions:
        raise InvalidInput(f"An s1 file with {rows} symbols is of no known version.", code="unknown_version")
    return Identity(Kind.S1, versions[rows])


def _proven(checkpoint: Checkpoint) -> frozenset[str]:
    possible = S2_VERSIONS
    for name, dimension, size, versions in _PROOFS:
        tensor = checkpoint.tensors.get(name)
        if tensor is not None and tensor.ndim > dimension and tensor.shape[dimension] == size:
            possible &= versions
    for prefix, versions in _PREFIXES:
        if any(name.startswith(prefix) for name in checkpoint.tensors):
            possible &= versions
    if not possible:
        raise InvalidInput("The file's tensors belong to different versions.", code="unknown_version")
    return possible


def _claims(checkpoint: Checkpoint) -> Iterable[str | None]:
    model = checkpoint.config.get("model", {})
    version = model.get("version") if isinstance(model, dict) else None
    yield version if isinstance(version, str) else None
    yield HEADERS.get(checkpoint.header.encode("ascii", "replace"))


def _settle(possible: frozenset[str], told: str | None, claims: Iterable[str | None]) -> str:
    names = " or ".join(sorted(possible))
    if told is not None and told not in possible:
        raise InvalidInput(f"The file is {names} by its tensors, not {told}.", code="wrong_version")
    fitting = [claim for claim in (told, *claims) if claim in possible]
    if len(possible) > 1 and not fitting:
        raise InvalidInput(
            f"The file may be {names}: their tensors look alike. Say which with --version.",
            code="ambiguous_version",
        )
    return next(iter(possible)) if len(possible) == 1 else str(fitting[0])
