"""`yinse audit`: the audit trail."""

import asyncio
import json
from contextlib import aclosing

import click

_TOLD = ("number", "at", "account_id", "actor", "action", "subject", "details")


@click.group()
def audit() -> None:
    """Read and verify the audit trail."""


@audit.command()
@click.option("--head", help="A head printed earlier; the chain must still contain it.")
def verify(head: str | None) -> None:
    """Walk the whole chain; exits with 1 where it is broken."""
    from yinse.app.administration import verify_audit
    from yinse.settings import Settings

    verdict = asyncio.run(verify_audit(Settings(), head))
    if not verdict.intact:
        raise click.ClickException(f"The chain is broken at event {verdict.broken_at}: {verdict.reason}.")
    click.echo(f"Intact: {verdict.events} events. Head: {verdict.events}:{verdict.head}")


@audit.command(name="list")
@click.option("--account", help="Only events of this account, by its id.")
@click.option("--actor", help="Only what this key, session or job did, by its id.")
@click.option("--action", help="Only events of this kind, such as key.created.")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Only events behind this number.")
def list_events(account: str | None, actor: str | None, action: str | None, after: int) -> None:
    """Print events, the oldest first: one JSON object a line."""
    from yinse.app.administration import audit_events
    from yinse.settings import Settings

    async def tell() -> None:
        found = audit_events(Settings(), account=account, actor=actor, action=action, after=after)
        async with aclosing(found) as events:
            async for event in events:
                told = {name: getattr(event, name) for name in _TOLD}
                click.echo(json.dumps({**told, "at": event.at.isoformat()}, ensure_ascii=False))

    asyncio.run(tell())
