"""Seconds spent inside named functions while something runs."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import wraps
from types import GeneratorType
from typing import Any
from unittest import mock


class Stopwatch:
    """Adds up wall-clock seconds by stage; a stage that calls itself or another is counted in both."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        """Count the time inside the block for `stage`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start

    @contextmanager
    def watching(self, stages: Mapping[str, tuple[Any, str]]) -> Iterator["Stopwatch"]:
        """Time the named functions while the block runs, then put them back."""
        with ExitStack() as stack:
            for stage, (owner, name) in stages.items():
                timed = self._timed(stage, getattr(owner, name))
                stack.enter_context(mock.patch.object(owner, name, timed))
            yield self

    def _timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*arguments: Any, **options: Any) -> Any:
            with self.running(stage):
                result = function(*arguments, **options)
            return self._steps(stage, result) if isinstance(result, GeneratorType) else result

        return timed

    def _steps(self, stage: str, generator: Generator[Any, None, Any]) -> Generator[Any, None, Any]:
        """Count only the time inside the generator, not that of whoever consumes it."""
        while True:
            try:
                with self.running(stage):
                    item = next(generator)
            except StopIteration as end:
                return end.value
            yield item
