import pytest

from yinse.engine.text.zh.numbers import cardinal, counting, decimal, digits, signed, telephone


@pytest.mark.parametrize(
    ("figures", "spoken"),
    [
        ("0", "零"), ("2", "二"), ("10", "十"), ("12", "十二"), ("20", "二十"), ("102", "一百零二"), ("110", "一百一十"),
        ("112", "一百一十二"), ("200", "二百"), ("1024", "一千零二十四"), ("2000", "两千"), ("2222", "两千二百二十二"),
        ("10010", "一万零一十"), ("10203", "一万零二百零三"), ("22000", "两万二千"), ("100000", "十万"), ("100001", "十万零一"),
        ("1000000", "一百万"), ("200000000", "两亿"), ("100000001", "一亿零一"), ("100010000", "一亿零一万"),
        ("3000002", "三百万零二"), ("12345678", "一千二百三十四万五千六百七十八"), ("1,000,000", "一百万"), ("007", "七"),
        ("12345678901234567", "一二三四五六七八九零一二三四五六七"),
    ],
)  # fmt: skip
def test_cardinal(figures: str, spoken: str) -> None:
    assert cardinal(figures) == spoken


def test_other_forms() -> None:
    assert decimal("1,234.50") == "一千二百三十四点五零"
    assert decimal(".5") == "零点五"
    assert signed("-3") == "负三"
    assert signed("+3") == "正三"
    assert digits("2024") == "二零二四"
    assert telephone("110-1") == "幺幺零幺"
    assert [counting(figures) for figures in ("2", "12", "2.5")] == ["两", "十二", "二点五"]
