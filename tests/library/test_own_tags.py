"""A person's word on tags themselves: it stands before every vocabulary and model, and what is refused stays refused."""

from __future__ import annotations

import sqlite3
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_assistant.items.concept import NEVER, Concept, OwnWords
from media_assistant.items.findings import Finding
from media_assistant.items.happening import Happening, Verb
from media_assistant.items.moment import Sense
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.items.tag import Proposal, TagState
from media_assistant.items.teaching import TaughtExample, TaughtMoment
from media_assistant.library import label_reading, place_store
from media_assistant.library.item_set import ItemSet
from media_assistant.library.library import Library
from tests.library.making import DOG, OWN, SEA, label, new_item, open_new, steps_of

PUPPY = Concept("puppy", "puppy", "幼犬", (), ("dog",))
ANIMAL = Concept("animal", "animal", "动物")
ALL = (DOG, PUPPY, SEA, OWN)


def see(
    library: Library, item_id: int, *found: tuple[Concept, float], model: str = "net", analyser: str = "sights"
) -> None:
    """A model looks at an item anew."""
    labels: list[Finding] = [label(concept, score, WHOLE) for concept, score in found]
    library.save_findings(item_id, analyser, 1, model, "r", labels, is_first_chunk=True)


@pytest.fixture
def library(tmp_path: Path) -> Any:
    opened = open_new(tmp_path)
    opened.add_items([new_item(number) for number in range(4)])
    see(opened, 1, (DOG, 0.9), (PUPPY, 0.6), (SEA, 0.3))
    see(opened, 2, (DOG, 0.7))
    see(opened, 3, (PUPPY, 0.4))
    yield opened
    opened.close()


def state(library: Library, item_id: int, concept_id: str) -> TagState | None:
    return {tag.concept.id: tag.state for tag in library.details(item_id).tags}.get(concept_id)


def count(library: Library, concept_id: str) -> int:
    return {concept.id: number for concept, number in library.tag_counts()}.get(concept_id, 0)


def test_a_vocabulary_never_overwrites_the_persons_names(library: Library) -> None:
    library.change_tags("rename_tag", {"dog": OwnWords(en="hound", aliases=("doggo",), colour="teal")})
    see(library, 4, (Concept("dog", "dog", "犬", ("pooch",), ("animal",)), 0.8))
    concept = library.concept("dog")
    assert concept == Concept("dog", "hound", "犬", ("doggo",), ("animal",), "teal")
    (tag, *_) = library.details(4).tags
    assert (tag.concept, tag.evidence[0].concept) == (concept, concept)
    names = library.finding.names([DOG])
    assert set(names.named("hound")) >= {"dog", "puppy"}
    assert "dog" in names.named("doggo") and "dog" not in names.named("pooch")
    library.undo()
    assert library.concept("dog") == Concept("dog", "dog", "犬", ("pooch",), ("animal",))
    assert "dog" in library.finding.names([DOG]).named("pooch")


def test_parents_count_and_list_what_is_below_them(library: Library) -> None:
    rex = Concept("own:Rex", "Rex")
    library.add_tag([4], rex)
    library.change_tags("move_tag", {rex.id: OwnWords(parents=("puppy",))}, [rex])
    assert (count(library, "dog"), count(library, "puppy"), count(library, "own:Rex")) == (4, 3, 1)
    assert sorted(library.item_ids(tag="dog")) == [1, 2, 3, 4]
    assert sorted(library.item_ids(tag="puppy")) == [1, 3, 4]
    assert set(library.finding.names().named("dog")) == {"dog", "puppy", "own:Rex"}
    library.decide_tag([1], PUPPY, TagState.REJECTED)
    library.decide_tag([1], DOG, TagState.REJECTED)
    assert sorted(library.item_ids(tag="dog")) == [2, 3, 4]
    assert count(library, "dog") == 3


