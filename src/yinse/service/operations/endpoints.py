"""Health, metrics, and what an operator sees."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel
from sqlalchemy import func, select

from yinse.service.access import allow, public
from yinse.service.accounts.tables import AccountRow
from yinse.service.audit.service import verify
from yinse.service.context import Context, Visit
from yinse.service.jobs import queue
from yinse.service.jobs.tables import JobState
from yinse.service.ports import Ports
from yinse.service.principal import Scope
from yinse.service.voices.presets import HOUSE
from yinse.service.voices.tables import VoiceRow

router = APIRouter(tags=["operations"])

Operator = Annotated[Context, allow(Scope.OPERATOR)]


class Health(BaseModel):
    """Whether the process lives."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Whether requests should be sent here, and what stands in the way."""

    ready: bool
    checks: dict[str, bool]


class Overview(BaseModel):
    """The house at a glance."""

    accounts: int
    voices: dict[str, int]
    jobs: dict[str, int]
    streams: int
    engine: dict[str, Any]


class AuditVerdict(BaseModel):
    """Whether the audit chain holds."""

    intact: bool
    events: int
    head: str
    broken_at: int | None
    reason: str | None


@router.get("/healthz")
async def healthz(visit: Annotated[Visit, public(counted=False)]) -> Health:
    """Is the process alive?"""
    return Health()


@router.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness}})
async def readyz(visit: Annotated[Visit, public(counted=False)]) -> Response:
    """Should requests be sent here? Databases, engine, and not shutting down."""
    ports = visit.ports
    checks = {
        "database": await ports.database.answers(),
        "keys": await ports.keys.database.answers(),
        "engine": await ports.speech.ready(),
        "accepting": not ports.live.draining,
    }
    ready = all(checks.values())
    return JSONResponse({"ready": ready, "checks": checks}, 200 if ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(visit: Annotated[Visit, public()]) -> PlainTextResponse:
    """Prometheus metrics; without accounts, voices or texts."""
    await refresh(visit.ports, await queue.counts(visit.session))
    return PlainTextResponse(visit.ports.metrics.page(), media_type="text/plain; version=0.0.4")


async def refresh(ports: Ports, jobs: dict[str, int]) -> None:
    """Set the gauges that are read rather than counted."""
    for state in JobState:  # a state that no job is in any more is at zero, not where it was
        ports.metrics.queue.labels(state.value).set(jobs.get(state.value, 0))
    for name, value in ports.speech.gauges().items():
        ports.metrics.engine.labels(name).set(value)


@router.get("/v1/operator/overview")
async def overview(ctx: Operator) -> Overview:
    """The house at a glance."""
    of_people = VoiceRow.account_id != HOUSE
    by_state = select(VoiceRow.state, func.count()).where(of_people).group_by(VoiceRow.state)
    return Overview(
        accounts=await ctx.session.scalar(select(func.count()).select_from(AccountRow)) or 0,
        voices={row[0]: row[1] for row in await ctx.session.execute(by_state)},
        jobs=await queue.counts(ctx.session),
        streams=ctx.ports.live.count,
        engine=dict(ctx.ports.speech.gauges()),
    )


@router.get("/v1/operator/audit")
async def verify_audit(ctx: Operator) -> AuditVerdict:
    """Walk the audit chain."""
    return AuditVerdict.model_validate(await verify(ctx.session), from_attributes=True)
