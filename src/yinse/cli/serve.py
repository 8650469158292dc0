"""`yinse serve`: API, worker and studio in one process."""

import json
import os
import sys
import threading
import webbrowser
from pathlib import Path

import click

PORT, WORKER_PORT = 8700, 8701
"""Two, so that both halves of a service may run on one machine."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"Port.  [default: {PORT}; with --only-worker {WORKER_PORT}]",
)
@click.option(
    "--studio", type=click.Path(path_type=Path), envvar="YINSE_STUDIO", help="Folder of the built studio."
)
@click.option("--open", "show", is_flag=True, help="Open the studio in this machine's browser.")
@click.option(
    "--no-worker", is_flag=True, help="Answer requests only; run jobs with --only-worker elsewhere."
)
@click.option("--only-worker", is_flag=True, help="Run jobs only; answers /healthz, /readyz and /metrics.")
@click.option("--openapi", type=click.Path(path_type=Path), help="Write the OpenAPI document here and end.")
def serve(
    host: str,
    port: int | None,
    studio: Path | None,
    show: bool,
    no_worker: bool,
    only_worker: bool,
    openapi: Path | None,
) -> None:
    """Serve the web API and the studio."""
    if openapi is not None:
        _write_openapi(openapi)
        return
    if no_worker and only_worker:
        raise click.UsageError("--no-worker and --only-worker leave nothing to do.")
    from yinse.app.api import create_app, create_worker
    from yinse.app.server import listen, run
    from yinse.settings import Settings

    taken = listen(host, port if port is not None else WORKER_PORT if only_worker else PORT)
    address = f"http://{host}:{taken.getsockname()[1]}"

    def ready() -> None:
        if only_worker:
            click.echo(f"Yinse works; how it is: {address}/readyz. Ctrl-C stops it.")
            return
        click.echo(f"Yinse listens on {address} (API documents: {address}/docs). Ctrl-C stops it.")
        if show:
            _open(address)

    settings = Settings()
    if only_worker:
        app = create_worker(settings)
    else:
        app = create_app(settings, work=not no_worker, studio=studio or _studio())
    run(app, taken, ready)
    click.echo("Yinse has stopped.")


def _studio() -> Path:
    """The studio that `make studio` built: here, or where this code lies."""
    here, ours = Path("studio/dist"), Path(__file__).parents[3] / "studio" / "dist"
    return here if here.is_dir() else ours


def _open(address: str) -> None:
    """Show a page in a browser with a window; never one that would take over this terminal."""
    if sys.platform.startswith("linux") and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        return
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _write_openapi(path: Path) -> None:
    from yinse.app.document import openapi_document

    text = json.dumps(openapi_document(), ensure_ascii=False, indent=1, sort_keys=True)
    if str(path) == "-":
        click.echo(text)
    else:
        path.write_text(text + "\n")
        click.echo(f"Wrote {path}")