def test_a_tag_that_only_holds_others_together_is_in_the_census(library: Library) -> None:
    library.change_tags("move_tag", {"dog": OwnWords(parents=("animal",))}, [ANIMAL])
    census = {entry.concept.id: entry for entry in library.tag_census()}
    assert (census["animal"].count, census["animal"].proposed) == (3, 0)
    assert (census["dog"].count, census["dog"].proposed, census["dog"].is_own) == (3, 2, True)


def test_a_threshold_holds_everywhere_and_can_be_undone(library: Library) -> None:
    library.decide_tag([3], PUPPY, TagState.ACCEPTED)
    library.change_tags("threshold_tag", {"dog": OwnWords(lowest_score=0.8), "puppy": OwnWords(lowest_score=0.8)})
    assert state(library, 2, "dog") is None and state(library, 1, "dog") is TagState.SUGGESTED
    assert state(library, 3, "puppy") is TagState.ACCEPTED, "the person's word has no threshold"
    assert library.finding.having(["dog"]) == {1}
    assert library.finding.having(["dog"], [Sense.SEEN]) == {1}
    assert [row[0] for row in library.finding.labelled(["dog"], [Sense.SEEN])] == [1]
    assert [proposal.item_id for proposal in library.proposals("dog")] == [1]
    see(library, 2, (DOG, 0.79), model="better")
    see(library, 4, (DOG, 0.81))
    assert sorted(library.item_ids(tag="dog")) == [1, 3, 4]
    assert library.tag_scores("dog") == [(1, 0.9), (4, 0.81), (2, 0.79)], "what a lower threshold would bring"
    library.undo()
    assert sorted(library.item_ids(tag="dog")) == [1, 2, 3, 4]


def test_two_tags_become_one_and_two_again(library: Library) -> None:
    library.decide_tag([3], PUPPY, TagState.ACCEPTED)
    library.decide_tag([2], PUPPY, TagState.REJECTED)
    before = [library.details(item_id).tags for item_id in (1, 2, 3)]
    library.merge_tags("puppy", "dog")
    assert library.concept("puppy") == library.concept("dog")
    assert state(library, 1, "dog") is TagState.SUGGESTED and state(library, 1, "puppy") is None
    assert state(library, 3, "dog") is TagState.ACCEPTED
    assert state(library, 2, "dog") is TagState.REJECTED, "no puppy, and a puppy is now a dog"
    assert {"puppy", "幼犬"} <= set(library.concept("dog").aliases)  # type: ignore[union-attr]
    see(library, 4, (PUPPY, 0.5), model="other")
    assert state(library, 4, "dog") is TagState.SUGGESTED
    assert [moment.concept.id for moment in library.evidence(4, "dog") if moment.concept] == ["dog"]
    assert library.finding.having(["dog"], [Sense.SEEN]) == {1, 3, 4}
    assert library.finding.names([PUPPY]).named("puppy").keys() == {"dog"}
    library.decide_tag([4], PUPPY, TagState.ACCEPTED)
    assert state(library, 4, "dog") is TagState.ACCEPTED, "whoever still says puppy means the dog"
    library.undo()
    library.undo()
    assert [library.details(item_id).tags for item_id in (1, 2, 3)] == before
    assert state(library, 4, "puppy") is TagState.SUGGESTED


def test_merging_what_stands_over_another_makes_no_circle(library: Library) -> None:
    library.change_tags("move_tag", {"dog": OwnWords(parents=("animal",))}, [ANIMAL])
    library.merge_tags("animal", "puppy")
    tree = {entry.concept.id: entry.concept.parents for entry in library.tag_census()}
    assert tree["dog"] == ("puppy",) and tree["puppy"] == ()


def test_a_deleted_tag_is_gone_and_not_proposed_again(library: Library) -> None:
    library.decide_tag([1], DOG, TagState.ACCEPTED)
    library.delete_tag("dog")
    see(library, 4, (DOG, 0.99), model="other")
    assert all(state(library, item_id, "dog") is None for item_id in (1, 2, 3, 4))
    assert "dog" not in {entry.concept.id for entry in library.tag_census()}
    assert [concept.id for concept in library.never_proposed()] == ["dog"]
    library.teach(DOG, [TaughtExample(2)])
    assert state(library, 4, "dog") is TagState.SUGGESTED, "whoever teaches it anew wants it proposed"
    library.undo()
    library.undo()
    assert state(library, 1, "dog") is TagState.ACCEPTED and state(library, 4, "dog") is TagState.SUGGESTED


