from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.for_you import ForYou, Wishes
from media_assistant.items.happening import Ending, Forgetting, Happening, Verb
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.slate import Liking, Outcome, Proposal, Slate
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.learning.own_past import EVIDENCE
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.sentences import LANGUAGES, say
from media_assistant.workflows.for_you import taste
from media_assistant.workflows.for_you.for_you import Suggestions
from media_assistant.workflows.for_you.own_past import read_past
from media_assistant.workflows.for_you.stepping_back import STEPS_BACK, Turn, rests, turns_of
from tests.workflows.finding import add
from tests.workflows.recommend_library import Person, fill, suggestions_of

Topics = dict[int, int]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "l.sqlite")
    yield opened
    opened.finding.close()
    opened.close()


@pytest.fixture
def topics(library: Library) -> Topics:
    return fill(library, 320)


@pytest.fixture
def suggestions(library: Library, topics: Topics) -> Suggestions:
    return suggestions_of(library)


def finish(library: Library, item_id: int, at: str = "") -> None:
    happening = Happening(Verb.PLAYED, item_id, TimeSpan(0, 60_000), 60_000, Ending.FINISHED)
    library.note_happening(happening, began=at)


def ids_of(page: ForYou, name: str = "") -> list[int]:
    return [offer.item.id for row in page.rows for offer in row.offers if not name or row.name == name]


def test_a_past_that_is_read_on_is_the_past(library: Library) -> None:
    known = read_past(library)
    first, second, third = (add(library, name) for name in ("sea", "town", "wood"))
    deeds: list[Callable[[], object]] = [
        lambda: finish(library, first),
        lambda: finish(library, second),
        lambda: library.say_of_liking([first], Liking.NEVER),
        lambda: library.remove_items([second]),
        library.undo,
        lambda: library.say_of_liking([third], Liking.LIKE),
        lambda: library.forget(Forgetting(item_ids=(first,))),
    ]
    for deed in deeds:
        deed()
        known = read_past(library, before=known)
        assert known == read_past(library)
    assert [item_id for item_id, _ in known.chosen] == [second, third] and set(known.uses) == {second}


def test_without_a_past_it_says_so_and_shows_the_newest_and_some_of_each_kind(
    library: Library, suggestions: Suggestions
) -> None:
    page = suggestions.make_page()
    assert page.is_cold and page.rows[0].name == "newest"
    assert {row.name for row in page.rows[1:]} == {f"sample.{kind.value}" for kind in Kind}
    assert ids_of(page, "newest") == sorted(library.item_ids(), reverse=True)[:12]
    assert len(ids_of(page)) == len(set(ids_of(page)))


def test_an_empty_library_has_nothing(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "empty.sqlite")
    page = suggestions_of(library).make_page()
    assert page.rows == () and page.slate_id == 0
    library.close()


def test_what_was_finished_brings_more_of_its_kind_with_true_reasons(
    library: Library, topics: Topics, suggestions: Suggestions
) -> None:
    liked = [item_id for item_id in topics if topics[item_id] == 2][:8]
    for item_id in liked:
        finish(library, item_id)
    page = suggestions.make_page()
    names = [row.name for row in page.rows]
    assert not page.is_cold and "likely" in names and "because.1" in names
    share = np.mean([topics[item_id] == 2 for item_id in ids_of(page, "because.1")])
    assert share > 0.6
    likely = np.mean([topics[item_id] == 2 for item_id in ids_of(page, "likely")[:6]])
    assert likely > 2 / 6
    assert not set(liked) & set(ids_of(page, "likely"))
    for row in page.rows:
        for offer in row.offers:
            for language in LANGUAGES:
                assert say(language, offer.says.code, **offer.says.parameters)
            if offer.because_id and offer.says.code == "for_you.why.like":
                assert offer.because_id in liked
                assert offer.says.parameters["title"] == library.item(offer.because_id).title


def test_every_page_is_noted_with_its_propensities(library: Library, topics: Topics, suggestions: Suggestions) -> None:
    finish(library, next(iter(topics)))
    page = suggestions.make_page()
    (slate,) = library.slates_since(0)
    assert slate.id == page.slate_id
    assert [each.item_id for each in sorted(slate.proposals, key=lambda one: (one.row, one.place))] == [
        offer.item.id for row in sorted(page.rows, key=lambda one: one.name) for offer in row.offers
    ]
    assert all(0 < each.propensity <= 1 for each in slate.proposals)
    drawn = [each.propensity for each in slate.proposals if each.row == "likely"]
    assert max(drawn[:-1]) < 1


