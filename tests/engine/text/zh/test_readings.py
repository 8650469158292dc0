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
    "polyphones in set phrases": [
        ("打麻将", "da3 ma2 jiang4"), ("温差", "wen1 cha1"), ("差劲", "cha4 jin4"), ("大都市", "da4 du1 shi4"), ("进行曲", "jin4 xing2 qu3"), ("射中靶心", "she4 zhong4 ba3 xin1"),
        ("重写", "chong2 xie3"), ("秦桧", "qin2 hui4"), ("染发", "ran3 fa4"), ("青藏公路", "qing1 zang4 gong1 lu4"), ("引以为荣", "yin2 yi3 wei2 rong2"), ("倒计时", "dao4 ji4 shi2"),
        ("这一行代码", "zhe4 yi4 hang2 dai4 ma3"), ("这行为", "zhe4 xing2 wei2"), ("猜不着", "cai1 bu5 zhao2"), ("着什么急", "zhao2 shen2 me5 ji2"),
        ("睡了一觉", "shui4 le5 yi2 jiao4"), ("白蛇传", "bai2 she2 zhuan4"), ("动弹", "dong4 tan5"), ("炸鸡", "zha2 ji1"), ("切菜", "qie1 cai4"),
        ("切不可", "qie4 bu4 ke3"), ("教会我", "jiao1 hui4 wo3"), ("没收到", "mei2 shou1 dao4"), ("没收财产", "mo4 shou1 cai2 chan3"), ("硕果累累", "shuo4 guo3 lei2 lei2"),
        ("淋巴结", "lin2 ba1 jie2"), ("空出座位", "kong4 chu1 zuo4 wei4"), ("旋风", "xuan4 feng1"), ("一幢楼", "yi2 zhuang4 lou2"), ("还不起", "huan2 bu5 qi3"),
        ("他为人很好", "ta1 wei2 ren2 hen2 hao3"), ("为人民", "wei4 ren2 min2"),
    ],
    "polyphones by their neighbours": [
        ("他得了第一名", "ta1 de2 le5 di4 yi1 ming2"), ("这件事得靠大家", "zhe4 jian4 shi4 dei3 kao4 da4 jia1"), ("得走了", "dei2 zou3 le5"), ("洗得干净", "xi3 de5 gan1 jing4"),
        ("要还", "yao4 huan2"), ("还在还钱", "hai2 zai4 huan2 qian2"), ("选他为代表", "xuan3 ta1 wei2 dai4 biao3"), ("很难种", "hen3 nan2 zhong4"),
        ("被调到北京", "bei4 diao4 dao4 bei3 jing1"), ("调到最大", "tiao2 dao4 zui4 da4"), ("绕太阳转", "rao4 tai4 yang5 zhuan4"), ("向右转", "xiang4 you4 zhuan3"),
        ("三天假", "san1 tian1 jia4"), ("真假", "zhen1 jia3"), ("背在身上", "bei1 zai4 shen1 shang5"), ("没过膝盖", "mo4 guo4 xi1 gai4"), ("没过多久", "mei2 guo4 duo1 jiu3"),
        ("关切地问", "guan1 qie4 de5 wen4"), ("脸上长痘", "lian3 shang5 zhang3 dou4"),
    ],
    "polyphones of posts and novels": [
        ("还房贷", "huan2 fang2 dai4"), ("花呗还完了", "hua1 bei5 huan2 wan2 le5"), ("钱要还的", "qian2 yao4 huan2 de5"), ("他还了解我", "ta1 hai2 liao2 jie2 wo3"), ("还上学", "hai2 shang4 xue2"), ("天气热得要命", "tian1 qi4 re4 de5 yao4 ming4"),
        ("她的穿着", "ta1 de5 chuan1 zhuo2"), ("穿着红衣服", "chuan1 zhe5 hong2 yi1 fu5"), ("率军出征", "shuai4 jun1 chu1 zheng1"), ("越长越高", "yue4 zhang3 yue4 gao1"), ("倒了一杯水", "dao4 le5 yi4 bei1 shui3"), ("墙倒了", "qiang2 dao3 le5"), ("干了这杯", "gan1 le5 zhe4 bei1"),
        ("奔着你来", "ben4 zhe5 ni3 lai2"), ("拼命地往前跑", "pin1 ming4 de5 wang3 qian2 pao3"), ("不为所动", "bu4 wei2 suo3 dong4"), ("调休", "tiao2 xiu1"), ("实在太多", "shi2 zai4 tai4 duo1"), ("兄弟们", "xiong1 di5 men5"), ("玻色子", "bo1 se4 zi3"),
    ],
    "names": [
        ("小任和老单", "xiao3 ren2 he2 lao3 shan4"),
        ("曾国藩", "zeng1 guo2 fan1"), ("曾老师", "zeng1 lao3 shi1"), ("曾经", "ceng2 jing1"), ("单先生", "shan4 xian1 sheng5"), ("任女士", "ren2 nv3 shi4"), ("姓乐", "xing4 yue4"),
        ("检查先生的票", "jian3 cha2 xian1 sheng5 de5 piao4"), ("华罗庚", "hua4 luo2 geng1"), ("洪洞县", "hong2 tong2 xian4"), ("会稽", "kuai4 ji1"), ("六安", "lu4 an1"), ("厦门的大厦", "xia4 men2 de5 da4 sha4"),
    ],
    "bu": [
        ("不是", "bu2 shi4"), ("不好", "bu4 hao3"), ("好不好", "hao3 bu5 hao3"), ("看不懂", "kan4 bu5 dong3"), ("我不", "wo3 bu4"), ("不个性", "bu2 ge4 xing4"), ("不对不对", "bu2 dui4 bu2 dui4"), ("对不对", "dui4 bu5 dui4"), ("打不过", "da3 bu5 guo4"), ("听不清", "ting1 bu5 qing1"), ("我不清楚", "wo3 bu4 qing1 chu5"),
    ],
    "yi": [
        ("一个人", "yi2 ge5 ren2"), ("一心一意", "yi4 xin1 yi2 yi4"), ("看一看", "kan4 yi5 kan4"), ("第一名", "di4 yi1 ming2"),
        ("一百一十一", "yi4 bai3 yi1 shi2 yi1"), ("一月一日", "yi1 yue4 yi1 ri4"), ("星期一早上", "xing1 qi1 yi1 zao3 shang5"),
        ("统一战线", "tong3 yi1 zhan4 xian4"), ("同一个", "tong2 yi2 ge4"), ("一点水", "yi4 dian2 shui3"), ("一点半", "yi1 dian3 ban4"), ("一年级", "yi1 nian2 ji2"), ("高一新生", "gao1 yi1 xin1 sheng1"), ("高一点", "gao1 yi4 dian3"),
        ("三分之一", "san1 fen1 zhi1 yi1"), ("一九九八", "yi1 jiu2 jiu3 ba1"),
    ],
    "third tone": [
        ("你好", "ni2 hao3"), ("老虎", "lao2 hu3"), ("展览馆", "zhan2 lan2 guan3"), ("小老虎", "xiao3 lao2 hu3"), ("我很好", "wo3 hen2 hao3"),
        ("我也想买", "wo2 ye3 xiang2 mai3"), ("老板想", "lao2 ban2 xiang3"), ("永远美好", "yong2 yuan3 mei2 hao3"), ("哪儿有", "na2 r you3"),
        ("你，好", "ni3 , hao3"), ("走走", "zou2 zou5"), ("姐姐", "jie3 jie5"), ("总统府", "zong2 tong2 fu3"), ("副总理", "fu4 zong2 li3"),
    ],
    "neutral tone": [
        ("在乎", "zai4 hu5"), ("眉毛", "mei2 mao5"), ("官司", "guan1 si5"), ("师父", "shi1 fu5"),
        ("妈妈", "ma1 ma5"), ("看看", "kan4 kan5"), ("我们", "wo3 men5"), ("桌子上", "zhuo1 zi5 shang5"), ("房间里", "fang2 jian1 li5"),
        ("站起来", "zhan4 qi3 lai5"), ("笑了起来", "xiao4 le5 qi3 lai5"), ("回到了过去", "hui2 dao4 le5 guo4 qu4"), ("朋友", "peng2 you5"), ("东西", "dong1 xi5"), ("电子", "dian4 zi3"), ("地方", "di4 fang5"),
        ("我们上课", "wo3 men5 shang4 ke4"), ("一步一步", "yi2 bu4 yi2 bu4"), ("看得见", "kan4 de5 jian4"), ("穿着打扮", "chuan1 zhuo2 da3 ban4"), ("run了", "R AH1 N le5"), ("还没还", "hai2 mei2 huan2"), ("树叶落下", "shu4 ye4 luo4 xia4"), ("半夜三更", "ban4 ye4 san1 geng1"),
    ],
    "erhua": [
        ("花儿", "hua1 r"), ("一会儿", "yi2 hui4 r"), ("小孩儿", "xiao3 hai2 r"), ("女儿", "nv3 er2"), ("幼儿园", "you4 er2 yuan2"),
        ("今儿个", "jin1 r ge4"), ("好好儿", "hao3 hao1 r"), ("老头儿", "lao3 tou2 r"), ("儿子", "er2 zi5"), ("二儿", "er4 er2"),
    ],
    "traditional": [
        ("頭髮", "tou2 fa5"), ("他說", "ta1 shuo1"), ("一隻", "yi4 zhi1"), ("銀行", "yin2 hang2"), ("長髮", "chang2 fa4"), ("看著我", "kan4 zhe5 wo3"), ("著名", "zhu4 ming2"), ("鲁迅著", "lu3 xun4 zhu4"), ("乾隆吃乾糧", "qian2 long2 chi1 gan1 liang2"), ("番藷", "fan1 shu3"), ("人人々", "ren2 ren2 ren2"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "spoken"),
    [pytest.param(*case, id=f"{kind}: {case[0]}") for kind, cases in CASES.items() for case in cases],
)
def test_readings(pinyin: Callable[[str], str], written: str, spoken: str) -> None:
    assert pinyin(written) == spoken
