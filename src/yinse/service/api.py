"""The application: every router, one error table, one envelope."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI

import yinse
from yinse.service import problems
from yinse.service.accounts import endpoints as accounts
from yinse.service.coach import endpoints as coach
from yinse.service.consents import endpoints as consents
from yinse.service.dictionaries import endpoints as dictionaries
from yinse.service.grants import endpoints as grants
from yinse.service.history import endpoints as history
from yinse.service.jobs import endpoints as jobs
from yinse.service.middleware import Envelope
from yinse.service.operations import endpoints as operations
from yinse.service.ports import Ports
from yinse.service.speech import endpoints as speech
from yinse.service.speech import live
from yinse.service.voices import endpoints as voices
from yinse.service.voices import receipts

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

FEATURES = (
    accounts,
    voices,
    receipts,
    consents,
    grants,
    coach,
    speech,
    live,
    history,
    dictionaries,
    jobs,
    operations,
)

DESCRIPTION = """Everyone's own AI voice: record, consent, speak, delete.

Errors are problem documents (RFC 9457, `application/problem+json`) with a stable `code`.
"""


def create_api(ports: Ports, lifespan: Lifespan | None = None) -> FastAPI:
    """Build the application over its ports."""
    app = FastAPI(
        title="Yinse",
        version=yinse.__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        responses={"4XX": {"model": problems.Problem, "description": "Refused, and why"}},
    )
    app.state.ports = ports
    app.add_middleware(Envelope, metrics=ports.metrics, body_limit=ports.options.limits.body_bytes)
    problems.install(app, {})
    for feature in FEATURES:
        app.include_router(feature.router)
    return app
