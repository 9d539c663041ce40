"""The main job with nothing but what the program brings along: its samples, and its own analysers and network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from media_assistant.assistant import Assistant
from media_assistant.items.answers import Details
from media_assistant.items.moment import Sense
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState
from tests.e2e.understanding import fingerprints, open_assistant

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "samples"
pytestmark = pytest.mark.timeout(600)  # its own patience ends first, and says what it waited for
TRUTH: dict[str, Any] = json.loads((FOLDER / "truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The samples, as `Try with samples` leaves them."""
    before = fingerprints(FOLDER)
    opened = open_assistant(tmp_path_factory.mktemp("samples"))
    try:
        opened.try_samples().result(timeout=60)
        opened.when_idle().result(timeout=240)
        yield opened
    finally:
        opened.close()
    assert fingerprints(FOLDER) == before, "an original was changed"


def details(assistant: Assistant, name: str) -> Details:
    items = assistant.library.items(list(assistant.library.item_ids()))
    return assistant.library.details(next(item.id for item in items if Path(item.path).name == name))


def first(assistant: Assistant, query: str) -> str:
    hits = assistant.search(query).result(timeout=60).hits
    return Path(hits[0].item.path).name if hits else ""


def test_everything_is_understood(assistant: Assistant) -> None:
    assert assistant.progress().failed == 0
    assert sum(assistant.library.counts().values()) == len(TRUTH)
    for item in assistant.library.items(list(assistant.library.item_ids())):
        assert assistant.preview(item.id, "thumbnail") is not None


def test_the_film_is_cut_where_it_is_cut(assistant: Assistant) -> None:
    shots = details(assistant, "journey.mp4").shots
    assert [one.span for one in shots] == [
        TimeSpan(shot["start_ms"], shot["end_ms"]) for shot in TRUTH["journey.mp4"]["shots"]
    ]


def test_titles_are_read_exactly_where_they_stand(assistant: Assistant) -> None:
    written = [one for one in details(assistant, "journey.mp4").lines if one.sense is Sense.WRITTEN]
    for shot in TRUTH["journey.mp4"]["shots"]:
        for title in (shot["title_en"], shot["title_zh"]):
            (line,) = [one for one in written if one.text == title]
            assert isinstance(line.span, TimeSpan)
            assert abs(line.span.start_ms - shot["start_ms"]) <= 250
            assert abs(line.span.end_ms - shot["end_ms"]) <= 250


@pytest.mark.parametrize("name", ["evening-walk.ogg", "bright-morning.flac"])
def test_tempo_and_key_of_the_melodies(assistant: Assistant, name: str) -> None:
    traits = details(assistant, name).traits
    tempo = traits["tempo_bpm"]
    assert isinstance(tempo, float | int)
    assert abs(tempo / TRUTH[name]["tempo_bpm"] - 1) <= 0.02
    assert traits["key"] == TRUTH[name]["key"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("written:灯塔海湾", "journey.mp4"),
        ('"City Lights"', "journey.mp4"),
        ("kind:text lighthouse", "lighthouse.md"),
        ("kind:text 望远镜", "夜空.html"),
        ("kind:photo since:2024-06-15 before:2024-06-16", "balloon.jpg"),
    ],
)
def test_what_is_there_is_found_first(assistant: Assistant, query: str, found: str) -> None:
    assert first(assistant, query) == found


def test_languages_meet(assistant: Assistant) -> None:
    """The Chinese text of the lighthouse is like the English one, that of the night sky like the other."""
    for ours, theirs in (("lighthouse.md", "灯塔与大海.txt"), ("night-sky.txt", "夜空.html")):
        for one, other in ((ours, theirs), (theirs, ours)):
            suggestions = assistant.similarity.find(details(assistant, one).item.id).result(timeout=60)
            texts = [Path(each.item.path).name for each in suggestions if each.item.kind == "text"]
            assert texts[:1] == [other]
            assert suggestions[0].reasons


def test_a_persons_word_stays(assistant: Assistant) -> None:
    film = details(assistant, "journey.mp4").item.id
    proposed = [tag for tag in assistant.library.details(film).tags if tag.state is TagState.SUGGESTED]
    refused = proposed[0].concept
    assistant.decide_tag([film], refused, TagState.REJECTED).result(timeout=10)
    assistant.add_tag([film], "假期").result(timeout=10)
    assistant.redo_analysis([film], ["voice", "shots"]).result(timeout=10)
    assistant.when_idle().result(timeout=120)
    states = {tag.concept.id: tag.state for tag in assistant.library.details(film).tags}
    assert states[refused.id] is TagState.REJECTED
    assert [Path(hit.item.path).name for hit in assistant.search("tag:假期").result(timeout=60).hits] == ["journey.mp4"]
    assistant.undo().result(timeout=10)
    assert not assistant.search("tag:假期").result(timeout=60).hits
