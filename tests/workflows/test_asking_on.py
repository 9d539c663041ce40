"""Where a list ends: at the limit that was asked for, or where nothing more fits; in the chosen senses; and for whom it is
no longer made.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from media_assistant.errors import Cancelled
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.items.span import TimeSpan
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.workflows.likeness.examples import Similarity
from media_assistant.workflows.likeness.portraits import Portrait
from media_assistant.workflows.models.embedding import TextEmbedder
from media_assistant.workflows.search import witnesses
from media_assistant.workflows.search.searching import search
from tests.workflows.engine import open_assistant, wait_for
from tests.workflows.finding import BEACH, DOG, add, find, label, line, vector


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "l.sqlite")
    yield opened
    opened.close()


def photos(library: Library, count: int) -> list[int]:
    new = [NewItem(Kind.PHOTO, f"/m/{at}.jpg", f"p{at}", 9, 1, f"{at:032x}") for at in range(count)]
    return list(library.add_items(new)[0])


@pytest.mark.parametrize("query", ["kind:photo", "tag:dog", "seen:dog kind:photo", "dog"])
def test_what_the_limit_keeps_back_fits_as_well(library: Library, query: str) -> None:
    for item_id in photos(library, 12):
        find(library, item_id, label(DOG))
    answer = search(library, None, query, 5)
    assert len(answer.hits) == 5
    assert (answer.more_fitting, answer.more_below_cut, answer.is_cut) == (7, 7, True)
    answer = search(library, None, query, 100)
    assert (len(answer.hits), answer.more_fitting, answer.more_below_cut, answer.is_cut) == (12, 0, 0, False)


def test_who_asks_for_more_than_is_heard_at_once_is_told_of_all(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnesses, "_FIRST", 6)
    for at, item_id in enumerate(photos(library, 20)):
        find(library, item_id, label(DOG) if at % 2 else line("a good dog"))
    answer = search(library, None, "dog", 5)
    assert len(answer.hits) == 5
    assert answer.is_cut
    answer = search(library, None, "dog", 100)
    assert len(answer.hits) == 20
    assert not answer.is_cut


def test_a_sense_has_moments_of_its_own_and_what_needs_none_stays(library: Library) -> None:
    walk = add(library, "walk.mp4")
    seen = [label(DOG, TimeSpan(at * 10_000, at * 10_000 + 4000), 0.95) for at in range(20)]
    find(library, walk, *seen)
    find(library, walk, line("what a dog", TimeSpan(300_000, 302_000)), analyser="speech")
    song = add(library, "song.mp3", Kind.MUSIC)
    find(library, song, line("my dog", TimeSpan(0, 2000)), analyser="speech")
    named = add(library, "dog.jpg", Kind.PHOTO)

    def found(query: str, *senses: Sense) -> dict[str, set[Sense]]:
        hits = search(library, None, query, senses=frozenset(senses)).hits
        return {hit.item.title: {moment.sense for moment in hit.moments} for hit in hits}

    assert found("dog", Sense.SAID) == {"walk.mp4": {Sense.SAID}, "song.mp3": {Sense.SAID}, "dog.jpg": set()}
    assert found("dog", Sense.SEEN) == {"walk.mp4": {Sense.SEEN}, "dog.jpg": set()}
    assert found("dog", Sense.SEEN, Sense.SAID).keys() == {"walk.mp4", "song.mp3", "dog.jpg"}
    assert found("kind:photo", Sense.HEARD) == {"dog.jpg": set()}
    assert found("dog kind:video", Sense.WRITTEN) == {}
    assert named


def test_moments_in_time_and_of_a_likeness_are_of_the_chosen_senses(library: Library) -> None:
    walk = add(library, "walk.mp4")
    find(library, walk, label(DOG, TimeSpan(0, 4000)), label(BEACH, TimeSpan(6000, 9000)))
    find(library, walk, line("come here", TimeSpan(6000, 8000)), analyser="speech")
    (hit,) = search(library, None, 'dog THEN "come here"', senses=frozenset({Sense.SAID})).hits
    assert [moment.text for moment in hit.moments] == ["come here"]
    assert not search(library, None, "dog THEN beach", senses=frozenset({Sense.SAID})).hits


class Starting:
    """Networks that do not start until they may."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.asked: list[str] = []

    def ask(self, texts: Sequence[str]) -> Mapping[str, np.ndarray]:
        self.asked += texts
        assert self.may_answer.wait(30)
        return {"space": np.ones((len(texts), 8), np.float32) / np.sqrt(8, dtype=np.float32)}


@pytest.mark.usefixtures("home")
def test_questions_that_nobody_waits_for_leave_their_threads_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks, is_outdated = Starting(), threading.Event()
    monkeypatch.setattr(TextEmbedder, "__call__", networks.ask)

    def read(_self: Similarity, _path: Path, *_how: object) -> Portrait:
        assert networks.may_answer.wait(30)
        raise AssertionError

    monkeypatch.setattr(Similarity, "portrait", read)
    outside = tmp_path / "outside.mp4"
    outside.write_bytes(b"film")
    assistant = open_assistant(works=False)
    try:
        for at, item_id in enumerate(photos(assistant.library, 3)):
            find(assistant.library, item_id, label(DOG))
            find(assistant.library, item_id, vector("space", np.eye(8)[at]), analyser="other")
        waiting = [
            assistant.search("dog", should_stop=is_outdated.is_set),
            assistant.search(f'like:"{outside}"', should_stop=is_outdated.is_set),
        ]
        wait_for(lambda: networks.asked)
        is_outdated.set()
        began = time.monotonic()
        answer = assistant.search("dog", patience_s=0.05).result(10)
        assert time.monotonic() - began < 5
        assert answer.is_early
        assert len(answer.hits) == 3
        assert [type(each.exception(10)) for each in waiting] == [Cancelled, Cancelled]
    finally:
        networks.may_answer.set()
        assistant.close()
