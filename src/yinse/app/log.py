"""Structured logs: one JSON object a line, plain lines at a terminal. Ids and numbers, never text, audio, paths or keys."""

import json
import logging
import sys
from datetime import UTC, datetime

from yinse.contracts.errors import YinseError


class JsonFormatter(logging.Formatter):
    """Time, level, logger, event, and the fields that were bound to it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "at": moment,
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class ForeseenIsNoError(logging.Filter):
    """Leaves out what the web server says of an answer that the house itself cut off, such as a deleted voice's."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this is to be logged."""
        error = record.exc_info[1] if record.exc_info else None
        return error is None or not isinstance(error.__cause__, YinseError)


def configure(level: int, *, plain: bool = False) -> None:
    """Send every log to standard error, as JSON or as plain lines for somebody who sits there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s") if plain else JsonFormatter())
    handler.addFilter(ForeseenIsNoError())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # uvicorn tells of every WebSocket with its whole address, which may hold a key or a ticket
    for name in ("sqlalchemy.engine", "alembic", "httpx", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
