"""Presets: voices that ship with the weights. Everybody may speak in them; nobody owns, changes or shares them.

They have rows, so that history can name them, and no keys: what somebody has a preset say lies sealed under a
key of that account alone, and dies with it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.speech import PRESET, Preset, SealedVoice
from yinse.contracts.storage import ObjectRef
from yinse.service.keystore.service import KeyStore
from yinse.service.ports import Ports
from yinse.service.voices.tables import VoiceRow, VoiceState

HOUSE = "house"
"""Whom presets belong to: no account, and so nobody who could sign in."""
_PREFIX = "preset_"


def is_preset(voice_id: str) -> bool:
    """Whether an id is a preset's; ids of other voices begin otherwise."""
    return voice_id.startswith(_PREFIX)


def id_of(preset: Preset) -> str:
    """A preset's id: the same on every machine with the same weights."""
    return f"{_PREFIX}{preset.name}"


def shelf_of(account_id: str) -> str:
    """The name of the key under which an account keeps what presets say for it."""
    return f"presets_{account_id}"


async def ensure(ports: Ports) -> None:
    """Give every preset a row that says what its card says. Safe in several processes at once."""
    for preset in ports.presets:
        try:
            async with ports.database.transaction() as session:
                row = await session.get(VoiceRow, id_of(preset))
                if row is None:
                    session.add(_row(preset, ports.clock()))
                else:
                    row.name, row.description, row.grade = preset.name, preset.source, preset.grade
                    row.language = _language(preset)
        except IntegrityError:  # another process was first
            continue


async def listed(session: AsyncSession, presets: Sequence[Preset]) -> Sequence[VoiceRow]:
    """The rows of the presets that the weights have now, by name."""
    ids = [id_of(preset) for preset in presets]
    return (await session.scalars(select(VoiceRow).where(VoiceRow.id.in_(ids)).order_by(VoiceRow.name))).all()


async def by_handle(session: AsyncSession, presets: Sequence[Preset], handle: str) -> VoiceRow | None:
    """A preset by its id or its name."""
    named = next((preset for preset in presets if handle in (preset.name, id_of(preset))), None)
    return await session.get(VoiceRow, id_of(named)) if named else None


async def seal(keys: KeyStore, account_id: str, row: VoiceRow) -> SealedVoice:
    """A preset as it goes to the engine: its name, and the key of the one who has it speak."""
    chain = await keys.voice_or_new(account_id, shelf_of(account_id))
    return SealedVoice(row.id, row.epoch, chain, {"prompt": ObjectRef("", "", row.name, PRESET)})


def _row(preset: Preset, now: datetime) -> VoiceRow:
    return VoiceRow(
        id=id_of(preset),
        account_id=HOUSE,
        name=preset.name,
        description=preset.source,
        language=_language(preset),
        labels={},
        settings={},
        state=VoiceState.READY.value,
        epoch=1,
        grade=preset.grade,
        created_at=now,
    )


def _language(preset: Preset) -> str:
    """The one language of its recordings, if it is one."""
    return preset.languages[0] if len(preset.languages) == 1 else "auto"
