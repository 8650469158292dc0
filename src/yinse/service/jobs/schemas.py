"""Jobs on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from yinse.service.jobs.tables import JobRow, JobState


class JobError(BaseModel):
    """Why a job failed, or why it is being tried again."""

    code: str
    message: str
    recording: str | None = Field(default=None, description="id of the recording that it is about")


class Job(BaseModel):
    """A long task and how far it is."""

    id: str
    kind: str
    state: JobState
    progress: float = Field(ge=0, le=1)
    voice_id: str | None
    result: dict[str, Any] | None
    error: JobError | None
    created_at: datetime
    ended_at: datetime | None


class Jobs(BaseModel):
    """The newest jobs first."""

    items: list[Job]


def job_of(row: JobRow) -> Job:
    """A job as its owner sees it."""
    error = None
    if row.error_code:
        told = row.error_message or ""
        error = JobError(code=row.error_code, message=told, recording=row.error_recording)
    fields = ("id", "kind", "state", "progress", "voice_id", "result", "created_at", "ended_at")
    return Job(**{name: getattr(row, name) for name in fields}, error=error)