def test_a_deleted_tag_of_ones_own_that_a_network_was_trained_for_is_not_proposed_again(library: Library) -> None:
    rex = Concept("own:Rex", "Rex")
    library.teach(rex, [TaughtExample(1)])
    library.save_findings(1, "own_sights", 1, "own-rex", "r", [label(rex, 0.8, WHOLE)], is_first_chunk=True)
    library.delete_tag(rex.id)
    see(library, 4, (rex, 0.9), model="own-rex", analyser="own_sights")
    assert state(library, 1, rex.id) is None and state(library, 4, rex.id) is None
    assert library.never_proposed() == [rex]
    library.teach(rex, [TaughtExample(2)])
    assert state(library, 4, rex.id) is TagState.SUGGESTED, "whoever teaches it anew wants it proposed"
    library.undo()
    library.undo()
    assert state(library, 1, rex.id) is TagState.ACCEPTED


def test_a_deleted_tag_that_only_the_person_knew_is_nothing_to_be_kept_from(library: Library) -> None:
    rex = Concept("own:Rex", "Rex")
    library.teach(rex, [TaughtExample(1)])
    library.save_judged(rex.id, 1, {}, 0, [TaughtMoment(2, WHOLE, Sense.SEEN, 0.9)], None)
    assert state(library, 2, rex.id) is TagState.SUGGESTED
    library.delete_tag(rex.id)
    assert state(library, 2, rex.id) is None and library.never_proposed() == []
    library.undo()
    library.delete_tag(rex.id, named={rex.id})
    assert library.never_proposed() == [rex]


def test_what_was_proposed_for_a_file_that_was_replaced_does_not_pass_for_new_beside_what_is(library: Library) -> None:
    rex, tess = Concept("own:Rex", "Rex"), Concept("own:Tess", "Tess")
    for concept in (rex, tess):
        library.teach(concept, [TaughtExample(1)])
        library.save_judged(concept.id, 1, {}, 0, [TaughtMoment(2, WHOLE, Sense.SEEN, 0.9)], None)
    library.use_instead({2: new_item(77, path="/media/another.mp4")})
    library.save_judged(rex.id, 1, {}, 0, [TaughtMoment(2, WHOLE, Sense.SEEN, 0.8)], [2])
    assert state(library, 2, rex.id) is TagState.SUGGESTED and state(library, 2, tess.id) is None


def moments_of(library: Library, concept: Concept) -> set[TaughtExample]:
    return {each for each in library.taught_examples(concept.id) if each.span != WHOLE}


def test_moments_that_a_tag_was_taught_by_go_with_it_when_it_becomes_another(library: Library) -> None:
    rex = Concept("own:Rex", "Rex")
    here, there, later = (TimeSpan(at, at + 500) for at in (0, 1000, 2000))
    library.teach(DOG, [TaughtExample(2, there), TaughtExample(2, later, is_counter=True)])
    library.teach(rex, [TaughtExample(1, here), TaughtExample(1, there, is_counter=True)])
    library.teach(rex, [TaughtExample(2, there, is_counter=True), TaughtExample(2, later)])
    taught = moments_of(library, rex), moments_of(library, DOG)
    library.merge_tags(rex.id, "dog")
    assert moments_of(library, rex) == set()
    assert moments_of(library, DOG) == {
        TaughtExample(1, here),
        TaughtExample(1, there, is_counter=True),
        TaughtExample(2, there),
        TaughtExample(2, later),
    }, "as with whole items: yes counts before no"
    assert TaughtExample(1) not in library.taught_examples("dog"), "the moment stands for its item, as before"
    library.undo()
    assert (moments_of(library, rex), moments_of(library, DOG)) == taught


