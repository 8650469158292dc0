import pytest

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.directives import SayAsKind
from yinse.engine.text.ja.normalise import say_as

CASES = {
    "dates and times": [
        ("2024/3/5", "2024年3月5日"), ("12/25に", "12月25日に"), ("10:30", "10時30分"), ("3:00pm", "午後3時"), ("9時〜17時", "9時から17時"), ("月〜金", "月から金"), ("ね〜", "ね〜"), ("〜5分", "約5分"), ("9:00〜17:30", "9時から17時30分"), ("8:05:09", "8時5分9秒"),
    ],
    "money": [("¥1,000", "1000円"), ("$20", "20ドル"), ("¥3万", "3万円"), ("$1.5 million", "1500000ドル"), ("€5", "5ユーロ"), ("¥500円", "500円"), ("-¥5", "マイナス5円"), ("¥100-200", "100から200円")],
    "units": [
        ("2.5kg", "2.5キログラム"), ("10-20km", "10から20キロメートル"), ("-3.5℃", "マイナス3.5度"), ("50%", "50パーセント"), ("5~10%", "5から10パーセント"), ("100m²", "100平方メートル"), ("16GB", "16ギガバイト"),
    ],
    "amounts": [
        ("1,000,000人", "1000000人"), ("3本", "3本"), ("-5", "マイナス5"), ("3/4", "4分の3"), ("1 1/2", "1と2分の1"), ("2+3=5", "2たす3は5"), ("6÷2=3", "6わる2は3"),
        ("3~5人", "3から5人"), ("スコアは3-2", "スコアは3対2"), ("2-1で勝った", "2対1で勝った"), ("16:9", "16対9"), ("½", "2分の1"), ("1000+", "1000以上"), ("3e8", "3かける10の8乗"), ("Ⅷ章", "8章"),
    ],
    "codes": [
        ("03-1234-5678", "ゼロサンの、イチニーサンヨンの、ゴーロクナナハチ"), ("090-1234-5678", "ゼロキューゼロの、イチニーサンヨンの、ゴーロクナナハチ"), ("番号は123", "番号はイチニーサン"), ("007", "ゼロゼロナナ"),
        ("1.2.3", "1テン2テン3"), ("Ver.2.0", "バージョン2.0"), ("千代田区1-2-3", "千代田区1の2の3"), ("+81 90 1234 5678", "ハチイチの、キューゼロの、イチニーサンヨンの、ゴーロクナナハチ"), ("03(1234)5678", "ゼロサンの、イチニーサンヨンの、ゴーロクナナハチ"), ("192.168.1.1", "イチキューニーテンイチロクハチテンイチテンイチ"), ("GPT-4", "GPT4"),
    ],
    "nan or nani": [("何ですか", "なんですか"), ("何の", "なんの"), ("何が", "何が"), ("何人", "何人")],
    "signs and addresses": [
        ("A & B", "A アンド B"), ("x²", "xの2乗"), ("αとβ", "アルファとベータ"), ("a@b.jp", "a アットマーク b ドット J P"), ("C++とC#", "CプラスプラスとCシャープ"), ("x^2", "xの2乗"), ("〒100", "郵便番号イチゼロゼロ"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "spoken"),
    [pytest.param(*case, id=f"{kind}: {case[0]}") for kind, cases in CASES.items() for case in cases],
)
def test_tokens_are_read_by_their_class(normalise_ja, written: str, spoken: str) -> None:  # type: ignore[no-untyped-def]
    assert normalise_ja(written) == spoken


@pytest.mark.parametrize(
    ("kind", "content", "spoken"),
    [
        ("digits", "20", "ニーゼロ"), ("telephone", "110", "イチイチゼロ"), ("cardinal", "1,000", "1000"), ("ordinal", "3", "3番目"), ("characters", "AB1", "ABイチ"),
        ("date", "2024-3-5", "2024年3月5日"), ("time", "9:05", "9時5分"), ("fraction", "1/3", "3分の1"), ("percent", "5%", "5パーセント"), ("money", "$5", "5ドル"), ("word", "CD", "CD"),
    ],
)  # fmt: skip
def test_say_as(kind: SayAsKind, content: str, spoken: str) -> None:
    assert say_as(kind, content) == spoken


def test_say_as_declines_what_is_not_of_the_class() -> None:
    with pytest.raises(InvalidInput, match="cannot be said as time"):
        say_as("time", "x")
