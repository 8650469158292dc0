"""Before anything is spoken, in one transaction: may this caller, is there room, what is asked."""

import secrets
import unicodedata
from dataclasses import dataclass, field

from yinse.contracts.errors import InvalidInput
from yinse.contracts.refusals import AtCapacity, TooLarge
from yinse.contracts.speech import SynthesisRequest
from yinse.provenance.label import Label
from yinse.service.accounts import quota
from yinse.service.consents.phrases import is_consent
from yinse.service.context import Context
from yinse.service.dictionaries.service import lexicon
from yinse.service.grants import repository as grants
from yinse.service.history.tables import GenerationRow
from yinse.service.ids import new_id
from yinse.service.ownership import owned
from yinse.service.principal import Principal
from yinse.service.speech.media import Format, format_of
from yinse.service.speech.schemas import SpeechOrder
from yinse.service.voices.sealed import require_ready


@dataclass(frozen=True, slots=True)
class Prepared:
    """An admitted utterance: paid for, not yet spoken. Its audio is kept for `owner_id` under the key of `shelf_id`."""

    generation_id: str
    principal: Principal
    request: SynthesisRequest
    format: Format
    seed: int
    owner_id: str
    voice_id: str
    shelf_id: str
    version_id: str | None
    grant_id: str | None
    parent_id: str | None
    period: str
    store: bool
    source: str
    producer: str | None
    order: SpeechOrder = field(repr=False)

    @property
    def label(self) -> Label | None:
        """What its audio says of its origin."""
        return Label(self.producer, self.generation_id) if self.producer else None

    @property
    def characters(self) -> int:
        """What it costs."""
        return len(self.request.text)


def shutting_down() -> AtCapacity:
    """What new speech is told while the service ends."""
    return AtCapacity("The service is shutting down; send this again in a moment.", retry_after=5)


async def prepare(
    ctx: Context,
    order: SpeechOrder,
    *,
    wanted: Format | None = None,
    source: str = "speech",
    most: int | None = None,
) -> Prepared:
    """Admit an utterance and take its characters from the account's quota and the grant's.

    Raises `NotFound`, `Conflict`, `ConsentRequired`, `InvalidInput`, `TooLarge`, `QuotaExceeded`.
    """
    if ctx.ports.live.draining:
        raise shutting_down()
    longest = ctx.ports.options.limits.text_characters if most is None else most
    _check(order.text, order.previous_text, longest)
    seed = order.controls.seed if order.controls.seed is not None else secrets.randbits(32)
    prepared = await admit(ctx, order, seed=seed, wanted=wanted, source=source)
    await _pay(ctx, prepared)
    return prepared


async def admit(
    ctx: Context, order: SpeechOrder, *, seed: int, wanted: Format | None = None, source: str
) -> Prepared:
    """Find the voice, the dictionaries and the format; nothing is paid yet."""
    scope = grants.LIVE if source == "live" else grants.SYNTHESIS
    usable = await require_ready(ctx, order.voice, order.version, scope)
    if order.parent_id is not None:
        await owned(ctx.session, GenerationRow, order.parent_id, ctx.account_id, "utterance")
    generation_id, labels = new_id("gen"), ctx.ports.options.labels
    request = SynthesisRequest(
        request_id=generation_id,
        text=order.text,
        voice=usable.sealed,
        language=order.language,
        controls=order.controls.to_contract(seed),
        lexicon=await lexicon(ctx, order.dictionaries),
        previous_text=order.previous_text,
        next_text=order.next_text,
        thorough=order.thorough or source == "job",
        patient=source == "job",
    )
    return Prepared(
        generation_id=generation_id,
        principal=ctx.principal,
        request=request,
        format=wanted or format_of(order.format, order.sample_rate),
        seed=seed,
        owner_id=usable.keeper,
        voice_id=usable.row.id,
        shelf_id=usable.shelf,
        version_id=order.version or usable.row.version_id,
        grant_id=usable.grant.id if usable.grant else None,
        parent_id=order.parent_id,
        period=quota.period_of(ctx.now),
        store=order.store,
        source=source,
        producer=labels.producer if labels.on else None,
        order=order,
    )


def _check(text: str, before: str, most: int) -> None:
    """Refuse what cannot be spoken, or must not be; a text of symbols alone is the engine's to judge."""
    if len(text) > most:
        raise TooLarge(f"This text has {len(text)} characters; {most} are allowed here.")
    if not text.strip():
        raise InvalidInput("There is nothing to say: the text is empty.", code="empty_text")
    if any(unicodedata.category(character) == "Cs" for character in text):
        raise InvalidInput("This text is not valid Unicode.", code="invalid_text")
    if is_consent(before + text):
        raise InvalidInput(
            "A consent is read aloud by a person; its sentence is not spoken here.", code="consent_sentence"
        )


async def _pay(ctx: Context, prepared: Prepared) -> None:
    default = ctx.ports.options.limits.characters_monthly
    most = await quota.allowance(ctx.session, ctx.account_id, default)
    await quota.reserve(ctx.session, ctx.account_id, prepared.characters, most, ctx.now)
    if prepared.grant_id is not None:
        await grants.spend(ctx.session, prepared.grant_id, prepared.characters)
