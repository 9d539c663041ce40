"""One decode for all, and a failure that stays where it is. Real film, real passes."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest

from media_assistant.analysis import registry
from media_assistant.analysis.analyser import Analyser, Job, Pass, Stage
from media_assistant.analysis.run import Done, Failed, run
from media_assistant.errors import Cancelled, UserFixable
from media_assistant.inference.models import Models
from media_assistant.items.findings import Finding, Preview
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment

NO_MODELS = cast("Models", None)


class _Faulty(Pass):
    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def frame(self, frame: object) -> Iterable[Finding]:
        raise self._fault


class _FaultyAnalyser:
    spec = registry.spec_of("pictures")

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def open(self, job: Job) -> Pass:
        return _Faulty(self._fault)


def shots(said: list[tuple[str, object]]) -> list[Moment]:
    return [one for _, one in said if isinstance(one, Moment) and one.layer is Layer.SHOT]


@pytest.mark.parametrize("fault", [ValueError("ours"), UserFixable("media.damaged", reason="x")])
def test_a_failing_analyser_fails_alone(samples: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    load = registry.load

    def load_faulty(name: str) -> Analyser:
        return _FaultyAnalyser(fault) if name == "pictures" else load(name)

    monkeypatch.setattr(registry, "load", load_faulty)
    said = list(run(samples / "journey.mp4", Kind.VIDEO, ["shots", "pictures"], NO_MODELS))
    (failed,) = [one for _, one in said if isinstance(one, Failed)]
    assert failed.analyser == "pictures"
    assert failed.error.code == ("error.analysis.fault" if isinstance(fault, ValueError) else "error.media.damaged")
    assert bool(failed.report) == isinstance(fault, ValueError)
    assert [one.analyser for _, one in said if isinstance(one, Done)] == ["shots"]
    assert len(shots(said)) == 5


def test_shots_of_the_sample_are_exact_and_signed(samples: Path) -> None:
    found = shots(list(run(samples / "journey.mp4", Kind.VIDEO, ["shots"], NO_MODELS)))
    spans = [(one.span.start_ms, one.span.end_ms) for one in found]  # type: ignore[union-attr]
    assert spans == [(0, 4000), (4000, 8400), (8400, 12000), (12000, 16800), (16800, 20000)]
    assert {one.source.analyser for one in found} == {"shots"}


def test_shots_of_a_browsers_recording_are_exact(tmp_path: Path) -> None:
    film = tmp_path / "film.webm"
    picture = np.random.default_rng(1).integers(0, 256, (3, 6, 8, 3), np.uint8)
    with av.open(str(film), "w") as out:
        video = out.add_stream("libvpx-vp9", rate=1000, options={"deadline": "realtime", "cpu-used": "8"})
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        for number in range(135):
            shot = picture[number // 45].repeat(20, 0).repeat(20, 1)
            frame = av.VideoFrame.from_ndarray(shot, "rgb24")
            frame.pts, frame.time_base = number * 33, Fraction(1, 1000)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    found = shots(list(run(film, Kind.VIDEO, ["shots"], NO_MODELS)))
    assert [one.span.start_ms for one in found] == [0, 45 * 33, 90 * 33]  # type: ignore[union-attr]


def test_it_stops_when_asked(samples: Path) -> None:
    asked = iter([False] * 20)
    with pytest.raises(Cancelled):
        list(run(samples / "journey.mp4", Kind.VIDEO, ["shots"], NO_MODELS, should_stop=lambda: next(asked, True)))


def test_a_file_that_cannot_be_opened_fails_each_analyser_once(tmp_path: Path) -> None:
    file = tmp_path / "空.mp4"
    file.write_bytes(b"")
    said = list(run(file, Kind.VIDEO, ["shots", "pictures"], NO_MODELS))
    assert sorted(name for name, one in said if isinstance(one, Failed)) == ["pictures", "shots"]
    assert len(said) == 2


def test_an_unknown_analyser_is_said_and_the_others_go_on(samples: Path) -> None:
    said = list(run(samples / "balloon.jpg", Kind.PHOTO, ["nonsense", "pictures"], NO_MODELS))
    assert any(isinstance(one, Failed) and name == "nonsense" for name, one in said)
    assert any(isinstance(one, Done) and name == "pictures" for name, one in said)


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("journey.mp4", Kind.VIDEO, ["thumbnail", "storyboard"]),
        ("evening-walk.ogg", Kind.MUSIC, ["thumbnail", "waveform"]),
        ("balloon.jpg", Kind.PHOTO, ["thumbnail"]),
        ("lighthouse.md", Kind.TEXT, ["thumbnail"]),
    ],
)
def test_previews_of_every_kind(samples: Path, name: str, kind: Kind, expected: list[str]) -> None:
    said = [one for _, one in run(samples / name, kind, ["preview"], NO_MODELS)]
    assert [one.name for one in said if isinstance(one, Preview)] == expected
    assert isinstance(said[-1], Done)


def test_every_spec_can_be_loaded_and_has_a_stage() -> None:
    for spec in registry.SPECS:
        analyser = registry.load(spec.name)
        assert analyser.spec is spec
        assert spec.stage in Stage
        assert spec.kinds
