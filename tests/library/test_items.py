"""One content in many places: identity, moves, copies, changes, lists."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from media_assistant.errors import UserFixable
from media_assistant.items.item import Facts, ItemState
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence
from media_assistant.items.tag import TagState
from media_assistant.library.library import JobRow
from tests.library.making import DOG, FACTS, SEA, chunk, new_item, open_new, steps_of

ODD_NAMES = [
    "/media/中文 🎬.mp4",
    "/media/line\nbreak.mp4",
    "/media/\u202eright-to-left.mp4",
    "/media/" + "长" * 80 + ".mp4",
    '/media/it\'s "quoted"; DROP TABLE items;.mp4',
]


def test_an_item_comes_back_as_it_went_in(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), changes = library.add_items([new_item(1)])
    assert changes.added == (item_id,)
    item = library.item(item_id)
    assert item is not None
    assert (item.kind, item.path, item.title, item.facts) == (Kind.VIDEO, "/media/clip 1.mp4", "clip 1", FACTS)
    assert (item.state, item.is_missing, item.copies) == (ItemState.NEW, False, ())
    library.close()


@pytest.mark.parametrize("path", ODD_NAMES)
def test_odd_names(tmp_path: Path, path: str) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1, path=path)])
    found = library.find_by_path(path)
    assert found is not None and (found.item_id, found.path) == (item_id, path)
    library.close()


@pytest.mark.skipif(sys.platform == "win32", reason="names there are always text")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    path = os.fsdecode(b"/media/\xff\xfe caf\xe9.mp4")
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1, path=path)])
    item = library.item(item_id)
    assert item is not None and os.fsencode(item.path) == b"/media/\xff\xfe caf\xe9.mp4"
    assert library.find_by_path(path) is not None
    library.close()


def test_copies_moves_and_missing_marks(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1, path="/a.mp4")])
    library.add_location(item_id, "/b.mp4", 1001, 5)
    item = library.item(item_id)
    assert item is not None and (item.path, item.copies) == ("/a.mp4", ("/b.mp4",))
    assert library.mark_missing(["/a.mp4"]).changed == (item_id,)
    assert not library.mark_missing(["/a.mp4"])
    item = library.item(item_id)
    assert item is not None and (item.path, item.copies, item.is_missing) == ("/b.mp4", (), False)
    library.mark_missing(["/b.mp4"])
    item = library.item(item_id)
    assert item is not None and item.is_missing and item.path == "/a.mp4"
    library.move_location(item_id, "/a.mp4", "/c.mp4", 1001, 6)
    item = library.item(item_id)
    assert item is not None and (item.path, item.is_missing) == ("/c.mp4", False)
    assert library.find_by_path("/a.mp4") is None
    assert [place.path for place in library.find_by_hash("h1")] == ["/c.mp4", "/b.mp4"]
    library.mark_present(["/b.mp4"])
    assert not any(place.is_missing for place in library.locations(item_id))
    library.close()


def test_a_changed_file_keeps_the_persons_word_and_its_findings_are_stale(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1, path="/a.mp4")])
    library.save_findings(item_id, "sights", 1, "m", "r", chunk(0), is_first_chunk=True)
    library.finish_analysis(item_id, "sights", 1, "m", "r")
    library.decide_tag([item_id], DOG, TagState.REJECTED)
    same, _ = library.replace_content(item_id, new_item(2, path="/a.mp4"))
    assert same == item_id
    run = library.run(item_id, "sights")
    assert run is not None and run.is_stale
    assert library.details(item_id).tags[0].state is TagState.REJECTED
    assert not library.find_by_hash("h1") and library.find_by_hash("h2")
    library.save_findings(item_id, "sights", 1, "m", "r", [], is_first_chunk=True)
    assert library.finish_analysis(item_id, "sights", 1, "m", "r")
    run = library.run(item_id, "sights")
    assert run is not None and run.is_complete and not run.is_stale
    library.close()


def test_what_was_found_in_a_file_that_is_gone_goes_when_the_new_one_cannot_be_read(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1, path="/a.mp4")])
    for analyser in ("sights", "speech"):
        library.save_findings(item_id, analyser, 1, "m", "r", chunk(0), is_first_chunk=True)
        library.finish_analysis(item_id, analyser, 1, "m", "r")
    library.decide_tag([item_id], SEA, TagState.ACCEPTED)
    jobs = [JobRow(item_id, analyser, 1) for analyser in ("sights", "speech")]
    library.enqueue(jobs)
    library.lease_jobs()
    assert not library.fail_analysis(item_id, "sights", Sentence("error.media"), is_final=True).moments
    assert library.run(item_id, "sights") is not None, "the file is the same: what was found in it is still true"
    library.replace_content(item_id, new_item(2, path="/a.mp4"))
    library.enqueue(jobs)
    library.lease_jobs()
    assert not library.fail_analysis(item_id, "sights", Sentence("error.media")).moments, "it is tried again"
    library.release_jobs(item_id)
    library.lease_jobs()
    assert library.fail_analysis(item_id, "sights", Sentence("error.media"), is_final=True).moments == (item_id,)
    assert library.run(item_id, "sights") is None
    library.withdraw_job(item_id, "speech")
    assert library.run(item_id, "speech") is None
    assert library.moments(item_id) == []
    assert [tag.concept for tag in library.details(item_id).tags] == [SEA], "the person's word stays"
    library.close()


def test_a_changed_copy_becomes_an_item_of_its_own(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1, path="/a.mp4")])
    library.add_location(item_id, "/b.mp4", 1001, 5)
    other, changes = library.replace_content(item_id, new_item(2, path="/b.mp4"))
    assert other != item_id and changes.added == (other,)
    first, second = library.items([item_id, other])
    assert (first.path, first.copies, second.path) == ("/a.mp4", (), "/b.mp4")
    library.close()


def test_lists_in_every_order(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    durations = {2: 9, 10: 3, 1: 5}
    for number, seconds in durations.items():
        kind = Kind.MUSIC if number == 1 else Kind.VIDEO
        library.add_items([new_item(number, kind=kind, facts=Facts(duration_ms=seconds * 1000))])
    titles = {item.id: item.title for item in library.items(library.item_ids())}

    def listed(**how: object) -> list[str]:
        return [titles[item_id] for item_id in library.item_ids(**how)]  # type: ignore[arg-type]

    assert listed(sort="name") == ["clip 1", "clip 2", "clip 10"]
    assert listed(sort="duration", descending=True) == ["clip 2", "clip 1", "clip 10"]
    assert listed(sort="size") == ["clip 1", "clip 2", "clip 10"]
    assert listed() == ["clip 2", "clip 10", "clip 1"]
    assert listed(kind=Kind.MUSIC) == ["clip 1"]
    with pytest.raises(KeyError):
        listed(sort="colour")
    assert library.counts() == {Kind.VIDEO: 2, Kind.MUSIC: 1, Kind.TEXT: 0, Kind.PHOTO: 0}
    library.close()


def test_the_state_follows_from_the_queue(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    (item_id,), _ = library.add_items([new_item(1)])

    def state() -> ItemState:
        item = library.item(item_id)
        assert item is not None
        return item.state

    library.enqueue([JobRow(item_id, "preview", 0), JobRow(item_id, "sights", 1)])
    assert state() is ItemState.NEW
    library.lease_jobs()
    assert state() is ItemState.IN_WORK
    library.finish_analysis(item_id, "preview", 1)
    assert state() is ItemState.WAITING
    library.lease_jobs()
    library.fail_analysis(item_id, "sights", Sentence("error.media.damaged", {"name": "x"}), is_final=True)
    assert state() is ItemState.FAILED
    item = library.item(item_id)
    assert item is not None and item.error == Sentence("error.media.damaged", {"name": "x"})
    library.retry_jobs([item_id])
    library.lease_jobs()
    library.finish_analysis(item_id, "sights", 1)
    assert state() is ItemState.READY
    with pytest.raises(UserFixable, match=r"library\.no_such_item"):
        library.details(999)
    library.close()


def test_what_a_list_costs_grows_no_faster_than_the_library(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    sorts = ("added", "name", "captured", "duration", "size")

    def fill(start: int, end: int) -> None:
        for first in range(start, end, 500):
            library.add_items([new_item(number, facts=Facts()) for number in range(first, first + 500)])

    def costs() -> tuple[dict[str, int], int]:
        lists = {sort: steps_of(library, lambda sort=sort: library.item_ids(sort=sort)) for sort in sorts}
        ids = library.item_ids()
        return lists, steps_of(library, lambda: library.items(ids[500:564]))

    fill(0, 1000)
    few, page = costs()
    fill(1000, 10_000)
    many, same_page = costs()
    assert len(library.item_ids()) == 10_000
    assert all(many[sort] <= 12 * few[sort] for sort in sorts)
    assert page > 0
    assert same_page <= 1.5 * page
    library.close()


def test_in_the_outline_of_all_items_what_many_have_is_there_once(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    ids, _ = library.add_items([new_item(number) for number in range(3)])
    library.remove_items(ids[1:2])
    outline = library.outline()
    assert outline.ids == [ids[0], ids[2]] and outline.durations_ms == [FACTS.duration_ms] * 2
    assert outline.kinds == ["video"] * 2 and outline.folders == ["/media"] * 2
    assert len(set(outline.names)) == 2
    for texts in (outline.kinds, outline.folders, outline.added_at, outline.captured_at):
        assert texts[0] is texts[1], "of a million items each would be another hundred bytes"
    library.close()
