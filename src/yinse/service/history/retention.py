"""History goes after its days; what was counted of it stays."""

from datetime import timedelta

from sqlalchemy import select

from yinse.service.history import tally
from yinse.service.history.tables import GenerationRow
from yinse.service.objects.purging import purge
from yinse.service.objects.tables import ObjectRow
from yinse.service.ports import Ports
from yinse.service.voices.presets import HOUSE, is_preset

_BATCH = 200


async def forget_old(ports: Ports) -> bool:
    """Remove one batch of history that is too old; tell whether there may be more."""
    oldest = ports.clock() - timedelta(days=ports.options.history_days)
    async with ports.database.transaction() as session:
        statement = select(GenerationRow).where(GenerationRow.created_at < oldest)
        rows = (await session.scalars(statement.order_by(GenerationRow.created_at).limit(_BATCH))).all()
        await tally.keep(session, [row for row in rows if not is_preset(row.voice_id)])
        audio = [await session.get(ObjectRow, row.audio_id) for row in rows if row.audio_id]
        for row in [*rows, *filter(None, audio)]:
            await session.delete(row)
        purge(session, ports.clock(), HOUSE, [kept.ref.path for kept in audio if kept is not None])
    return len(rows) == _BATCH
