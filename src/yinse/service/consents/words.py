"""Words that everybody reads alike, for the random part of a consent: everyday, long enough to be told apart."""

_ZH = """
苹果 香蕉 月亮 太阳 火车 飞机 窗户 桌子 老师 学生 朋友 医院 超市 公园 花园 森林 大海 高山 河流 雪花 春天 夏天 秋天 冬天 早晨 黄昏
星星 小猫 小狗 熊猫 老虎 狮子 兔子 蝴蝶 蜜蜂 牛奶 面包 米饭 鸡蛋 西瓜 葡萄 草莓 橙子 红色 蓝色 绿色 黄色 白色 黑色 电影 足球 篮球
游泳 跑步 铅笔 书包 雨伞 帽子 眼镜 手表 钥匙 电话 城市 村庄
"""
_EN = """
garden yellow window mountain river doctor teacher kitchen coffee winter summer morning evening silver golden purple
orange banana lemon tomato potato chicken rabbit tiger elephant monkey dolphin butterfly flower forest island ocean
thunder shadow mirror candle blanket pillow basket button jacket pocket hammer pencil paper letter number music
guitar piano football bicycle airplane station village market bakery castle bridge tunnel picture holiday farmer sailor
"""
_JA = """
りんご みかん いちご ぶどう たまご さかな やさい おにぎり みそしる おちゃ ひこうき でんしゃ じてんしゃ
くるま ふね えき びょういん がっこう としょかん こうえん はなび さくら もみじ たいよう つき ほし くも ゆき
かみなり うみ やま かわ もり ねこ いぬ うさぎ きつね たぬき くじら ちょうちょ とんぼ えんぴつ ノート かばん
ぼうし めがね とけい かさ てがみ しんぶん おんがく ピアノ ギター えいが やきゅう すいえい あさひ ゆうやけ
なつやすみ おとうと いもうと ともだち せんせい まつり
"""
WORDS: dict[str, tuple[str, ...]] = {
    language: tuple(dict.fromkeys(text.split())) for language, text in (("zh", _ZH), ("en", _EN), ("ja", _JA))
}
