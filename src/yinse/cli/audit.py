"""`yinse audit`: the audit trail."""

import asyncio

import click


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
