"""Stars and a person's word on duplicates: one takes the place of others with all that was said of them, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_assistant.items.duplicates import Agreement, LikelyPair
from media_assistant.items.findings import Finding, Fingerprint
from media_assistant.items.moment import Layer
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.library.library import Library
from tests.library.making import DOG, OWN, SEA, alike, new_item, open_new, steps_of


def filled(folder: Path) -> tuple[Library, list[int]]:
    """Four items, of which the first three were found to be the same, the second half a second later."""
    library = open_new(folder)
    ids, _ = library.add_items([new_item(number) for number in range(4)])
    for item_id in ids:
        found: list[Finding] = [Fingerprint("a-form", 0, bytes([item_id]))]
        library.save_findings(item_id, "fingerprints", 1, "", "", found, is_first_chunk=True)
        library.finish_analysis(item_id, "fingerprints", 1)
    one, two, three, _ = ids
    pairs = [
        LikelyPair(one, two, 0.9, Agreement(offset_ms=500)),
        LikelyPair(one, three, 0.95, Agreement(is_mirrored=True)),
    ]
    library.save_pairs(library.uncompared(), pairs)
    return library, ids


def reopened(library: Library) -> Library:
    library.close()
    return Library.open(library.file)


def test_stars_are_the_persons_and_undone_after_a_restart(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    library.rate(ids[:2], 4)
    library.rate(ids[:1], 0)
    assert library.ratings(ids) == {ids[0]: 0, ids[1]: 4}
    assert not library.rate(ids[:1], 0), "nothing was to be done"
    library.rate(ids, None)
    assert library.ratings(ids) == {}
    library = reopened(library)
    library.undo()
    library.undo()
    assert library.ratings(ids) == {ids[0]: 4, ids[1]: 4}
    for wrong in (-1, 6):
        with pytest.raises(ValueError, match="stars"):
            library.rate(ids, wrong)
    library.close()


def test_what_was_compared_is_not_compared_again_until_it_is_another(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    assert library.uncompared() == {}
    assert [(pair.first_id, pair.second_id) for pair in library.likely_pairs()] == [(1, 3), (1, 2)]
    assert alike(library) == {1, 2, 3}
    again: list[Finding] = [Fingerprint("a-form", 0, b"new")]
    library.save_findings(ids[2], "fingerprints", 2, "", "", again, is_first_chunk=True)
    assert set(library.uncompared()) == {ids[2]}
    library.save_pairs(library.uncompared(), [])
    assert alike(library) == {1, 2}, "what was known of the old fingerprints went with them"
    library.close()


def test_an_item_that_holds_another_file_is_like_nothing_until_that_was_looked_at(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    library.use_instead({ids[0]: new_item(9, path="/media/other.mp4")})
    assert library.likely_pairs() == [] and ids[0] not in {each for each, *_ in library.compared()}
    assert library.uncompared() == {}, "the fingerprints that are there are the former file's"
    library.undo()
    assert set(library.uncompared()) == {ids[0]}, "what it held before is compared again"
    library.save_pairs(library.uncompared(), [LikelyPair(1, 2, 0.9, Agreement())])
    library.replace_content(ids[1], new_item(10, path="/media/clip 1.mp4"))
    assert library.likely_pairs() == [] and library.uncompared() == {}
    again: list[Finding] = [Fingerprint("a-form", 0, b"new")]
    library.save_findings(ids[1], "fingerprints", 1, "", "", again, is_first_chunk=True)
    assert set(library.uncompared()) == {ids[1]}
    library.close()


def test_different_ones_are_never_proposed_again(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    library.part_items(ids[:2])
    assert alike(library) == {1, 3}
    library.save_pairs(dict.fromkeys(ids, 99), [LikelyPair(1, 2, 0.99), LikelyPair(1, 3, 0.9)])
    library = reopened(library)
    assert alike(library) == {1, 3}, "found again, and still not proposed"
    library.undo()
    assert alike(library) == {1, 2, 3}
    library.close()


def test_the_one_that_is_kept_takes_over_what_was_said_of_the_others(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    kept, second, third, _ = ids
    library.add_tag([second], OWN)
    library.decide_tag([third], DOG, TagState.REJECTED)
    library.decide_tag([kept, second], SEA, TagState.ACCEPTED)
    library.decide_tag([kept], SEA, TagState.REJECTED)
    library.mark(second, TimeSpan(2000, 3000), "the turn")
    library.rate([second], 3)
    library.rate([third], 5)
    library.create_collection("By the sea", item_ids=[third, second])
    before = len(library.journal())
    changes = library.keep_item(kept, [second, third])
    assert set(changes.removed) == {second, third} and len(library.journal()) == before + 1
    assert list(library.item_ids()) == [kept, ids[3]]
    states = {tag.concept.id: tag.state for tag in library.details(kept).tags}
    assert states == {OWN.id: TagState.ACCEPTED, DOG.id: TagState.REJECTED, SEA.id: TagState.REJECTED}
    assert [(m.span, m.text) for m in library.moments(kept, Layer.MARK)] == [(TimeSpan(1500, 2500), "the turn")]
    assert library.ratings([kept]) == {kept: 5}
    assert list(library.collection_items(1)) == [kept]
    assert alike(library) == set()
    library = reopened(library)
    library.undo()
    assert len(library.item_ids()) == 4 and alike(library) == {kept, second, third}
    assert library.ratings([kept]) == {} and library.moments(kept, Layer.MARK) == []
    assert {tag.concept.id for tag in library.details(kept).tags} == {SEA.id}
    assert list(library.collection_items(1)) == [third, second]
    library.redo()
    assert list(library.item_ids()) == [kept, ids[3]] and library.ratings([kept]) == {kept: 5}
    library.close()


def test_places_in_collections_are_taken_over_without_reading_those_of_other_items(tmp_path: Path) -> None:
    library, (kept, second, third, _) = filled(tmp_path)
    others, _ = library.add_items([new_item(number) for number in range(10, 1510)])
    for number in range(3):
        library.create_collection(f"Others {number}", item_ids=others)
    held, _ = library.create_collection("Both", item_ids=[others[0], third, second, others[1]])
    library.create_collection("All three", item_ids=[second, kept, third])
    library.create_collection("Asked for", "kind:video")
    library.remove_items([others[0]])
    assert steps_of(library, lambda: library.keep_item(kept, [second, third]), is_write=True) < 150
    assert [list(library.collection_items(each)) for each in (held, held + 1)] == [[kept, others[1]], [kept]]
    library.undo()
    assert list(library.collection_items(held)) == [third, second, others[1]]
    library.close()


def test_nothing_is_kept_instead_of_itself_or_of_what_is_gone(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    library.remove_items(ids[1:2])
    assert not library.keep_item(ids[0], [ids[0], ids[1]])
    assert not library.keep_item(ids[1], [ids[0]])
    library.close()
