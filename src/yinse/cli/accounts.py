"""`yinse accounts`: the accounts of a server."""

import asyncio

import click


@click.group()
def accounts() -> None:
    """Manage the accounts of a server."""


@accounts.command()
@click.option("--name", required=True, help="What the account is called.")
@click.option("--email", help="For signing in with a password.")
@click.option("--password", help="At least ten characters; asked for when --email is given without it.")
@click.option("--role", type=click.Choice(["creator", "operator"]), default="creator", show_default=True)
def create(name: str, email: str | None, password: str | None, role: str) -> None:
    """Create an account and print its id."""
    from yinse.app.administration import new_account
    from yinse.service.principal import Role
    from yinse.settings import Settings

    if email and password is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    address = email.strip().lower() if email else None
    click.echo(asyncio.run(new_account(Settings(), name, address, password, Role(role))))


@accounts.command(name="list")
def list_all() -> None:
    """List all accounts."""
    from yinse.app.administration import list_accounts
    from yinse.settings import Settings

    for row in asyncio.run(list_accounts(Settings())):
        click.echo(f"{row.id}  {row.role:8}  {row.email or '-'}  {row.display_name}")
