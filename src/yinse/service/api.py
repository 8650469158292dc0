"""The application: every router, one error table, one envelope."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fastapi import APIRouter, FastAPI

import yinse
from yinse.service import problems
from yinse.service.accounts import endpoints as accounts
from yinse.service.accounts import privacy
from yinse.service.coach import endpoints as coach
from yinse.service.compat.elevenlabs import endpoints as elevenlabs
from yinse.service.compat.elevenlabs import multi_stream_input, stream_input
from yinse.service.compat.elevenlabs import schemas as elevenlabs_schemas
from yinse.service.compat.elevenlabs import voices as elevenlabs_voices
from yinse.service.compat.elevenlabs.dialect import PREFIX as ELEVENLABS
from yinse.service.compat.gptsovits import endpoints as gptsovits
from yinse.service.compat.gptsovits import schemas as gptsovits_schemas
from yinse.service.compat.openai import endpoints as openai
from yinse.service.compat.openai import schemas as openai_schemas
from yinse.service.consents import endpoints as consents
from yinse.service.dictionaries import endpoints as dictionaries
from yinse.service.grants import endpoints as grants
from yinse.service.history import advice, marks
from yinse.service.history import endpoints as history
from yinse.service.jobs import endpoints as jobs
from yinse.service.middleware import Envelope
from yinse.service.oidc import endpoints as oidc
from yinse.service.operations import endpoints as operations
from yinse.service.ports import Ports
from yinse.service.speech import endpoints as speech
from yinse.service.speech import lines, live
from yinse.service.voices import endpoints as voices
from yinse.service.voices import receipts

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Feature(Protocol):
    """A module with routes."""

    router: APIRouter


FEATURES: tuple[Feature, ...] = (
    accounts,
    privacy,
    oidc,
    voices,
    receipts,
    consents,
    grants,
    coach,
    speech,
    lines,
    live,
    history,
    advice,
    marks,
    dictionaries,
    jobs,
    operations,
    openai,
    elevenlabs,
    elevenlabs_voices,
    stream_input,
    multi_stream_input,
    gptsovits,
)

_GPT_SOVITS = (
    "/",
    "/tts",
    "/speakers",
    "/set_gpt_weights",
    "/set_sovits_weights",
    "/set_refer_audio",
    "/control",
)
STYLES: dict[str, problems.Style] = {
    "/v1/audio": openai_schemas.error_members,
    "/v1/models": openai_schemas.error_members,
    ELEVENLABS: elevenlabs_schemas.error_members,
    **dict.fromkeys(_GPT_SOVITS, gptsovits_schemas.error_members),
}

DESCRIPTION = """Everyone's own AI voice: record, consent, speak, delete.

Errors are problem documents (RFC 9457, `application/problem+json`) with a stable `code`.
"""


def create_api(
    ports: Ports, lifespan: Lifespan | None = None, features: Sequence[Feature] = FEATURES
) -> FastAPI:
    """Build the application over its ports; a process that only runs jobs has only some `features`."""
    app = FastAPI(
        title="Yinse",
        version=yinse.__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own pages take their scripts from another host
        redoc_url=None,
        responses={"4XX": {"model": problems.Problem, "description": "Refused, and why"}},
    )
    app.state.ports = ports
    problems.install(app, STYLES)
    app.add_middleware(Envelope, metrics=ports.metrics, limits=ports.options.limits, tracing=ports.tracing)
    for feature in features:
        app.include_router(feature.router)
    return app
