"""All measures of one observation, under the names the rules know."""

from collections.abc import Mapping

from yinse.quality.measures.bandwidth import bandwidth
from yinse.quality.measures.clipping import clipping, saturation_percent
from yinse.quality.measures.damage import dropouts, gating_db, spectral_holes_percent
from yinse.quality.measures.hum import hum
from yinse.quality.measures.level import loudness_lufs, true_peak_dbtp
from yinse.quality.measures.music import music
from yinse.quality.measures.noise import disturbances, snr_db
from yinse.quality.measures.outbursts import outbursts
from yinse.quality.measures.reading import Reading
from yinse.quality.measures.reverberation import reverberation_s
from yinse.quality.measures.speakers import other_speaker
from yinse.quality.measures.speech import (
    longest_pause,
    longest_run_s,
    net_speech_s,
    pitch_spread_semitones,
    speaking_rate,
    speech_ratio,
)
from yinse.quality.observe.observer import Observation

_LONG_PAUSE_S = 3.0
_MASKING_DB = 25.0


Readings = Mapping[str, Reading]


def read(observation: Observation) -> dict[str, Reading]:
    """Measure everything that needs no plan of slices; see each measure for its definition."""
    return {
        **_amount(observation),
        **_signal(observation),
        **_surroundings(observation),
        **_manner(observation),
        **_damage(observation),
    }


def _amount(observation: Observation) -> dict[str, Reading]:
    longest = longest_pause(observation)
    silences = (longest,) if longest is not None and longest.seconds > _LONG_PAUSE_S else ()
    return {
        "net_speech": Reading(net_speech_s(observation)),
        "longest_run": Reading(longest_run_s(observation)),
        "speech_ratio": Reading(speech_ratio(observation), silences),
    }


def _signal(observation: Observation) -> dict[str, Reading]:
    return {
        "level": Reading(loudness_lufs(observation)),
        "peak": Reading(true_peak_dbtp(observation)),
        "clipping": clipping(observation),
        "saturation": Reading(saturation_percent(observation)),
        "bandwidth": Reading(_bandwidth_hz(observation)),
    }


def _bandwidth_hz(observation: Observation) -> float | None:
    """Band of the voice; where noise hides its top, that of the recording: the noise has a check of its own."""
    band, snr = bandwidth(observation), snr_db(observation)
    if band is None:
        return None
    return band.channel_hz if snr is not None and snr < _MASKING_DB else band.voice_hz


def _surroundings(observation: Observation) -> dict[str, Reading]:
    mains = hum(observation)
    return {
        "snr": Reading(snr_db(observation)),
        "disturbances": disturbances(observation),
        "hum": Reading(None if mains is None else mains.relative_db),
        "reverberation": Reading(reverberation_s(observation)),
        "music": music(observation),
        "other_speaker": other_speaker(observation.voices),
    }


def _manner(observation: Observation) -> dict[str, Reading]:
    return {
        "speaking_rate": Reading(speaking_rate(observation)),
        "pitch_spread": Reading(pitch_spread_semitones(observation)),
        "outbursts": outbursts(observation),
    }


def _damage(observation: Observation) -> dict[str, Reading]:
    return {
        "dropouts": dropouts(observation),
        "codec": Reading(spectral_holes_percent(observation)),
        "gating": Reading(gating_db(observation)),
    }
