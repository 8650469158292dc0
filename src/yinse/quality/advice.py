"""What to tell the speaker: one concrete sentence per cause and language.

`{missing}` is the seconds of speech still wanted, `{where}` the first place, in brackets, or nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType

from yinse.contracts.quality import Advice

ADVICE: Mapping[str, Advice] = MappingProxyType(
    {
        "no_speech": Advice(
            zh="没有听到说话声：检查麦克风是否选对、是否静音，然后重录。",
            en="No speech was heard: check that the right microphone is on, then record again.",
            ja="声が聞こえません。マイクの選択とミュートを確認して、録り直してください。",
        ),
        "speech_missing": Advice(
            zh="再读几句，还差 {missing} 秒有效语音。",
            en="Read a few more lines: {missing} s of speech are missing.",
            ja="もう少し読んでください。あと{missing}秒分の声が必要です。",
        ),
        "short_runs": Advice(
            zh="请一口气读完整句，不要一个词一个词地停。",
            en="Read whole sentences in one go instead of single words.",
            ja="単語で区切らず、文を最後まで続けて読んでください。",
        ),
        "few_segments": Advice(
            zh="干净的连续片段太少：避开杂音，每句连读 3 到 10 秒。",
            en="Too few clean stretches: read sentences of 3 to 10 seconds with no noise in between.",
            ja="使える区間が足りません。雑音のない所で、3〜10秒の文を続けて読んでください。",
        ),
        "too_quiet": Advice(
            zh="声音太小：靠近麦克风一些，或调高输入音量。",
            en="Too quiet: move closer to the microphone or raise the input level.",
            ja="音が小さすぎます。マイクに近づくか、入力音量を上げてください。",
        ),
        "too_loud": Advice(
            zh="声音太大：离麦克风远一拳，或调低输入音量。",
            en="Too loud: move a hand's width away from the microphone or lower the input level.",
            ja="音が大きすぎます。マイクからこぶし一つ分離れるか、入力音量を下げてください。",
        ),
        "overshoot": Advice(
            zh="峰值过载：把输入音量调低 6 分贝再录。",
            en="Peaks overshoot: lower the input level by 6 dB and record again.",
            ja="ピークが振り切れています。入力音量を6dB下げて録り直してください。",
        ),
        "clipped": Advice(
            zh="声音削波失真{where}：离麦克风远一拳，重读这一句。",
            en="Clipping{where}: move a hand's width away from the microphone and read that line again.",
            ja="音割れ{where}があります。マイクからこぶし一つ分離れて、その文を読み直してください。",
        ),
        "saturated": Advice(
            zh="音量被压到了顶：关闭自动增益或限幅，调低输入音量。",
            en="The level is pressed against a limit: switch automatic gain off and lower the input level.",
            ja="音量が上限に張り付いています。自動ゲインやリミッターを切り、入力音量を下げてください。",
        ),
        "noisy": Advice(
            zh="风扇或空调声明显：关掉它再读一遍。",
            en="Fan or air-conditioner noise: switch it off and read again.",
            ja="ファンやエアコンの音が目立ちます。止めてから読み直してください。",
        ),
        "drowned": Advice(
            zh="噪声盖过了人声：换一个安静的房间重录。",
            en="Noise covers the voice: record again in a quiet room.",
            ja="雑音に声が埋もれています。静かな部屋で録り直してください。",
        ),
        "disturbed": Advice(
            zh="有杂音插入{where}：停下敲击或旁人说话，重读这一句。",
            en="Noises in between{where}: stop the knocking or talking and read that line again.",
            ja="途中に物音{where}が入っています。音を止めて、その文を読み直してください。",
        ),
        "hum": Advice(
            zh="有电流嗡嗡声：换一个电源或数据线，远离充电器。",
            en="Mains hum: use another power supply or cable and keep away from chargers.",
            ja="電源のハム音がします。電源やケーブルを替え、充電器から離してください。",
        ),
        "narrow": Advice(
            zh="像是蓝牙耳机通话音质：请改用手机自带或有线麦克风。",
            en="Sounds like a Bluetooth headset: use the phone's own or a wired microphone.",
            ja="Bluetoothヘッドセットのような音質です。本体か有線のマイクを使ってください。",
        ),
        "telephone": Advice(
            zh="像是电话录音，高音全部丢失：请用录音软件直接录制。",
            en="Sounds like a telephone call, the highs are gone: record directly with a recorder app.",
            ja="電話のような音質で高音がありません。録音アプリで直接録ってください。",
        ),
        "echo": Advice(
            zh="房间回声明显：靠近衣柜或窗帘，离麦克风近一点。",
            en="The room echoes: move near a wardrobe or curtains and closer to the microphone.",
            ja="部屋が響いています。クローゼットやカーテンのそばで、マイクに近づいて録ってください。",
        ),
        "music": Advice(
            zh="有背景音乐{where}：关掉音乐再录。",
            en="Music in the background{where}: switch it off and record again.",
            ja="背景の音楽{where}が聞こえます。止めてから録り直してください。",
        ),
        "second_person": Advice(
            zh="检测到第二个人的声音{where}：请一个人单独录。",
            en="A second person is heard{where}: record alone.",
            ja="別の人の声{where}が聞こえます。一人で録音してください。",
        ),
        "too_slow": Advice(
            zh="语速太慢：像平时说话那样读。",
            en="Very slow: read as you would talk.",
            ja="話し方が遅すぎます。普段どおりの速さで読んでください。",
        ),
        "too_fast": Advice(
            zh="语速太快：慢一点，把每个字读清楚。",
            en="Very fast: slow down and speak each word clearly.",
            ja="早口です。少しゆっくり、はっきり読んでください。",
        ),
        "silences": Advice(
            zh="停顿太多：句子之间只停一两秒。",
            en="Long silences: pause only a second or two between sentences.",
            ja="無音が長すぎます。文と文の間は1〜2秒にしてください。",
        ),
        "monotone": Advice(
            zh="语调太平：像平时聊天一样，有点起伏。",
            en="Rather flat: talk as in a chat, with some ups and downs.",
            ja="抑揚が少なめです。会話のように、少し抑揚をつけて読んでください。",
        ),
        "dropouts": Advice(
            zh="声音有断续{where}：关闭其他程序或换一根线，再录一遍。",
            en="The sound breaks off{where}: close other programs or change the cable, then record again.",
            ja="音が途切れています{where}。他のアプリを閉じるかケーブルを替えて、録り直してください。",
        ),
        "compressed": Advice(
            zh="压缩失真明显：请上传 WAV、FLAC 或 128 kbps 以上的原始文件。",
            en="Heavily compressed: upload the original as WAV, FLAC or at 128 kbit/s and more.",
            ja="圧縮による劣化があります。WAV、FLAC、または128kbps以上の元ファイルを使ってください。",
        ),
        "gated": Advice(
            zh="声音已被降噪处理：关闭系统降噪，用原声重录。",
            en="A noise suppressor worked on it: switch it off and record the raw sound.",
            ja="ノイズ抑制がかかっています。オフにして、加工なしで録り直してください。",
        ),
        "outburst": Advice(
            zh="有笑声、咳嗽或喘息{where}：重读这一句。",
            en="Laughter, a cough or a heavy breath{where}: read that line again.",
            ja="笑い声や咳、強い息{where}が入っています。その文を読み直してください。",
        ),
    }
)

TOO_FEW_SAMPLES = Advice(
    zh="这个文件的采样率太低，像电话录音：请用录音软件录成 16000 赫兹以上。",
    en="The file has too few samples a second, as a telephone does: record with a recorder app, at 16000 Hz or more.",
    ja="電話のようにサンプリングレートが低すぎます。録音アプリで16000Hz以上で録ってください。",
)
"""For files at a lower rate than a voice is made of, whatever they sound like."""