def test_moments_that_a_tag_was_taught_by_go_with_it_when_it_is_deleted(library: Library) -> None:
    rex = Concept("own:Rex", "Rex")
    here, there = TimeSpan(0, 500), TimeSpan(1000, 1500)
    library.teach(rex, [TaughtExample(1, here), TaughtExample(2, there, is_counter=True)])
    taught = moments_of(library, rex)
    assert len(taught) == 2 and library.finding.by_name("Rex") == [1]
    library.delete_tag(rex.id)
    assert moments_of(library, rex) == set() and library.finding.by_name("Rex") == []
    library.undo()
    assert moments_of(library, rex) == taught and library.finding.by_name("Rex") == [1]
    library.decide_tag([1], rex, TagState.REJECTED)
    assert library.finding.by_name("Rex") == [], "one that is refused on the whole is not found by its moments"


def test_what_is_reckoned_from_tags_learns_when_they_change(library: Library) -> None:
    library.decide_tag([2], DOG, TagState.ACCEPTED)
    changes = (
        lambda: library.decide_tag([2], DOG, TagState.REJECTED),
        library.undo,
        lambda: library.change_tags("threshold_tag", {"dog": OwnWords(lowest_score=0.95)}),
        lambda: library.set_model_quiet("net", is_quiet=True),
        library.undo,
        lambda: library.delete_tag("sea"),
        lambda: library.merge_tags("puppy", "dog"),
    )
    states = [library.changed_at()]
    for change in changes:
        change()
        states.append(library.changed_at())
    assert len(set(states)) == len(states)
    library.note_happening(Happening(Verb.OPENED, 1))
    library.keep_position(1, 5000)
    library.rate([1], 5)
    library.change_tags("colour_tag", {"dog": replace(library.own_words("dog"), colour="red")})
    assert library.changed_at() == states[-1], "no item carries other tags by these"


def test_a_quiet_model_is_heard_again_after_undo(library: Library) -> None:
    see(library, 1, (DOG, 0.5), model="ears", analyser="sounds")
    library.decide_tag([2], DOG, TagState.ACCEPTED)
    library.set_model_quiet("net", is_quiet=True)
    assert state(library, 1, "dog") is TagState.SUGGESTED, "the other model's word stands"
    assert [tag.source.model for tag in library.details(1).tags] == ["ears"]
    assert (state(library, 2, "dog"), state(library, 3, "puppy")) == (TagState.ACCEPTED, None)
    see(library, 3, (PUPPY, 0.9))
    assert state(library, 3, "puppy") is None
    assert library.finding.having(["puppy"], [Sense.SEEN]) == set()
    assert dict(library.models_that_propose()) == {"ears": 1, "net": 0}
    library.undo()
    assert state(library, 3, "puppy") is TagState.SUGGESTED
    assert library.models_that_propose() == [("net", 4)], "dog and sea and two puppies; what was accepted does not wait"


