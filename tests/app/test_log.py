"""An answer that the house itself cut off is nothing that an operator must look at; everything else is."""

import logging

import pytest

from yinse.app.log import ForeseenIsNoError
from yinse.contracts.errors import SynthesisFailed


def raised(cause):
    try:
        raise RuntimeError("Caught handled exception, but response already started.") from cause
    except RuntimeError as error:
        return (type(error), error, error.__traceback__)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (raised(SynthesisFailed("This voice was deleted.")), False),
        (raised(KeyError("a bug")), True),
        (raised(None), True),
        (None, True),
    ],
)
def test_only_what_was_foreseen_is_left_out(trouble, told):
    record = logging.LogRecord("uvicorn.error", logging.ERROR, __file__, 1, "Exception", (), trouble)
    assert ForeseenIsNoError().filter(record) is told
