"""The scalars of a run as one CSV file that every resumption goes on writing."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers.logger import Logger

from yinse.engine.audio.files import write_atomic


class MetricsFile(Logger):
    """Appends a row whenever something is logged; a column that was never seen is added at the right.

    Rows from `first_step` on are dropped when the file is opened: the run takes those steps again.
    """

    def __init__(self, path: Path, *, first_step: int = 0) -> None:
        super().__init__()
        self.path = path
        rows, self._columns = read_metrics(path)
        kept = [row for row in rows if int(row["step"]) < first_step]
        if len(kept) < len(rows):
            self._rewrite(kept)

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.parent.name

    @property
    def version(self) -> str:
        """A run has one version only."""
        return ""

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """The recipe is kept elsewhere."""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Append one row."""
        row = {"step": str(step or 0), **{name: str(value) for name, value in metrics.items()}}
        unseen = [name for name in row if name not in self._columns]
        if unseen:
            self._columns = [*self._columns, *unseen]
            self._rewrite([*read_metrics(self.path)[0], row])
            return
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.DictWriter(file, self._columns).writerow(row)

    def _rewrite(self, rows: list[dict[str, str]]) -> None:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self._columns)
        writer.writeheader()
        writer.writerows(rows)
        write_atomic(self.path, text.getvalue().encode("utf-8"))


def read_metrics(path: Path) -> tuple[list[dict[str, str]], list[str]]:
    """Rows and column names of a run's metrics; none where there is no file yet."""
    if not path.exists():
        return [], []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    return rows, list(reader.fieldnames or [])