def test_a_quiet_model_does_not_have_every_run_of_the_library_read(library: Library) -> None:
    library.set_model_quiet("ears", is_quiet=True)
    living, asked = ItemSet.of((1, 2, 3)), list[str]()
    connection = sqlite3.connect(library.file)
    connection.set_trace_callback(asked.append)
    assert len(label_reading.moments_of(connection, {1: [("dog", None)]}, 5)) == 1
    assert len(place_store.label_places(connection, living, ["dog"]).ids) == 2
    assert len(label_reading.labelled(connection, ["dog"], [Sense.SEEN], 9)) == 2
    connection.set_trace_callback(None)
    plans = [step for each in asked for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {each}")]
    connection.close()
    assert {step for step in plans if "runs" in step} == {"SEARCH runs USING INTEGER PRIMARY KEY (rowid=?)"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("refuse"), st.sampled_from(ALL)),
            st.tuples(st.just("accept"), st.sampled_from(ALL)),
            st.tuples(st.just("model"), st.sampled_from(["a", "b"]), st.sampled_from(ALL), st.floats(0, 1)),
            st.tuples(st.just("threshold"), st.sampled_from(ALL), st.sampled_from([0.0, 0.5, NEVER])),
            st.tuples(st.just("quiet"), st.sampled_from(["a", "b"]), st.booleans()),
            st.tuples(st.just("rename"), st.sampled_from(ALL)),
        ),
        max_size=25,
    )
)
def test_a_refused_tag_never_returns(story: list[tuple[Any, ...]]) -> None:
    """Whatever other models find later, and whatever becomes of thresholds: only the person brings it back."""
    with tempfile.TemporaryDirectory() as folder:
        library = open_new(Path(folder))
        (item_id,), _ = library.add_items([new_item(1)])
        refused: set[str] = set()
        for number, step in enumerate(story):
            match step:
                case ("refuse", concept):
                    library.decide_tag([item_id], concept, TagState.REJECTED)
                    refused.add(concept.id)
                case ("accept", concept):
                    library.decide_tag([item_id], concept, TagState.ACCEPTED)
                    refused.discard(concept.id)
                case ("model", model, concept, score):
                    library.save_findings(
                        item_id, "sights", number, model, "", [label(concept, score, WHOLE)], is_first_chunk=True
                    )
                case ("threshold", concept, lowest):
                    library.change_tags("threshold_tag", {concept.id: OwnWords(lowest_score=lowest)}, [concept])
                case ("quiet", model, is_quiet):
                    library.set_model_quiet(model, is_quiet=is_quiet)
                case ("rename", concept):
                    library.change_tags("rename_tag", {concept.id: OwnWords(en=f"name {number}")}, [concept])
            shown = {tag.concept.id for tag in library.details(item_id).tags if tag.state is not TagState.REJECTED}
            assert not shown & refused
            assert not {proposal.concept.id for proposal in library.proposals()} & refused
            assert not any(library.finding.having([concept_id]) for concept_id in refused)
            assert not any(library.finding.having([concept_id], [Sense.SEEN]) for concept_id in refused)
        library.close()


def test_ten_thousand_proposals_are_paged_and_decided(tmp_path: Path) -> None:
    library = open_new(tmp_path)
    ids, _ = library.add_items([new_item(number) for number in range(2_000)])
    others = [Concept(f"thing {number}", f"thing {number}") for number in range(4)]
    score_of = {item_id: 0.2 + (item_id % 800) / 1000 for item_id in ids}
    with library._database.transaction():
        for item_id in ids:
            see(library, item_id, (DOG, score_of[item_id]), *((other, 0.5) for other in others))
    assert (library.count_proposals("dog"), library.count_proposals()) == (2_000, 10_000)
    for concept_id, count_of in (("dog", 2_000), ("", 10_000)):
        seen: list[tuple[int, str]] = []
        after: Proposal | None = None
        costs = []
        while page := library.proposals(concept_id, after, 200):
            seen += [(proposal.item_id, proposal.concept.id) for proposal in page]
            costs.append(steps_of(library, partial(library.proposals, concept_id, after, 200)))
            after = page[-1]
        assert max(costs) <= 1.2 * costs[0], "a late page costs no more than the first"
        assert len(set(seen)) == len(seen) == count_of
    (first, second, third) = library.proposals("dog", None, 3)
    assert first.score >= second.score >= third.score
    library.decide_tag([second.item_id], DOG, TagState.REJECTED)
    assert library.proposals("dog", first, 1) == [third], "what was decided since is passed over"
    changes = library.decide_proposals("dog", 0.6, TagState.ACCEPTED)
    assert len(changes.moments) == len([item_id for item_id in ids if score_of[item_id] >= 0.6]) - 1
    assert library.count_proposals("dog") + len(changes.moments) == 1_999
    library.undo()
    assert library.count_proposals("dog") == 1_999
    library.close()


def test_evidence_is_where_it_comes_from_surest_first(library: Library) -> None:
    spans = [label(SEA, score, TimeSpan(at, at + 500)) for at, score in ((0, 0.4), (3000, 0.8), (9000, 0.6))]
    library.save_findings(4, "sights", 1, "net", "r", spans, is_first_chunk=True)
    assert [moment.span.start_ms for moment in library.evidence(4, "sea")] == [3000, 9000, 0]  # type: ignore[union-attr]
