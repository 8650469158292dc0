"""What the checks are called, in each language of the product."""

from collections.abc import Mapping
from types import MappingProxyType

LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "net_speech": {"zh": "有效语音", "en": "Speech", "ja": "発話の長さ"},
        "longest_run": {"zh": "最长连续语音", "en": "Longest run", "ja": "最長の連続発話"},
        "segments": {"zh": "可用片段", "en": "Usable parts", "ja": "使える区間"},
        "level": {"zh": "响度", "en": "Loudness", "ja": "ラウドネス"},
        "peak": {"zh": "峰值", "en": "Peak", "ja": "ピーク"},
        "clipping": {"zh": "削波", "en": "Clipping", "ja": "音割れ"},
        "saturation": {"zh": "压顶", "en": "Saturation", "ja": "飽和"},
        "snr": {"zh": "信噪比", "en": "Signal to noise", "ja": "S/N比"},
        "disturbances": {"zh": "突发杂音", "en": "Disturbances", "ja": "物音"},
        "hum": {"zh": "电流声", "en": "Mains hum", "ja": "ハム音"},
        "bandwidth": {"zh": "带宽", "en": "Bandwidth", "ja": "帯域"},
        "reverberation": {"zh": "混响", "en": "Reverberation", "ja": "残響"},
        "music": {"zh": "背景音乐", "en": "Music", "ja": "音楽"},
        "other_speaker": {"zh": "其他人声", "en": "Other speaker", "ja": "別の話者"},
        "speaking_rate": {"zh": "语速", "en": "Speaking rate", "ja": "話速"},
        "speech_ratio": {"zh": "语音占比", "en": "Share of speech", "ja": "発話の割合"},
        "pitch_spread": {"zh": "语调起伏", "en": "Intonation", "ja": "抑揚"},
        "dropouts": {"zh": "断续", "en": "Dropouts", "ja": "音切れ"},
        "codec": {"zh": "压缩损伤", "en": "Compression damage", "ja": "圧縮劣化"},
        "gating": {"zh": "降噪痕迹", "en": "Noise gating", "ja": "ノイズ抑制"},
        "outbursts": {"zh": "笑声咳嗽", "en": "Laughter, coughs", "ja": "笑い・咳"},
    }
)

GRADES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "studio": {"zh": "录音棚级", "en": "studio", "ja": "スタジオ級"},
        "good": {"zh": "良好", "en": "good", "ja": "良好"},
        "ok": {"zh": "可用", "en": "ok", "ja": "可"},
        "poor": {"zh": "较差", "en": "poor", "ja": "不十分"},
        "bad": {"zh": "不可用", "en": "bad", "ja": "使用不可"},
    }
)
