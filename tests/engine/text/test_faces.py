import pytest

from yinse.engine.text.faces import FACE, match_face
from yinse.engine.text.frontend import TextFrontend


@pytest.mark.parametrize(
    "face",
    [
        "(´・ω・`)", "(≧▽≦)", "(ง •_•)ง", "(´；ω；`)", "(๑•̀ㅂ•́)و✧", "¯\\_(ツ)_/¯", "╮(╯▽╰)╭", "(｡♥‿♥｡)", "m(_ _)m", "(ﾟДﾟ)", "(^o^)/",
        "ヽ(✿ﾟ▽ﾟ)ノ", "ಥ_ಥ", "ʕ•ᴥ•ʔ", "(づ｡◕‿‿◕｡)づ", "QAQ", "(=^・^=)", "(￣▽￣)", "T_T", "^_^", "=_=", ">_<", "(╯°□°)╯︵ ┻━┻",
    ],
)  # fmt: skip
def test_a_face_is_one_silent_character_wherever_it_stands(face: str) -> None:
    text = f"你好{face}，再见"

    assert match_face(text, 2) == 2 + len(face)
    (utterance,) = TextFrontend().analyse(text)
    assert utterance.text == text
    assert utterance.spoken == "你好,再见"


@pytest.mark.parametrize(
    "text",
    [
        "(化名)", "(x^2)", "(≥5)", "(α+β)", "(……)", "(笑)", "(^)", "TATA", "a^b^c", "(a-b)", "(5-3)", "(0-0-0)", "（-0.0～-0.0）", "(约500)",
        "(ー)", "qwqa",
    ],
)  # fmt: skip
def test_what_has_words_or_figures_is_no_face(text: str) -> None:
    assert all(match_face(text, position) == position for position in range(len(text)))


def test_no_face_stands_in_what_is_written() -> None:
    assert FACE not in TextFrontend().analyse("好(´・ω・`)的")[0].spoken
