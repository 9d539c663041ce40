"""Sounds joined over time, named in two languages, rolled up their tree."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from media_assistant.analysis.names import load_sounds, music_concept, sound_concept
from media_assistant.analysis.sound_stretches import Stretch, Stretches
from media_assistant.inference.labels import Label
from media_assistant.items.concept import Concept
from media_assistant.items.kind import Kind
from media_assistant.items.span import TimeSpan
from tests.analysis.listening import RATE_HZ, findings, models, moments, vectors, write_wave

# A tree of three: 0 animal, 1 dog (an animal), 2 rain.
_TREE = [[], [0], []]


def stretches(rows: list[list[float]], pieces: int = 1) -> list[Stretch]:
    joined = Stretches(_TREE, hop_s=0.5, window_s=1.0)
    found: list[Stretch] = []
    for piece in np.array_split(np.array(rows, np.float32), pieces):
        found += joined.push(piece)
    return [*found, *joined.finish()]


def test_a_sound_goes_on_while_it_is_not_low() -> None:
    rows = [[0, 0, s] for s in (0.0, 0.5, 0.15, 0.12, 0.6, 0.0, 0.0, 0.0, 0.0, 0.0)]
    (found,) = stretches(rows)
    assert (found.label, found.start_s, found.end_s) == (2, 0.5, 3.0)
    assert 0.4 < found.score < 0.6


def test_a_short_gap_does_not_part_it_and_a_long_one_does() -> None:
    short = [[0, 0, s] for s in (0.5, 0.0, 0.0, 0.5)]
    long = [[0, 0, s] for s in (0.5, 0, 0, 0, 0, 0, 0.5)]
    assert len(stretches(short)) == 1
    assert len(stretches(long)) == 2


def test_the_kind_stands_before_what_it_is_a_kind_of() -> None:
    found = stretches([[0.9, 0.5, 0.0]] * 4)
    best = max(found, key=lambda stretch: stretch.score)
    assert best.label == 1


def test_a_class_without_a_likely_kind_stays() -> None:
    (found,) = stretches([[0.9, 0.1, 0.0]] * 4)
    assert found.label == 0
    assert found.score == pytest.approx(0.9)


def test_pieces_do_not_matter() -> None:
    chance = np.random.default_rng(4)
    rows = chance.random((60, 3)).tolist()
    assert sorted(stretches(rows), key=str) == sorted(stretches(rows, pieces=7), key=str)


def test_nothing_clear_still_gives_the_likeliest() -> None:
    (found,) = stretches([[0.0, 0.0, 0.1]] * 4)
    assert found.label == 2
    assert found.score == pytest.approx(0.1)


def test_every_sound_has_two_names_and_no_circle() -> None:
    tree = load_sounds()
    assert len(tree.concepts) == 527
    for concept in tree.by_id.values():
        assert concept.en
        assert concept.zh
        assert concept.id not in {one.id for one in tree.ancestors(concept)}
    bark = sound_concept(Label("Bark"), "any")
    assert {one.id for one in tree.ancestors(bark)} >= {"dog", "animal"}
    assert sound_concept(Label("Whimper (dog)"), "any").id != sound_concept(Label("Whimper"), "any").id


def test_a_class_that_the_tree_does_not_know_keeps_its_name() -> None:
    assert sound_concept(Label("Vuvuzela", "呜呜祖拉"), "m") == Concept("m:Vuvuzela", "Vuvuzela", "呜呜祖拉")


def test_music_tags_are_of_music() -> None:
    assert music_concept(Label("House"), "m").id == "house_music"
    assert music_concept(Label("sad"), "m").zh
    assert music_concept(Label("00s"), "m").zh == "2000年代"


def test_a_network_with_chinese_names_hears_the_same_things() -> None:
    assert sound_concept(Label("狗叫"), "m") == sound_concept(Label("Bark"), "m")
    assert music_concept(Label("流行音乐"), "m") == music_concept(Label("Pop music"), "m")
    assert music_concept(Label("摇滚"), "m").id == music_concept(Label("rock"), "m").id
    assert music_concept(Label("独立音乐"), "m") == music_concept(Label("indie"), "m")
    assert music_concept(Label("女声"), "m").id == "m:女声", "of two things of this name none is meant"


def test_accepted_sounds_are_among_the_top_three(material: Path) -> None:
    labels = [json.loads(line) for line in (material / "media" / "index.jsonl").read_text("utf-8").splitlines()]
    sounds = [label for label in labels if label.get("yamnet_accept")]
    right = 0
    for label in sounds:
        best: dict[str, tuple[float, set[str]]] = {}
        for moment in moments(findings(material / label["file"], Kind.MUSIC, "sounds", models(material / "models"))):
            assert moment.concept is not None
            names = {name.lower() for name in (moment.concept.en, *moment.concept.aliases)}
            best[moment.concept.id] = max(
                (moment.score, names), best.get(moment.concept.id, (0.0, names)), key=lambda p: p[0]
            )
        top = sorted(best.values(), key=lambda pair: -pair[0])[:3]
        right += any(names & {name.lower() for name in label["yamnet_accept"]} for _, names in top)
    assert right / len(sounds) >= 0.72


def test_stretches_lie_where_the_sound_is(material: Path, tmp_path: Path) -> None:
    """A crying baby between two long silences, in a film's sound of 40 seconds."""
    import av

    name = next((material / "media" / "sounds").glob("baby_cry_5*"))
    with av.open(str(name)) as file:
        resampler = av.AudioResampler("flt", "mono", RATE_HZ)
        frames = [out for frame in file.decode(audio=0) for out in resampler.resample(frame)]
    cry = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    sound = np.concatenate([np.zeros(20 * RATE_HZ), cry, np.zeros(15 * RATE_HZ)])
    found = findings(write_wave(tmp_path / "a.wav", sound), Kind.MUSIC, "sounds", models(material / "models"))
    spans = [one.span for one in moments(found) if one.concept and one.concept.id == "baby_cry"]
    assert spans
    for span in spans:
        assert isinstance(span, TimeSpan)
        assert span.start_ms > 18_500
        assert span.end_ms < 27_000
    points = vectors(found)
    assert len(points) == pytest.approx(4, abs=1)
    assert isinstance(points[-1].span, TimeSpan)
    assert points[-1].span.end_ms <= 40_100
    assert len({vector.space for vector in points}) == 1


def test_without_a_model_it_says_so(samples: Path) -> None:
    from media_assistant.analysis.run import Failed, run

    (said,) = [one for _, one in run(samples / "waves.ogg", Kind.MUSIC, ["sounds"], models())]
    assert isinstance(said, Failed)
    assert said.error.code == "error.model.missing"
