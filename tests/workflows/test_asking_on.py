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
from media_assistant.workflows.search.witnesses import first_witnesses
from tests.workflows.engine import open_assistant, wait_for
from tests.workflows.finding import BEACH, DOG, add, find, label, line, vector


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "l.sqlite")
    yield opened
    opened.close()


def photos(library: Library, count: int, name: str = "p") -> list[int]:
    new = [NewItem(Kind.PHOTO, f"/m/{name} {at}.jpg", f"{name} {at}", 9, 1, f"{at:032x}") for at in range(count)]
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


def test_the_few_behind_a_filter_are_all_heard_however_many_others_say_the_word(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnesses, "_FIRST", 6)
    folder = [add(library, f"walk {at}.mp4", folder="/old") for at in range(4)]
    find(library, folder[0], line("a good dog"))
    find(library, folder[1], label(DOG, score=0.85))
    named = add(library, "good dog.mp4", folder="/old")
    for item_id in photos(library, 200, "dog"):
        # Newer, surer, and called so.
        find(library, item_id, line("a good dog"), label(DOG))
    answer = search(library, None, "dog in:old", 3)
    assert {hit.item.id for hit in answer.hits} == {*folder[:2], named}
    assert all(hit.moments for hit in answer.hits if hit.item.id != named)
    assert not answer.is_cut, "two others do not have it"


def test_nothing_is_said_to_be_missing_where_all_that_a_filter_lets_through_is_there(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnesses, "_FIRST", 6)
    walks = [add(library, f"walk {at}.mp4") for at in range(2)]
    for at in range(200):
        find(library, walks[at % 2], line("a good dog"), analyser=f"speech {at}")
    for item_id in photos(library, 40):
        find(library, item_id, line("a good dog"))
    answer = search(library, None, "dog kind:video", 5)
    assert {hit.item.id for hit in answer.hits} == set(walks)
    assert not answer.is_cut
    assert search(library, None, "dog kind:photo", 30).is_cut
    answer = search(library, None, "dog kind:photo", 300)
    assert (len(answer.hits), answer.is_cut) == (40, False)


def test_behind_a_filter_no_more_is_heard_than_a_few_times_what_is_shown(library: Library) -> None:
    photos(library, 99)
    film = library.finding.set_of([add(library, "walk.mp4")])
    store = library.finding
    assert [first_witnesses(store, None, most) for most in (0, 500, 5_000, 100_000)] == [600, 600, 5_000, 100_000]
    assert [first_witnesses(store, film, most) for most in (0, 500, 5_000, 100_000)] == [15_000] * 3 + [100_000]
    library.remove_items(library.item_ids()[:-3])
    assert first_witnesses(store, film, 500) == 1_800


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
        answer = assistant.search("dog", patience_s=0.05).result(60)
        assert time.monotonic() - began < 20
        assert answer.is_early
        assert len(answer.hits) == 3
        assert [type(each.exception(10)) for each in waiting] == [Cancelled, Cancelled]
    finally:
        networks.may_answer.set()
        assistant.close()
