"""`yinse keys`: API keys, and the root key that everything is sealed under."""

import asyncio

import click

_SCOPES = ("speech", "voices:read", "voices:write", "history", "account", "members", "operator")
_USUAL = ("speech", "voices:read", "voices:write", "history")


@click.group()
def keys() -> None:
    """Manage API keys and the keys that seal voices."""


@keys.command()
@click.option("--account", required=True, help="Account id or e-mail address.")
@click.option("--name", default="command line", show_default=True, help="What the key is for.")
@click.option(
    "--scopes",
    default=",".join(_USUAL),
    show_default=True,
    help=f"Comma-separated: {', '.join(_SCOPES)}.",
)
def create(account: str, name: str, scopes: str) -> None:
    """Create an API key and print it, once."""
    from yinse.app.administration import new_key
    from yinse.service.principal import Scope
    from yinse.settings import Settings

    wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    if unknown := sorted(set(wanted) - set(_SCOPES)):
        raise click.BadParameter(f"unknown: {', '.join(unknown)}", param_hint="--scopes")
    token, _ = asyncio.run(new_key(Settings(), account, name, [Scope(scope) for scope in wanted]))
    click.echo(token)


@keys.command()
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """Revoke an API key at once."""
    from yinse.app.administration import revoke_key
    from yinse.settings import Settings

    asyncio.run(revoke_key(Settings(), key_id))
    click.echo("Revoked.")


@keys.command(name="rotate-root")
@click.option("--retire", is_flag=True, help="Then destroy the older root keys.")
def rotate_root(retire: bool) -> None:
    """Make a fresh root key and rewrap every account's key under it."""
    from yinse.app.administration import rotate_root as rotate
    from yinse.settings import Settings

    click.echo(
        f"Rewrapped {asyncio.run(rotate(Settings(), retire=retire))} keys. Copy the root key file now."
    )


@keys.command(name="rotate-account")
@click.option("--account", required=True, help="Account id or e-mail address.")
def rotate_account(account: str) -> None:
    """Give an account a fresh key and seal anew what lay under the old one."""
    from yinse.app.administration import rotate_account as rotate
    from yinse.settings import Settings

    rotated = asyncio.run(rotate(Settings(), account))
    click.echo(f"Rewrapped {rotated.voices} voices; sealed {rotated.objects} texts and recordings anew.")


@keys.command()
def public() -> None:
    """Print the public key that deletion receipts are checked with."""
    from yinse.app.administration import public_key
    from yinse.settings import Settings

    click.echo(asyncio.run(public_key(Settings())))
