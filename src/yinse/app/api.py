"""API, worker and studio in one process on embedded defaults."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from yinse.app.background import background
from yinse.app.studio import mount_studio
from yinse.app.wiring import build_ports, close_databases, open_databases
from yinse.service.api import create_api
from yinse.settings import Settings


def create_app(settings: Settings, *, work: bool = True, studio: Path | None = None) -> FastAPI:
    """Build the application; `work` runs jobs here too, `studio` is the folder of the built studio."""
    ports = build_ports(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await open_databases(ports)
        try:
            async with background(ports, work=work):
                yield
        finally:
            await ports.speech.close()
            await close_databases(ports)

    app = create_api(ports, lifespan)
    mount_studio(app, studio)
    return app
