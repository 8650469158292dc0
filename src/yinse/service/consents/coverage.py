"""A consent covers the recordings it was compared with, and so the versions that were made of those alone.

Otherwise somebody could consent with recordings of their own to a version that was made of another's, before or after.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from yinse.contracts.enrolment import ConsentMatch
from yinse.contracts.refusals import ConsentRequired
from yinse.contracts.speech import SealedVoice
from yinse.service.consents import repository
from yinse.service.consents.service import check_of
from yinse.service.consents.tables import ConsentRow
from yinse.service.objects.tables import ObjectRow
from yinse.service.ports import Ports
from yinse.service.voices.tables import VersionRow

_UNCOVERED = (
    "The speaker's consent was not compared with every recording that this version was made of; make a new version of "
    "the recordings that are there now, or read the consent again."
)


def covers(consent: ConsentRow, version: VersionRow | None) -> bool:
    """Whether everything the version was made of was compared with the consent."""
    if version is None or version.recordings is None:
        return False
    return set(version.recordings) <= set(consent.recordings or ())


async def require_version(session: AsyncSession, version_id: str | None, scope: str, now: datetime) -> None:
    """Raises `ConsentRequired` unless a consent to `scope` covers this version of its voice."""
    version = await session.get(VersionRow, version_id or "")
    consent = await repository.require(session, version.voice_id if version else "", scope, now)
    if not covers(consent, version):
        raise ConsentRequired(_UNCOVERED)


async def compare(ports: Ports, voice: SealedVoice, recordings: Sequence[ObjectRow]) -> ConsentMatch | None:
    """Compare the voice's consent with all its recordings; None where there is no consent that stands."""
    async with ports.database.transaction(write=False) as session:
        consent = await repository.valid(session, voice.voice_id, ports.clock())
        spoken = await session.get(ObjectRow, consent.recording_id) if consent else None
    if consent is None or spoken is None:
        return None
    refs = tuple(row.ref for row in recordings)
    return await ports.enrolment.verify_consent(
        check_of(voice, spoken.ref, refs, consent.phrase, consent.language)
    )


async def extend(session: AsyncSession, voice_id: str, recordings: Iterable[str], now: datetime) -> None:
    """Note that the voice's consent was compared with these recordings too."""
    if (consent := await repository.valid(session, voice_id, now)) is not None:
        consent.recordings = sorted({*(consent.recordings or ()), *recordings})
