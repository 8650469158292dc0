"""Polyphones, sandhi and erhua as they sound in whole clauses."""

from collections.abc import Callable

import pytest

CASES = {
    "polyphones in words": [
        ("银行行长", "yin2 hang2 hang2 zhang3"), ("重庆", "chong2 qing4"), ("长大", "zhang3 da4"), ("还是", "hai2 shi5"),
        ("音乐快乐", "yin1 yue4 kuai4 le4"), ("便宜方便", "pian2 yi5 fang1 bian4"), ("睡觉觉得", "shui4 jiao4 jue2 de5"),
        ("薄弱", "bo2 ruo4"), ("角色", "jue2 se4"), ("参差", "cen1 ci1"), ("朝阳", "zhao1 yang2"), ("蒙古人", "meng2 gu3 ren2"),
        ("教会", "jiao4 hui4"), ("弹道", "dan4 dao4"), ("委员长", "wei3 yuan2 zhang3"), ("华为", "hua2 wei2"), ("刘子华", "liu2 zi3 hua2"),
        ("轻轻地", "qing1 qing1 de5"), ("彼得", "bi3 de2"), ("头发", "tou2 fa5"), ("尽管尽力", "jin2 guan3 jin4 li4"),
    ],
    "polyphones alone": [
        ("他跑得快", "ta1 pao3 de5 kuai4"), ("你得去", "ni2 dei3 qu4"), ("慢慢地走", "man4 man4 de5 zou3"), ("高兴地说", "gao1 xing4 de5 shuo1"),
        ("二十只鸡", "er4 shi2 zhi1 ji1"), ("只有", "zhi2 you3"), ("吃不了", "chi1 bu5 liao3"), ("他还了钱", "ta1 huan2 le5 qian2"), ("还没", "hai2 mei2"),
        ("三行诗", "san1 hang2 shi1"), ("打中了", "da3 zhong4 le5"), ("数了三遍", "shu3 le5 san1 bian4"), ("很干", "hen3 gan1"),
        ("教我", "jiao1 wo3"), ("弹一首歌", "tan2 yi4 shou3 ge1"), ("火着了", "huo3 zhao2 le5"), ("看着", "kan4 zhe5"),
        ("以他为师", "yi3 ta1 wei2 shi1"), ("为你", "wei4 ni3"), ("头发长了", "tou2 fa5 chang2 le5"), ("长了胡子", "zhang3 le5 hu2 zi5"),
    ],
    "bu": [
        ("不是", "bu2 shi4"), ("不好", "bu4 hao3"), ("好不好", "hao3 bu5 hao3"), ("看不懂", "kan4 bu5 dong3"), ("我不", "wo3 bu4"), ("不个性", "bu2 ge4 xing4"),
    ],
    "yi": [
        ("一个人", "yi2 ge5 ren2"), ("一心一意", "yi4 xin1 yi2 yi4"), ("看一看", "kan4 yi5 kan4"), ("第一名", "di4 yi1 ming2"),
        ("一百一十一", "yi4 bai3 yi1 shi2 yi1"), ("一月一日", "yi1 yue4 yi1 ri4"), ("星期一早上", "xing1 qi1 yi1 zao3 shang5"),
        ("统一战线", "tong3 yi1 zhan4 xian4"), ("同一个", "tong2 yi2 ge4"), ("一点水", "yi4 dian2 shui3"), ("一点半", "yi1 dian3 ban4"),
        ("三分之一", "san1 fen1 zhi1 yi1"), ("一九九八", "yi1 jiu2 jiu3 ba1"),
    ],
    "third tone": [
        ("你好", "ni2 hao3"), ("老虎", "lao2 hu3"), ("展览馆", "zhan2 lan2 guan3"), ("小老虎", "xiao3 lao2 hu3"), ("我很好", "wo3 hen2 hao3"),
        ("我也想买", "wo2 ye3 xiang2 mai3"), ("老板想", "lao2 ban2 xiang3"), ("永远美好", "yong2 yuan3 mei2 hao3"), ("哪儿有", "na2 r you3"),
        ("你，好", "ni3 , hao3"),
    ],
    "neutral tone": [
        ("妈妈", "ma1 ma5"), ("看看", "kan4 kan5"), ("我们", "wo3 men5"), ("桌子上", "zhuo1 zi5 shang5"), ("房间里", "fang2 jian1 li5"),
        ("站起来", "zhan4 qi3 lai5"), ("朋友", "peng2 you5"), ("东西", "dong1 xi5"), ("电子", "dian4 zi3"), ("地方", "di4 fang5"),
        ("我们上课", "wo3 men5 shang4 ke4"), ("一步一步", "yi2 bu4 yi2 bu4"), ("看得见", "kan4 de5 jian4"), ("穿着打扮", "chuan1 zhuo2 da3 ban4"), ("run了", "R AH1 N le5"), ("还没还", "hai2 mei2 huan2"), ("树叶落下", "shu4 ye4 luo4 xia4"), ("半夜三更", "ban4 ye4 san1 geng1"),
    ],
    "erhua": [
        ("花儿", "hua1 r"), ("一会儿", "yi2 hui4 r"), ("小孩儿", "xiao3 hai2 r"), ("女儿", "nv3 er2"), ("幼儿园", "you4 er2 yuan2"),
        ("今儿个", "jin1 r ge4"), ("儿子", "er2 zi5"), ("二儿", "er4 er2"),
    ],
    "traditional": [
        ("頭髮", "tou2 fa5"), ("他說", "ta1 shuo1"), ("一隻", "yi4 zhi1"), ("銀行", "yin2 hang2"), ("長髮", "chang2 fa4"), ("人人々", "ren2 ren2 ren2"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "spoken"),
    [pytest.param(*case, id=f"{kind}: {case[0]}") for kind, cases in CASES.items() for case in cases],
)
def test_readings(pinyin: Callable[[str], str], written: str, spoken: str) -> None:
    assert pinyin(written) == spoken
