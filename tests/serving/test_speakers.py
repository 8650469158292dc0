"""A stranger among one's own recordings is heard."""

import numpy as np
import pytest

from yinse.engine.audio.waveform import Waveform
from yinse.serving.speakers import judged, stretches


def test_the_least_of_the_long_stretches_counts():
    assert judged(0.8, [(15.0, 0.9), (14.0, 0.3)]) == (0.3, False)
    assert judged(0.6, [(15.0, 0.9)]) == (0.6, False)
    assert judged(0.8, []) == (0.8, False)


@pytest.mark.parametrize(
    ("seconds", "cosine", "another"), [(8.0, 0.3, True), (8.0, 0.5, False), (2.0, 0.1, False)]
)
def test_shorter_ones_must_only_not_be_quite_unlike(seconds, cosine, another):
    assert judged(0.8, [(15.0, 0.9), (seconds, cosine)]) == (0.8, another)


def test_a_recording_is_cut_into_equal_stretches(monkeypatch):
    from yinse.contracts.quality import Span
    from yinse.engine.audio import vad

    monkeypatch.setattr(vad, "speech_spans", lambda _: [Span(1.0, 21.0), Span(25.0, 36.0)])
    rate = 1000
    parts = stretches(Waveform(np.arange(40 * rate, dtype=np.float32), rate))
    assert [round(part.seconds, 1) for part in parts] == [15.5, 15.5]
    assert parts[0].samples[0] == rate
    assert parts[1].samples[-1] == 36 * rate - 1


def test_where_no_speech_is_found_everything_is_judged(monkeypatch):
    from yinse.engine.audio import vad

    monkeypatch.setattr(vad, "speech_spans", lambda _: [])
    (whole,) = stretches(Waveform(np.zeros(2000, np.float32), 1000))
    assert whole.seconds == 2.0
