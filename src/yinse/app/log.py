"""Structured logs: one JSON object a line, plain lines at a terminal. Ids and numbers, never text, audio, paths or keys."""

import json
import logging
import sys
from datetime import UTC, datetime


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


def configure(level: int, *, plain: bool = False) -> None:
    """Send every log to standard error, as JSON or as plain lines for somebody who sits there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s") if plain else JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # uvicorn tells of every WebSocket with its whole address, which may hold a key or a ticket
    for name in ("sqlalchemy.engine", "alembic", "httpx", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
