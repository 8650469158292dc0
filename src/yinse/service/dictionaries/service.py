"""Make, change and look up dictionaries."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from yinse.contracts.errors import NotFound
from yinse.contracts.refusals import Conflict
from yinse.contracts.speech import LexiconRule
from yinse.service.context import Context
from yinse.service.dictionaries.schemas import Locator, Rule
from yinse.service.dictionaries.tables import DictionaryRow, DictionaryVersionRow
from yinse.service.ids import new_id
from yinse.service.ownership import owned


async def create(ctx: Context, name: str, rules: Sequence[Rule]) -> DictionaryRow:
    """Make a dictionary with its first version. Raises `Conflict` where the account has very many."""
    held = select(func.count()).select_from(DictionaryRow).where(DictionaryRow.account_id == ctx.account_id)
    most = ctx.ports.options.limits.dictionaries
    if (await ctx.session.scalar(held) or 0) >= most:
        message = f"An account may have {most} dictionaries; delete one first."
        raise Conflict(message, code="too_many_dictionaries")
    row = DictionaryRow(
        id=new_id("dict"), account_id=ctx.account_id, name=name, version=0, created_at=ctx.now
    )
    ctx.session.add(row)
    await ctx.session.flush()
    _add_version(ctx, row, rules)
    return row


async def change(ctx: Context, dictionary_id: str, rules: Sequence[Rule]) -> DictionaryRow:
    """Add a version, and forget those that are older than the newest few. Raises `NotFound`."""
    row = await get(ctx, dictionary_id)
    _add_version(ctx, row, rules)
    oldest = row.version - ctx.ports.options.limits.dictionary_versions
    of_it = DictionaryVersionRow.dictionary_id == row.id
    await ctx.session.execute(
        delete(DictionaryVersionRow).where(of_it, DictionaryVersionRow.number <= oldest)
    )
    return row


async def get(ctx: Context, dictionary_id: str) -> DictionaryRow:
    """Fetch the caller's own dictionary. Raises `NotFound`."""
    return await owned(ctx.session, DictionaryRow, dictionary_id, ctx.account_id, "dictionary")


async def rules_of(ctx: Context, dictionary_id: str, version: int | None) -> list[Rule]:
    """The rules of a version. Raises `NotFound`."""
    row = await get(ctx, dictionary_id)
    found = await ctx.session.get(DictionaryVersionRow, (row.id, version or row.version))
    if found is None:
        raise NotFound("This dictionary has no such version.")
    return [Rule.model_validate(rule) for rule in found.rules]


async def lexicon(ctx: Context, locators: Sequence[Locator]) -> tuple[LexiconRule, ...]:
    """All rules of some dictionaries; of two for the same word the first wins. Raises `NotFound`."""
    found: dict[str, LexiconRule] = {}
    for locator in locators:
        for rule in await rules_of(ctx, locator.id, locator.version):
            phonemes = tuple(rule.phonemes) if rule.phonemes else None
            found.setdefault(rule.written, LexiconRule(rule.written, rule.alias, phonemes))
    return tuple(found.values())


def _add_version(ctx: Context, row: DictionaryRow, rules: Sequence[Rule]) -> None:
    row.version += 1
    stored = [rule.model_dump(exclude_none=True) for rule in rules]
    ctx.session.add(
        DictionaryVersionRow(dictionary_id=row.id, number=row.version, rules=stored, created_at=ctx.now)
    )
