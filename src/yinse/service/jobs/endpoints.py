"""Jobs over HTTP, and as a stream of events."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from yinse.contracts.refusals import Conflict
from yinse.service.access import allow
from yinse.service.accounts.authentication import still_valid
from yinse.service.context import Context
from yinse.service.jobs import queue
from yinse.service.jobs.schemas import Job, Jobs, job_of
from yinse.service.jobs.tables import OPEN, JobRow
from yinse.service.ownership import owned
from yinse.service.principal import Scope
from yinse.service.responses import AfterCommit, Streamed, begin
from yinse.service.tasks import KINDS

router = APIRouter(tags=["jobs"])

_POLL_SECONDS = 0.25
_KEEP_ALIVE_POLLS = 60

JobsRead = Annotated[Context, allow(Scope.SPEECH)]


@router.get("/v1/jobs")
async def list_jobs(ctx: JobsRead, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Jobs:
    """List my jobs, newest first."""
    statement = select(JobRow).where(JobRow.account_id == ctx.account_id)
    rows = await ctx.session.scalars(statement.order_by(JobRow.id.desc()).limit(limit))
    return Jobs(items=[job_of(row) for row in rows])


@router.get("/v1/jobs/{job_id}")
async def get_job(ctx: JobsRead, job_id: str) -> Job:
    """Look at one job."""
    return job_of(await owned(ctx.session, JobRow, job_id, ctx.account_id, "job"))


@router.post("/v1/jobs/{job_id}/cancel")
async def cancel_job(ctx: JobsRead, job_id: str) -> Job:
    """Stop an open job: a long text with the scope that spoke it, what makes a voice with the one that changes voices."""
    row = await owned(ctx.session, JobRow, job_id, ctx.account_id, "job", lock=True)
    scope = KINDS[row.kind].cancelled_by
    if scope is None:
        raise Conflict("This job removes what was deleted; nobody stops it.", code="not_cancellable")
    ctx.principal.require(scope)
    if row.state in OPEN:
        queue.cancel(row, ctx.now)
        ctx.ports.metrics.jobs.labels(row.kind, row.state).inc()
        if on_failure := KINDS[row.kind].on_failure:
            await on_failure(ctx.session, row)
    return job_of(row)


@router.get(
    "/v1/jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def follow_job(ctx: JobsRead, job_id: str) -> Response:
    """Follow a job as server-sent events, until it has ended; one of the account's open connections."""
    await owned(ctx.session, JobRow, job_id, ctx.account_id, "job")

    async def build() -> Response:
        return Streamed(await begin(_held(ctx, job_id)), "text/event-stream")

    return AfterCommit(build)


async def _held(ctx: Context, job_id: str) -> AsyncGenerator[str, None]:
    most = ctx.ports.options.limits.connections
    with ctx.ports.throttle.hold("connections", ctx.account_id, most):
        async with aclosing(_events(ctx, job_id)) as events:
            async for event in events:
                yield event


async def _events(ctx: Context, job_id: str) -> AsyncGenerator[str, None]:
    last, polls = "", 0
    while not ctx.ports.live.draining:
        async with ctx.ports.database.transaction(write=False) as session:
            await still_valid(session, ctx.principal, ctx.ports.clock())
            row = await session.get(JobRow, job_id)
        if row is None:
            return
        state = job_of(row).model_dump_json()
        polls += 1
        if state != last:
            yield f"event: job\ndata: {state}\n\n"
        elif polls % _KEEP_ALIVE_POLLS == 0:
            yield ": still here\n\n"
        last = state
        if row.state not in OPEN:
            return
        await asyncio.sleep(_POLL_SECONDS)
