"""Teaching a tag: proposed across kinds and down to moments, learnt of every correction, undone, and never above a word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from media_assistant.assistant import Assistant
from media_assistant.errors import UserFixable
from media_assistant.items.concept import Concept
from media_assistant.items.findings import Finding, Vector
from media_assistant.items.kind import Kind
from media_assistant.items.span import WHOLE, Span, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.teaching import TaughtExample
from media_assistant.library.item_store import NewItem
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.workflows.teaching.answers import read_answers
from media_assistant.workflows.teaching.which_way import which_way

WIDTH = 24
TAG = "own:Grandma"
POINTS = np.random.default_rng(1).standard_normal((5, WIDTH))
TURNS = count()


def seen(topic: int, span: Span = WHOLE, space: str = "looks-1") -> Vector:
    noise = np.random.default_rng(next(TURNS)).standard_normal(WIDTH)
    values = POINTS[topic] + 0.35 * noise
    return Vector(space, span, (values / np.linalg.norm(values)).astype("<f4").tobytes())


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    """Photos 1 to 40 of five topics in turn, a film (41) whose second shot is of topic 0, and 42, not understood."""
    globals()["TURNS"] = count(100)
    folders = [tmp_path / name for name in ("data", "cache", "config", "logs")]
    one = Assistant.open(Paths(*folders, folders[0] / "library.sqlite"), Settings(), works=False)
    ids, _ = one.library.add_items(
        [NewItem(Kind.PHOTO, f"/m/{n}.jpg", f"photo {n}", n, 1, f"p{n}") for n in range(40)]
        + [
            NewItem(Kind.VIDEO, "/m/film.mp4", "film", 90, 1, "film"),
            NewItem(Kind.PHOTO, "/m/new.jpg", "new", 91, 1, "new"),
        ]
    )
    for number, item_id in enumerate(ids[:40]):
        understand(one, item_id, [seen(number % 5)])
    understand(one, ids[40], [seen(topic, TimeSpan(1000 * at, 1000 * at + 1000)) for at, topic in enumerate((3, 0, 4))])
    yield one
    one.close()


def understand(assistant: Assistant, item_id: int, findings: list[Finding]) -> None:
    assistant.library.save_findings(item_id, "sights", 1, "net", "1", findings, is_first_chunk=True)


def proposed(assistant: Assistant) -> set[int]:
    assistant.teaching.settle().result()
    return {each.item_id for each in assistant.library.proposals(TAG)}


def teach(assistant: Assistant, *wanted: int, unwanted: tuple[int, ...] = ()) -> None:
    examples = [*map(TaughtExample, wanted), *(TaughtExample(each, is_counter=True) for each in unwanted)]
    assistant.teaching.teach("Grandma", examples).result()


def test_it_proposes_in_every_kind_and_down_to_moments(assistant: Assistant) -> None:
    teach(assistant, 1, 6, unwanted=(2,))
    found = proposed(assistant)
    assert len({11, 16, 21, 26, 31, 36} & found) >= 5
    assert 41 in found
    assert len(found) <= 9
    assert not found & {1, 2, 6}
    evidence = assistant.library.evidence(41, TAG)
    assert evidence[0].span == TimeSpan(1000, 2000)
    assert evidence[0].source.analyser == "taught"
    assert {*found, 1, 6} == {each.item.id for each in assistant.search("tag:Grandma").result().hits}
    assert assistant.teaching.why(TAG, (11, WHOLE))[0].item_id in {1, 6}


def test_every_correction_is_learnt_of_wherever_it_is_made(assistant: Assistant) -> None:
    teach(assistant, 1)
    before = assistant.library.taught_chances(TAG)[11]
    concept = assistant.library.concept(TAG)
    assert concept is not None
    assistant.decide_tag([6], concept, TagState.ACCEPTED).result()
    assistant.decide_tag([2, 3], concept, TagState.REJECTED).result()
    assert 11 in proposed(assistant)
    assert assistant.library.taught_chances(TAG)[11] != before
    lesson = assistant.teaching.lesson(TAG)
    assert {each.item_id for each in lesson.examples if each.is_counter} == {2, 3}
    assert lesson.versions[0].number == 2
    assert lesson.versions[0].is_current


def test_ways_are_measured_of_what_is_taught_and_of_what_is_only_tagged(assistant: Assistant) -> None:
    library, teaching, training = assistant.library, assistant.teaching, assistant.training
    for item_id in (1, 6, 11, 16, 21, 26):
        library.decide_tag([item_id], Concept(TAG, "Grandma"), TagState.ACCEPTED)
    found = which_way(library, teaching, training, TAG)
    assert [(way.form, way.count) for way in found.ways] == [("likeness", 6), ("linear", 6)]
    assert found.untried == {"forest": 12} and found.advised in ("likeness", "linear")
    assert found.network.wanted == 6 and not library.taught_tags()
    teach(assistant, 1, 6, unwanted=(2,))
    taught = which_way(library, teaching, training, TAG)
    assert library.taught_versions(TAG)[0].report["ways"]["sense"] == "seen"
    assert [(way.form, way.count) for way in taught.ways] == [("likeness", 6), ("linear", 6)]


def test_a_persons_word_stands(assistant: Assistant) -> None:
    concept_of = assistant.library.concept
    teach(assistant, 1, 6)
    concept = concept_of(TAG)
    assert concept is not None
    assistant.decide_tag([11], concept, TagState.REJECTED).result()
    assert 11 not in proposed(assistant)
    teach(assistant, 16, 21)
    assert 11 not in proposed(assistant)
    tags = {tag.concept.id: tag.state for tag in assistant.library.details(11).tags}
    assert tags[TAG] is TagState.REJECTED


def test_versions_are_compared_gone_back_to_and_undone(assistant: Assistant) -> None:
    teach(assistant, 1)
    first = assistant.library.taught_chances(TAG)
    teach(assistant, 6, 11, unwanted=(2, 3, 4))
    second = proposed(assistant)
    assistant.teaching.use_version(TAG, 1).result()
    assert assistant.library.taught_chances(TAG)[21] == pytest.approx(first[21], abs=0.02)
    assert [each.number for each in assistant.teaching.lesson(TAG).versions if each.is_current] == [1]
    assistant.undo().result()
    assert proposed(assistant) == second
    assistant.teaching.use_version(TAG, 1).result()
    teach(assistant, 16)
    assert next(each.number for each in assistant.teaching.lesson(TAG).versions if each.is_current) == 3


def test_forgetting_takes_the_proposals_and_leaves_the_tags(assistant: Assistant) -> None:
    teach(assistant, 1, 6)
    before = proposed(assistant)
    assistant.teaching.forget(TAG).result()
    assert not proposed(assistant)
    assert list(assistant.library.item_ids(tag=TAG)) == [1, 6]
    assistant.undo().result()
    assert proposed(assistant) == before
    assistant.undo().result()
    assert not proposed(assistant)
    assert not assistant.library.taught_tags()


def test_what_comes_later_is_judged_and_what_was_missing_is_said(assistant: Assistant) -> None:
    teach(assistant, 42)
    lesson = assistant.teaching.lesson(TAG)
    assert lesson.unknown == (42,)
    assert lesson.advice == "teach.advice.unseen"
    assert not proposed(assistant)
    understand(assistant, 42, [seen(0)])
    assert len({1, 6, 11, 16, 21, 26, 31, 36} & proposed(assistant)) >= 5
    assert not assistant.teaching.lesson(TAG).unknown
    fresh, _ = assistant.library.add_items([NewItem(Kind.PHOTO, "/m/later.jpg", "later", 99, 1, "later")])
    understand(assistant, fresh[0], [seen(0)])
    assert fresh[0] in proposed(assistant)
    assert len(assistant.teaching.lesson(TAG).versions) == 2


def test_another_network_takes_over_and_until_then_the_proposals_stay(assistant: Assistant) -> None:
    teach(assistant, 1, 6)
    before = proposed(assistant)
    everything = list(map(int, assistant.library.item_ids()))
    for item_id in everything[:40]:
        understand(assistant, item_id, [])
    understand(assistant, 41, [])
    assert proposed(assistant) == before
    for number, item_id in enumerate(everything[:40]):
        understand(assistant, item_id, [seen(number % 5, space="looks-2")])
    assert {11, 16, 21} <= proposed(assistant)
    assert set(assistant.teaching.lesson(TAG).versions[0].report["seen"]) == {"looks-2"}


def test_a_moment_is_an_example(assistant: Assistant) -> None:
    moment = TaughtExample(41, TimeSpan(1000, 2000))
    assistant.teaching.teach("Grandma", [moment, TaughtExample(41, TimeSpan(0, 1000), is_counter=True)]).result()
    assert {1, 6, 11} <= proposed(assistant)
    assert 4 not in proposed(assistant)
    assert 41 in assistant.library.item_ids(tag=TAG)
    assistant.undo().result()
    assert not assistant.teaching.lesson(TAG).examples and not assistant.library.taught_tags()
    assert 41 not in assistant.library.item_ids(tag=TAG)


def test_odd_examples_are_no_fault(assistant: Assistant) -> None:
    with pytest.raises(UserFixable, match="no_examples"):
        assistant.teaching.teach("Grandma", [TaughtExample(1, is_counter=True)]).result()
    understand(assistant, 42, [Vector("looks-1", WHOLE, np.full(WIDTH, np.nan, "<f4").tobytes())])
    twin = assistant.library.finding.vectors.of_item("looks-1", 1)[0][1].astype("<f4").tobytes()
    understand(assistant, 2, [Vector("looks-1", WHOLE, twin)])
    teach(assistant, 1, 42, unwanted=(2,))
    lesson = assistant.teaching.lesson(TAG)
    assert lesson.unknown == (42,)
    assert lesson.advice == "teach.advice.contradictory"
    assert all(0 <= chance <= 1 for chance in assistant.library.taught_chances(TAG).values())


def test_it_asks_about_what_it_does_not_know_and_never_twice(assistant: Assistant) -> None:
    teach(assistant, 1, 6, 11, 16, unwanted=(2, 3, 4, 5))
    first = assistant.teaching.questions(TAG)
    assert first
    assert not {each.item_id for each in first} & {1, 2, 3, 4, 5, 6, 11, 16}
    others = assistant.teaching.questions(TAG, skipped=[first[0].item_id])
    assert first[0].item_id not in {each.item_id for each in others}
    assert assistant.teaching.lesson(TAG).expectation.right > 5


def test_a_moment_that_is_no_example_any_more_takes_the_tag_along_that_it_gave(assistant: Assistant) -> None:
    library, teaching = assistant.library, assistant.teaching
    moment, other = TaughtExample(41, TimeSpan(1000, 2000)), TaughtExample(41, TimeSpan(0, 1000))
    teach(assistant, 1)
    teaching.teach(TAG, [moment, other]).result()
    teaching.take_back(TAG, [other]).result()
    assert 41 in library.decided_on(TAG), "the other moment has it still"
    teaching.take_back(TAG, [moment]).result()
    assert library.taught_examples(TAG) == [TaughtExample(1)]
    assert 41 not in library.decided_on(TAG)
    assistant.undo().result()
    assert library.taught_examples(TAG) == [moment, TaughtExample(1)]
    assert 41 in library.decided_on(TAG)
    against = replace(moment, is_counter=True)
    teaching.teach(TAG, [against]).result()
    assert library.taught_examples(TAG) == [TaughtExample(1), against]
    assert 41 not in library.decided_on(TAG)
    teaching.teach(TAG, [moment]).result()
    assert library.taught_examples(TAG) == [moment, TaughtExample(1)]
    assert 41 in library.decided_on(TAG)


def test_the_tag_that_a_person_put_on_all_of_an_item_stays_whatever_is_said_of_its_moments(
    assistant: Assistant,
) -> None:
    library, teaching = assistant.library, assistant.teaching
    against = TaughtExample(41, TimeSpan(0, 1000), is_counter=True)
    teach(assistant, 1, 41)
    teaching.teach(TAG, [against]).result()
    assert library.taught_examples(TAG) == [TaughtExample(41), TaughtExample(1), against]
    teaching.take_back(TAG, [against]).result()
    assert library.taught_examples(TAG) == [TaughtExample(41), TaughtExample(1)]


def test_a_film_that_is_refused_after_a_moment_of_it_is_learnt_of_and_proposed_nowhere(assistant: Assistant) -> None:
    library = assistant.library
    teach(assistant, 1, 6)
    assistant.teaching.teach(TAG, [TaughtExample(41, TimeSpan(0, 1000), is_counter=True)]).result()
    assert 41 in library.taught_chances(TAG)
    concept = library.concept(TAG)
    assert concept is not None
    assistant.decide_tag([41], concept, TagState.REJECTED).result()
    proposed(assistant)
    assert TaughtExample(41, WHOLE, is_counter=True) in library.taught_examples(TAG)
    assert len(library.taught_versions(TAG)) == 3
    assert 41 not in library.taught_chances(TAG)


def test_the_moment_that_was_refused_is_not_asked_about_again(assistant: Assistant) -> None:
    only = TimeSpan(0, 1000)
    understand(assistant, 42, [seen(0, only)])
    teach(assistant, 1, 6, 11, 16, 21, 26)

    def asked() -> set[tuple[int, Span]]:
        return {(each.item_id, each.span) for each in assistant.teaching.questions(TAG, limit=100)}

    assert (42, only) in asked()
    assistant.teaching.teach(TAG, [TaughtExample(42, only, is_counter=True)]).result()
    assert 42 not in {item_id for item_id, _ in asked()}
    understand(assistant, 42, [seen(0, only), seen(0, TimeSpan(4000, 5000))])
    proposed(assistant)
    assert (42, TimeSpan(4000, 5000)) in asked(), "of another moment of it nothing was said yet"


def looked_at(assistant: Assistant) -> list[tuple[bool, int]]:
    """What the newest version knows of earlier proposals: whether it was right, and of which item."""
    assistant.teaching.settle().result()
    held = read_answers(assistant.library.taught_versions(TAG)[0].report)
    return [(each.is_right, each.item_id) for each in held]


def test_what_was_said_of_proposals_is_counted_once_and_as_it_stands_now(assistant: Assistant) -> None:
    teach(assistant, 1, 6)
    concept = assistant.library.concept(TAG)
    assert concept is not None and {11, 16} <= proposed(assistant)
    teach(assistant, 11)
    assert looked_at(assistant) == [(True, 11)]
    assistant.undo().result()
    assert looked_at(assistant) == []
    teach(assistant, 11)
    assert looked_at(assistant) == [(True, 11)], "not a second time"
    teach(assistant, 16)
    assert looked_at(assistant) == [(True, 11), (True, 16)]
    assistant.decide_tag([11], concept, TagState.REJECTED).result()
    assert looked_at(assistant) == [(False, 11), (True, 16)], "a change of mind"
    expected = assistant.teaching.lesson(TAG).expectation
    assert (expected.looked_at, expected.kept) == (2, 1)


def test_what_was_said_stands_where_the_item_leaves_and_comes_back(assistant: Assistant) -> None:
    teach(assistant, 1, 6)
    assert 11 in proposed(assistant)
    teach(assistant, 11)
    assistant.remove_items([11]).result()
    assert looked_at(assistant) == [(True, 11)]
    assert TaughtExample(11) not in assistant.library.taught_versions(TAG)[0].examples
    assistant.undo().result()
    assert looked_at(assistant) == [(True, 11)]
    assert TaughtExample(11) in assistant.library.taught_versions(TAG)[0].examples