def test_never_and_not_now_go_and_undo_brings_them_back(
    library: Library, topics: Topics, suggestions: Suggestions
) -> None:
    never, later, other = list(topics)[:3]
    finish(library, other)
    suggestions.say([never], Liking.NEVER)
    changes = suggestions.say([later], Liking.NOT_NOW).result()
    held = suggestions.make_page()
    assert not {never, later} & set(ids_of(held))
    from media_assistant.workflows.for_you.own_past import read_past

    assert read_past(library).withheld == {never, later}
    library.take_back(changes.step)
    assert read_past(library).withheld == {never}
    suggestions.say([later], Liking.NOT_NOW)
    now = suggestions.now
    suggestions.now = lambda: now() + timedelta(days=15)
    assert read_past(library, suggestions.now()).withheld == {never}


def test_nothing_because_of_this(library: Library, topics: Topics, suggestions: Suggestions) -> None:
    liked = [item_id for item_id in topics if topics[item_id] == 1][:3]
    for item_id in liked:
        finish(library, item_id)
    suggestions.say(liked, Liking.NOT_BECAUSE)
    page = suggestions.make_page()
    assert page.is_cold and not any(offer.because_id in liked for row in page.rows for offer in row.offers)


def test_what_was_left_off_goes_on_from_there(library: Library, topics: Topics, suggestions: Suggestions) -> None:
    film = next(iter(library.item_ids(kind=Kind.VIDEO)))
    finish(library, next(iter(library.item_ids(kind=Kind.PHOTO))))
    library.keep_position(film, 72_000)
    row = suggestions.make_page().rows[0]
    (offer,) = row.offers
    assert (row.name, offer.item.id, offer.at_ms) == ("continue", film, 72_000)
    assert say("en", offer.says.code, **offer.says.parameters) == "You left it at 1:12."


def test_favourites_of_long_ago_are_remembered(library: Library, topics: Topics, suggestions: Suggestions) -> None:
    old, recent = list(topics)[:2]
    for month in ("01", "02"):
        finish(library, old, f"2026-{month}-03T10:00:00+00:00")
    finish(library, recent, "2026-06-30T10:00:00+00:00")
    suggestions.now = lambda: datetime(2026, 7, 1, 10, tzinfo=UTC)
    page = suggestions.make_page()
    assert ids_of(page, "forgotten") == [old]


def test_the_sliders_move_what_is_suggested(library: Library, topics: Topics, suggestions: Suggestions) -> None:
    film = next(iter(library.item_ids(kind=Kind.VIDEO)))
    for item_id in list(library.item_ids(kind=Kind.VIDEO))[:6]:
        finish(library, item_id)

    def mean_length(length: float) -> float:
        suggestions.set_wishes(replace(Wishes(), length=length))
        items = [offer.item for row in suggestions.make_page().rows if row.name == "likely" for offer in row.offers]
        return float(np.mean([item.facts.duration_ms for item in items if item.facts.duration_ms]))

    def videos(breadth: float) -> int:
        suggestions.set_wishes(replace(Wishes(), breadth=breadth))
        items = [offer.item for row in suggestions.make_page().rows if row.name == "likely" for offer in row.offers]
        return sum(item.kind is Kind.VIDEO for item in items)

    assert film and mean_length(0.0) < mean_length(1.0)
    assert videos(0.0) > videos(1.0)
    assert Wishes.of({"newness": float("nan"), "breadth": 7, "other": 1}) == Wishes(breadth=1.0)


def test_what_is_never_shown_gets_its_turn(library: Library, topics: Topics, suggestions: Suggestions) -> None:
    """Nothing is buried: in ten pages most of a library of 320 items was shown."""
    finish(library, next(iter(topics)))
    seen: set[int] = set()
    for _ in range(10):
        seen |= set(ids_of(suggestions.make_page()))
    assert len(seen) > 0.6 * len(topics)


def test_the_verdict_counts_what_was_liked_and_weighs_by_chances(
    library: Library, topics: Topics, suggestions: Suggestions
) -> None:
    found, _ = suggestions.judge().result()
    assert found.opened == 0 and np.isnan(found.by_us.value)
    person = Person(library, suggestions, topics, 3)
    for _ in range(5):
        person.day()
    found, shares = suggestions.judge().result()
    assert found.opened == 10 and 0 <= found.liked <= 10 and found.shown > 100
    for each in (found.by_us, *found.by_lot, *found.by_best):
        assert each.low <= each.value <= each.high
    assert found.by_lot[1].low < found.by_us.value and found.effective > 5
    by_group = {group: [each for each in shares if each.group == group] for group in ("kind", "age", "folder")}
    assert sum(each.held for each in by_group["kind"]) == 320 and all(by_group.values())


def test_what_was_liked_and_then_opened_counts_as_liked(library: Library, suggestions: Suggestions) -> None:
    page = suggestions.make_page()
    chosen = ids_of(page)[0]
    suggestions.say([chosen], Liking.LIKE, page.slate_id)
    suggestions.opened(page.slate_id, chosen)
    found, _ = suggestions.judge().result()
    assert (found.opened, found.liked) == (1, 1)


