"""Readings of single-character words that depend on their neighbours (得 了 只 长 还 ...).

Words of two characters and more are read from the table; these rules speak only where a polyphone stands alone.
Patterns look at the characters before and after; 得, 地 and 为 also look at parts of speech.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from yinse.engine.text.zh.words import Word

_SURNAMES: Final = {
    "曾": "zeng1", "单": "shan4", "仇": "qiu2", "解": "xie4", "区": "ou1", "查": "zha1", "盖": "ge3", "朴": "piao2",
    "任": "ren2", "乐": "yue4", "华": "hua4", "员": "yun4", "繁": "po2", "燕": "yan1", "宁": "ning4", "洗": "xian3",
}  # fmt: skip
"""Surnames that are read otherwise than the word."""
_TITLE: Final = "先生|女士|小姐|太太|老师|教授|医生|大夫|同学|阿姨|叔叔|师傅|警官|某|氏"
_NUMERAL: Final = "[零〇一二三四五六七八九十百千万亿两几数半多每各]"

_PATTERNS: Final[tuple[tuple[str, str, str, str], ...]] = (
    # character, pattern before, pattern after, reading
    ("了", "(^|[我你他她它们谁])得$", "", "le5"),
    ("了", "[不得]$", "", "liao3"),
    ("着", "[火睡点灯烧燃]$", "了|$", "zhao2"),
    ("着", "[不得]$", "", "zhao2"),
    ("只", f"({_NUMERAL}|[这那哪整])$", "[^是有要会能不想好剩]|$", "zhi1"),
    ("重", f"{_NUMERAL}$", "", "chong2"),
    ("重", "", "[做写来装启建修画唱排考测学逢游返组塑启印译读拍试]", "chong2"),
    ("行", f"{_NUMERAL}$", "[字诗代文人数]", "hang2"),
    ("长", "越$", "越", "zhang3"),
    ("率", "", "[军兵众团部队师]", "shuai4"),
    ("长", "", "[着满出胖高壮歪痘草虫叶芽斑皱霉锈刺疮角]|了.|得", "zhang3"),
    ("还", "", "$", "huan2"),
    ("还", "", "[钱书债账款贷车货给清你我他她]|了(?!有|能|会|要|是|解|不|得|如)", "huan2"),
    ("还", "", "[完掉上]了?$|[完掉]了|(?:房|车|网|助学)贷|花呗|信用卡|利息|本金|人情", "huan2"),
    ("还", "[要得该来不未没会]$", "的$|吗$|呢$", "huan2"),
    ("种", f"({_NUMERAL}|[这那哪某])$", "", "zhong3"),
    ("种", "", "[着过在了下上满]", "zhong4"),
    ("种", "[好难在想要会去来能没别不我你他她们]$", "", "zhong4"),
    ("调", "[被抽]$", "[到去往任回走入]", "diao4"),
    ("背", "", "在?[身肩背]上|黑锅", "bei1"),
    ("背", "把.{1,4}$", "[上起走]", "bei1"),
    ("处", "们$", "得", "chu3"),
    ("吐", "", "得", "tu4"),
    ("假", "(放|请|休|[天周月个年病事婚产长寒暑小])[了个的]?$", "", "jia4"),
    ("假", "放了?..?天$", "", "jia4"),
    ("结", "", "[满出了]?.{0,2}[果籽穗]|满", "jie1"),
    ("没", "", "过[头膝腰胸脚顶]|顶|入[水海河湖土泥黑夜]", "mo4"),
    ("觉", "睡.{0,3}$", "", "jiao4"),
    ("数", "从.{1,4}$", "到", "shu3"),
    ("切", "", "不可|[莫勿忌记合]", "qie4"),
    ("转", "[左右后向]$", "", "zhuan3"),
    ("转", "[绕围].{0,4}$|[打团在]$", "", "zhuan4"),
    ("转", "", "起来|[得着]|个不停", "zhuan4"),
    ("中", "", "[了过着]", "zhong4"),
    ("倒", "", "了.{0,2}[杯碗壶瓶水茶酒油奶些]|了点|了垃圾|了车", "dao4"),
    ("倒", "", "[了下在塌]|地上", "dao3"),
    ("干", "", "了[这那]?[一两]?[杯碗瓶]", "gan1"),
    ("奔", "", "着", "ben4"),
    ("干", "[很太更最口晒擦烘吹晾风变]$", "", "gan1"),
    ("背", "", "[着起上了包]", "bei1"),
    ("转", "", "[了着]?.?圈|来转|个不停", "zhuan4"),
    ("盛", "", "[了着满好]", "cheng2"),
    ("系", "", "[着上好紧了]", "ji4"),
    ("数", "[请来去]$", "", "shu3"),
    ("数", "", "[了着]|一数", "shu3"),
    ("数", "^$", "", "shu3"),
    ("挑", "", "[着起担]", "tiao1"),
    ("钻", "", "石|戒", "zuan4"),
    ("吐", "", "了|血", "tu4"),
    ("粘", "", "[着在上了]", "zhan1"),
    ("泊", "湖|梁山$", "", "po1"),
    ("蒙", "内$", "古", "meng3"),
    ("量", "", "[了着一]", "liang2"),
    ("称", "", "[了着一]下?|重", "cheng1"),
    ("当", "[没别被]$", "", "dang4"),
    ("兴", "", "[了起]", "xing1"),
    ("露", "", "[了马馅怯]", "lou4"),
    ("喝", "", "彩|令", "he4"),
    ("散", "", "[着了]?架|文", "san3"),
    ("少", "[年老]$", "", "shao4"),
    ("空", "[没有抽]$", "", "kong4"),
    ("冲", "", "[着劲]", "chong4"),
    ("压", "", "根儿?", "ya4"),
    ("炸", "", "[鸡鱼薯酱油]", "zha2"),
    ("扇", "", "[了着动]", "shan1"),
    ("闷", "", "热|[着在]", "men1"),
    ("挣", "", "[了着到钱]", "zheng4"),
    ("佣", "", "金", "yong4"),
    ("哪", "[啊呀]$", "$", "na5"),
)

_RULES: Final[dict[str, list[tuple[re.Pattern[str], re.Pattern[str], str]]]] = {}
_NAMES: Final = [
    (char, before, after, reading)
    for char, reading in _SURNAMES.items()
    for before, after in (("姓$", ""), ("", _TITLE))
]
_NICKNAMES: Final = [(char, "[小老阿]$", "", _SURNAMES[char]) for char in "曾单任仇朴"]
for _char, _before, _after, _reading in (*_NAMES, *_NICKNAMES, *_PATTERNS):
    _RULES.setdefault(_char, []).append((re.compile(_before), re.compile(_after), _reading))


_BEFORE_MUST: Final = frozenset("就 还 也 都 总 可 必须 一定 人 又 们".split())
_CHOSEN: Final = frozenset(
    "选 推选 选举 推举 任命 聘 聘请 拜 称 尊称 封 认 奉 尊 立 视 列 评 誉 命名 定义 理解 看作".split()
)
"""Verbs whose object 为 makes something: 选他为代表."""
_EXTREMES: Final = frozenset(
    "要命 要死 不行 不得了 慌 厉害 发抖 发慌 冒泡 冒烟 流油 可怜 吓人 出奇 离谱".split()
)
"""What is so to an extreme: 热得要命."""


def _read_de_modal(words: Sequence[Word], index: int) -> str:
    """得: `dei3` (must) between a subject or adverb and a verb, else the structural particle `de5`."""
    before = words[index - 1] if index else None
    after = words[index + 1] if index + 1 < len(words) else None
    if after is None:
        return "de5"
    if before is None:
        return "dei3" if after.tag[:1] in "vdp" else "de5"
    if after.text in _EXTREMES:
        return "de5"
    subject = before.tag[:1] == "r" or before.text in _BEFORE_MUST
    if subject and after.text[0] in "了过":
        return "de2"
    subject = subject or (before.tag in ("n", "nr", "ns", "t") and after.tag[:1] in "vdp")
    return "dei3" if subject and after.text[0] not in "很太更最不多这那极" else "de5"


_MANNERED: Final = "说问答道喊叫看望笑哭走做想点摇"
"""Verbs that are done in some manner; after a noun such as 关切 they tell that 地 makes it one."""


def _read_de_adverbial(words: Sequence[Word], index: int) -> str:
    """地: `de5` between a modifier and a predicate (慢慢地走), else the noun `di4`."""
    before = words[index - 1] if index else None
    after = words[index + 1] if index + 1 < len(words) else None
    if (
        before is None
        or after is None
        or (after.tag[:1] not in "vdpaxizc" and after.text not in _MANNERED and after.text[0] not in "往向朝")
    ):
        return "di4"
    modifier = (
        before.tag[:1] in "abdzilvox"
        or before.text[-2:-1] == before.text[-1:]
        or (before.tag == "n" and after.tag[:1] in "vn" and (len(after.text) > 1 or after.text in _MANNERED))
    )
    return "de5" if modifier and len(before.text) > 1 else "di4"


def _read_wei(words: Sequence[Word], index: int) -> str:
    """为: `wei2` (be, become) after a verb or noun and before a value or class, else `wei4` (for)."""
    before = "".join(word.text for word in words[max(0, index - 6) : index])
    after = words[index + 1] if index + 1 < len(words) else None
    if re.search("[以被由][^，]{1,8}$", before) or (after is not None and after.tag[:1] == "m"):
        return "wei2"
    if any(word.text in _CHOSEN for word in words[max(0, index - 4) : index]):
        return "wei2"
    passive = any(word.text.startswith("所") and word.text != "所以" for word in words[index + 1 : index + 4])
    return "wei2" if passive or (index and words[index - 1].tag[:1] == "v") else "wei4"


_FUNCTIONS: Final[dict[str, Callable[[Sequence[Word], int], str]]] = {
    "得": _read_de_modal,
    "地": _read_de_adverbial,
    "为": _read_wei,
}


def read_in_context(words: Sequence[Word], index: int) -> tuple[str, ...]:
    """Numbered pinyin of word `index`, one item a character, given the words of its clause."""
    word = words[index]
    if word.text == "穿着" and index and words[index - 1].text == "的":
        return ("chuan1", "zhuo2")
    if len(word.text) > 1:
        return word.pinyin
    if word.text in _FUNCTIONS:
        return (_FUNCTIONS[word.text](words, index),)
    if word.text in _RULES:
        before = "".join(other.text for other in words[max(0, index - 4) : index])
        after = "".join(other.text for other in words[index + 1 : index + 5])
        for left, right, reading in _RULES[word.text]:
            if left.search(before) and right.match(after):
                return (reading,)
    return word.pinyin
