import pytest

from yinse.engine.text.en.numbers import cardinal, decimal, digits, ordinal, plural, year


@pytest.mark.parametrize(
    ("figures", "spoken"),
    [
        ("0", "zero"), ("13", "thirteen"), ("20", "twenty"), ("21", "twenty one"), ("100", "one hundred"), ("101", "one hundred one"),
        ("1024", "one thousand twenty four"), ("1,000,000", "one million"), ("2000000003", "two billion three"), ("007", "seven"),
        ("1234567890123456789", "one two three four five six seven eight nine zero one two three four five six seven eight nine"),
    ],
)  # fmt: skip
def test_cardinal(figures: str, spoken: str) -> None:
    assert cardinal(figures) == spoken


@pytest.mark.parametrize(
    ("figures", "spoken"),
    [
        ("1", "first"),
        ("2", "second"),
        ("5", "fifth"),
        ("12", "twelfth"),
        ("20", "twentieth"),
        ("101", "one hundred first"),
    ],
)
def test_ordinal(figures: str, spoken: str) -> None:
    assert ordinal(figures) == spoken


@pytest.mark.parametrize(
    ("figures", "spoken"),
    [
        ("1999", "nineteen ninety nine"), ("1905", "nineteen oh five"), ("1900", "nineteen hundred"), ("2000", "two thousand"),
        ("2004", "two thousand four"), ("2010", "twenty ten"), ("1066", "ten sixty six"), ("1000", "one thousand"),
    ],
)  # fmt: skip
def test_year(figures: str, spoken: str) -> None:
    assert year(figures) == spoken


def test_other_forms() -> None:
    assert decimal("3.14") == "three point one four"
    assert decimal(".5") == "zero point five"
    assert digits("1-0", "oh") == "one oh"
    assert [plural(word) for word in ("ninety", "six", "hundred")] == ["nineties", "sixes", "hundreds"]
