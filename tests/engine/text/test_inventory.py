import itertools

import pytest

from yinse.engine.text.inventory import main_language


@pytest.mark.parametrize("order", list(itertools.permutations(("zh", "en", "ja"))))
def test_of_languages_named_equally_often_the_first_is_the_main_one(order: tuple[str, ...]) -> None:
    """In every process: by the order of a set it would change from one to the next, and the audio with it."""
    assert main_language([None, *order, *order]) == order[0]
    assert main_language([*order, order[1]]) == order[1]


def test_without_a_language_there_is_no_main_one() -> None:
    assert main_language([None]) is None