def test_a_tag_that_was_taken_away_is_no_reason_any_more(library: Library, suggestions: Suggestions) -> None:
    item_id = next(iter(library.item_ids()))
    sea = Concept("sea", "sea")

    def shows_it() -> bool:
        return "sea" in suggestions._shelf().concepts

    for change, is_there in (
        (lambda: library.decide_tag([item_id], sea, TagState.ACCEPTED), True),
        (lambda: library.decide_tag([item_id], sea, TagState.REJECTED), False),
        (library.undo, True),
    ):
        suggestions._changed(change())
        assert shows_it() == is_there


def test_a_week_halves_regret_and_forgetting_undoes_it(library: Library, topics: Topics) -> None:
    """The fast version of `tests/stress/simulated_month.py`: one person, ten days."""
    suggestions = suggestions_of(library)
    person = Person(library, suggestions, topics, 2)
    _, first = person.day()
    later = [person.day()[1] for _ in range(6)]
    assert np.mean(later[-3:]) < 0.5 * first
    assert not suggestions.make_page().is_cold
    library.forget(Forgetting())
    suggestions._changed(LibraryChanges(past=True, forgotten=True))
    page = suggestions.make_page()
    assert page.is_cold and len(library.slates_since(0)) == 1


def test_what_shares_a_rare_name_with_what_was_finished_is_offered_and_says_so(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "n.sqlite")
    names = [*(f"Thing {number}" for number in range(120)), "Lighthouse winter", "The old lighthouse"]
    ids, _ = library.add_items(
        [NewItem(Kind.TEXT, f"/n/{at}.x", name, 1000 + at, 1, f"n-{at}", Facts()) for at, name in enumerate(names)]
    )
    finish(library, ids[-2])
    page = suggestions_of(library).make_page()
    offers = {offer.item.id: offer for row in page.rows for offer in row.offers}
    assert ids[-1] in offers
    offer = offers[ids[-1]]
    assert (offer.says.code, offer.because_id) == ("for_you.why.named", ids[-2])
    assert offer.says.parameters == {"title": "Lighthouse winter"}
    library.finding.close()
    library.close()


def test_what_became_of_pages_made_before_names_were_known_is_not_forgotten() -> None:
    context = np.ones(taste.WIDTH - 3 + 4, np.float32).tobytes()
    proposal = Proposal("likely", 0, 1, 0.5, 0.2, context, Outcome.LIKED)
    old = taste.context_of(proposal, Slate("for-you/1", (proposal,), {}))
    assert old is not None and len(old) == taste.WIDTH + 4
    evidence = old[1 : 1 + len(EVIDENCE)]
    assert evidence[: EVIDENCE.index("words")].all() and not evidence[EVIDENCE.index("words") :].any()
    assert taste.context_of(proposal, Slate("another/1", (proposal,), {})) is None


def test_a_row_that_is_passed_over_steps_back_and_comes_again_at_once_when_it_is_used() -> None:
    passed, used, away = Turn(True, False), Turn(True, True), Turn(False, False)
    assert not rests([]) and not rests([passed] * 2) and rests([passed] * 3)
    assert not rests([*[passed] * 3, away])
    assert rests([*[passed] * 6, away]) and not rests([*[passed] * 6, away, away])
    assert not rests([*[passed] * 9, used])
    # However often it is passed over, it is back after six pages.
    assert rests([*[passed] * 60, *[away] * 5]) and not rests([*[passed] * 60, *[away] * 6])


def test_pages_from_which_nothing_was_opened_say_nothing_of_a_row() -> None:
    def slate(*outcomes: Outcome) -> Slate:
        rows = ("likely", STEPS_BACK)
        made = (
            Proposal(row, 0, at, 0.5, 0.1, b"", each)
            for at, (row, each) in enumerate(zip(rows, outcomes, strict=False))
        )
        return Slate(taste.POLICY, tuple(made), {})

    pages = [slate(Outcome.NONE, Outcome.NONE), slate(Outcome.OPENED, Outcome.NONE), slate(Outcome.NONE, Outcome.LIKED)]
    assert turns_of([*pages, slate(Outcome.OPENED)]) == [Turn(True, False), Turn(True, True), Turn(False, False)]


def test_something_different_steps_back_for_who_never_wants_it_unless_they_wish_for_what_is_new(
    library: Library, suggestions: Suggestions, topics: Topics
) -> None:
    person = Person(library, suggestions, topics, 3)
    pages = [person.day()[0] for _ in range(9)]
    stood = ["different" in {row.name for row in page.rows} for page in pages]
    assert any(page.rests for page in pages) and any(stood)
    assert all(page.rests != has for page, has in zip(pages, stood, strict=True) if not page.is_cold)
    suggestions.set_wishes(Wishes(newness=0.9))
    assert not suggestions.make_page().rests
