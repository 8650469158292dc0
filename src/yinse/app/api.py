"""API, worker and studio in one process on embedded defaults."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from yinse.app.background import background
from yinse.app.explorer import mount_explorer
from yinse.app.studio import mount_studio
from yinse.app.wiring import build_ports, close_databases, open_databases
from yinse.service.api import Lifespan, create_api
from yinse.service.operations import endpoints as operations
from yinse.service.ports import Ports
from yinse.settings import Settings


def create_app(settings: Settings, *, work: bool = True, studio: Path | None = None) -> FastAPI:
    """Build the application; `work` runs jobs here too, `studio` is the folder of the built studio."""
    ports = build_ports(settings)
    app = create_api(ports, _lifespan(ports, work=work))
    mount_explorer(app)
    mount_studio(app, studio)
    return app


def create_worker(settings: Settings) -> FastAPI:
    """Build a process that runs jobs and answers nothing but how it is: health, metrics, the operator."""
    ports = build_ports(settings)
    return create_api(ports, _lifespan(ports, work=True), (operations,))


def _lifespan(ports: Ports, *, work: bool) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await open_databases(ports)
        try:
            async with background(ports, work=work):
                yield
        finally:
            await ports.speech.close()
            await close_databases(ports)

    return lifespan
