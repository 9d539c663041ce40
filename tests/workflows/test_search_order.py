"""What stands before what: likeness beside words, several words at one place, what is left out where little is heard."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from media_assistant.items.concept import Concept
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.library.library import Library
from media_assistant.workflows.search import diversity, meaning, witnesses
from media_assistant.workflows.search.searching import search
from tests.workflows.finding import BEACH, CAT, DOG, add, find, label, line, passage, vector

BRIDE = Concept("bride", "bride", "新娘")
CAR = Concept("car", "car", "汽车")
WIDTH = 64
MEANT = np.eye(WIDTH)[0]

Embed = Callable[[Sequence[str]], Mapping[str, np.ndarray]]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "l.sqlite")
    yield opened
    opened.close()


def drawn(seed: int) -> np.ndarray:
    values = np.random.default_rng(seed).standard_normal(WIDTH)
    return values / np.linalg.norm(values)


def like_it(seed: int, cosine: float = 0.75) -> np.ndarray:
    """A vector so near to what is meant."""
    aside = drawn(seed) * (1 - MEANT)
    return cosine * MEANT + np.sqrt(1 - cosine**2) * aside / np.linalg.norm(aside)


def knows(*words: str) -> Embed:
    """A network that puts these words where what is meant lies, and all others anywhere."""

    def embed(texts: Sequence[str]) -> Mapping[str, np.ndarray]:
        rows = [MEANT if text in words else drawn(zlib.crc32(text.encode())) for text in texts]
        return {"space": np.stack(rows).astype(np.float32)}

    return embed


def photos(library: Library, count: int, cosine: float | None = None) -> list[int]:
    """Photos that only their vectors tell apart; without `cosine` of anything."""
    made = []
    for number in range(count):
        item = add(library, f"p{number} {cosine}", Kind.PHOTO)
        values = drawn(1000 + number) if cosine is None else like_it(number, cosine)
        find(library, item, vector("space", values), analyser="looks")
        made.append(item)
    return made


def found(library: Library, embed: Embed | None, query: str, **how: object) -> list[int]:
    return [hit.item.id for hit in search(library, embed, query, is_half_typed=False, **how).hits]  # type: ignore[arg-type]


# Likeness beside words


def test_a_line_that_says_it_hides_no_picture_that_shows_it(library: Library) -> None:
    photos(library, 60)
    brides = photos(library, 12, 0.7)
    text = add(library, "novel", Kind.TEXT)
    find(library, text, passage("The bride wore red."), analyser="words")
    assert set(found(library, knows("bride"), "bride")) == {text, *brides}


def test_a_tag_that_is_accepted_on_one_hides_no_other(library: Library) -> None:
    photos(library, 60)
    brides = photos(library, 12, 0.7)
    library.decide_tag(brides[:1], BRIDE, TagState.ACCEPTED)
    assert set(found(library, knows("bride"), "bride")) == set(brides)


def test_what_a_network_recognised_stands_before_what_is_only_like_it(library: Library) -> None:
    photos(library, 60)
    near = photos(library, 4, 0.68)
    named = add(library, "named", Kind.PHOTO)
    find(library, named, label(DOG, score=0.95))
    assert found(library, knows("dog"), "dog") == [named]
    library.decide_tag([named], DOG, TagState.REJECTED)
    assert set(found(library, knows("dog"), "dog")) == set(near)


def test_what_a_filter_leaves_out_hides_nothing_of_what_it_lets_through(library: Library) -> None:
    photos(library, 60)
    near = photos(library, 4, 0.68)
    film = add(library, "film")
    find(library, film, label(CAR, TimeSpan(0, 4000), 0.95))
    find(library, film, line("a red car", TimeSpan(0, 4000)), analyser="speech")
    for query in ("car", "red car"):
        assert set(found(library, knows(query), f"kind:photo {query}")) == set(near)


# Several words at one place


def test_the_best_moment_of_several_words_is_where_they_meet(library: Library) -> None:
    film = add(library, "film")
    dogs = label(DOG, TimeSpan(10_000, 14_000), 0.95), label(DOG, TimeSpan(120_000, 124_000), 0.8)
    beaches = label(BEACH, TimeSpan(60_000, 64_000), 0.9), label(BEACH, TimeSpan(121_000, 125_000), 0.8)
    find(library, film, *dogs, *beaches)
    (hit,) = search(library, None, "dog beach").hits
    assert hit.moments[0].span == TimeSpan(120_000, 124_000)
    (alone,) = search(library, None, "dog").hits
    assert alone.moments[0].span == TimeSpan(10_000, 14_000)


def test_many_surer_moments_of_one_word_do_not_hide_where_it_meets_the_other(library: Library) -> None:
    film = add(library, "film")
    dogs = [label(DOG, TimeSpan(number * 60_000, number * 60_000 + 4000), 0.95) for number in range(60)]
    find(library, film, *dogs, label(DOG, TimeSpan(9_000_000, 9_004_000), 0.8))
    find(library, film, line("the tide is high", TimeSpan(9_003_000, 9_006_000)), analyser="speech")
    (hit,) = search(library, None, "dog tide").hits
    assert hit.moments[0].span in {TimeSpan(9_000_000, 9_004_000), TimeSpan(9_003_000, 9_006_000)}


def test_words_that_meet_stand_before_words_hours_apart(library: Library) -> None:
    book = add(library, "book", Kind.MUSIC)
    far = line("the red one", TimeSpan(12_000, 14_000)), line("a car came", TimeSpan(9_600_000, 9_602_000))
    find(library, book, *far, analyser="speech")
    film = add(library, "film")
    find(library, film, label(CAR, TimeSpan(2000, 9000), 0.7), analyser="sights")
    find(library, film, line("red", TimeSpan(3000, 4000), Sense.WRITTEN), analyser="writing")
    named = add(library, "red", Kind.VIDEO)
    find(library, named, label(CAR, TimeSpan(2000, 9000), 0.7))
    assert found(library, None, "red car") == [film, named, book]
    tagged = add(library, "tagged")
    find(library, tagged, line("a car came", TimeSpan(9_600_000, 9_602_000)), analyser="speech")
    library.decide_tag([tagged], Concept("red", "red", "红色"), TagState.ACCEPTED)
    assert found(library, None, "red car")[0] == tagged, "a tag of all of it holds everywhere in it"
    library.remove_items([tagged])
    pages = add(library, "pages", Kind.TEXT)
    apart = passage("red"), line("car", TextSpan(80, 0, 3), Sense.WRITTEN)
    find(library, pages, *apart, analyser="words")
    assert found(library, None, "red car")[:2] == [film, named]


def test_a_precise_moment_is_not_swallowed_by_a_long_one(library: Library) -> None:
    concert = add(library, "concert", Kind.MUSIC)
    sound = Concept("sound", "sound", "声音")
    clapping = Concept("applause", "applause", "掌声", (), ("sound",))
    music = Concept("music", "music", "音乐", (), ("sound",))
    long, short = TimeSpan(0, 3_480_000), TimeSpan(721_000, 740_000)
    everything = (
        label(music, long, 0.95, Sense.HEARD),
        label(clapping, short, 0.8, Sense.HEARD),
        label(sound, long, 0.3),
    )
    find(library, concert, *everything, analyser="sounds")
    (hit,) = search(library, None, "sound").hits
    assert {moment.span for moment in hit.moments} == {long, short}
    (both,) = search(library, None, "music applause").hits
    assert both.moments[0].span == short


# What answers nothing, and what is not heard


def test_a_word_that_stands_nowhere_leaves_the_choice_to_the_others(library: Library) -> None:
    dogs = [add(library, f"d{number}", Kind.PHOTO) for number in range(3)]
    for dog in dogs:
        find(library, dog, label(DOG))
    for number in range(20):
        find(library, add(library, f"c{number}", Kind.PHOTO), label(CAT))
    for query in ("photos of my dog", "where are you dog", "我的狗的照片", "狗的视频"):
        answer = search(library, None, query, is_half_typed=False)
        assert {hit.item.id for hit in answer.hits} == set(dogs), query
        assert answer.hints == ()
    answer = search(library, None, "glimmering dog", is_half_typed=False)
    assert {hit.item.id for hit in answer.hits} == set(dogs)
    assert [(hint.code, hint.parameters["words"]) for hint in answer.hints] == [("search.stands_nowhere", "glimmering")]
    assert search(library, None, "glimmering xyzzy").hits == ()


def test_one_long_recording_does_not_hide_the_others_that_say_it(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnesses, "_FIRST", 5)
    songs = [add(library, f"s{number}", Kind.MUSIC) for number in range(3)]
    for song in songs:
        find(library, song, line("high tide", TimeSpan(0, 900)), analyser="speech")
    book = add(library, "book", Kind.MUSIC)
    find(library, book, *(line("the tide", TimeSpan(at, at + 900)) for at in range(0, 90_000, 1000)), analyser="speech")
    answer = search(library, None, "tide")
    assert {hit.item.id for hit in answer.hits} == {book, *songs}


def test_one_long_film_does_not_take_all_places_of_what_is_meant(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meaning, "_NEIGHBOURS", 20)
    photos(library, 60)
    film = add(library, "film")
    scenes = (vector("space", like_it(at, 0.9), TimeSpan(1000 * at, 1000 * at + 900)) for at in range(40))
    find(library, film, *scenes, analyser="looks")
    near = photos(library, 3, 0.8)
    answer = search(library, knows("sunset"), "sunset")
    assert {hit.item.id for hit in answer.hits} == {film, *near}
    monkeypatch.setattr(meaning, "_MOST_NEIGHBOURS", 20)
    assert search(library, knows("sunset"), "sunset").is_cut, "more may be behind"


def test_what_is_meant_in_time_is_looked_for_behind_the_filter(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meaning, "_NEIGHBOURS", 5)
    monkeypatch.setattr(meaning, "_MOST_NEIGHBOURS", 5)
    photos(library, 60)
    photos(library, 10, 0.9)
    film = add(library, "film")
    find(library, film, vector("space", like_it(3, 0.8), TimeSpan(0, 4000)), analyser="looks")
    find(library, film, line("come here", TimeSpan(9000, 9900)), analyser="speech")
    for query in ("sunset THEN come kind:video", "(sunset THEN come) kind:video", "kind:video sunset THEN come"):
        assert found(library, knows("sunset"), query) == [film], query


def test_of_a_choice_what_was_not_heard_is_no_surer_than_what_was(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnesses, "_FIRST", 4)
    films = [add(library, f"f{number}") for number in range(9)]
    for film in films:
        find(library, film, line("tide", TimeSpan(0, 900)), analyser="speech")
    cat = add(library, "cat")
    find(library, cat, label(CAT, score=0.95))
    assert found(library, None, "said:tide OR cat")[0] == cat


def test_recordings_of_one_voice_are_not_nearly_the_same(library: Library) -> None:
    talks = []
    for number in range(10):
        talks.append(add(library, f"t{number}", Kind.MUSIC))
        find(library, talks[-1], line("the tide", TimeSpan(0, 900)), analyser="speech")
        find(library, talks[-1], vector("timbre-mfcc-40", like_it(number, 0.999)), analyser="timbre")
    for number in range(30):
        other = add(library, f"o{number}", Kind.MUSIC)
        find(library, other, vector("timbre-mfcc-40", drawn(number)), analyser="timbre")
    assert diversity.spread(library.finding, talks, len(talks)) == talks


# What a recogniser was not sure of


def test_what_was_surely_heard_stands_before_what_was_perhaps_heard(library: Library) -> None:
    perhaps, surely, named = (add(library, name) for name in ("a talk", "a speech", "about zero"))
    # It says it twice, and nothing else.
    find(library, perhaps, line("zero", TimeSpan(0, 900), score=0.5), line("zero", TimeSpan(5000, 5900), score=0.4))
    find(library, surely, line("and the count goes down from nine to zero", TimeSpan(0, 4000), score=0.9))
    find(library, named, line("zero", TimeSpan(0, 900), score=0.4))
    for query in ("zero", "said:zero", '"zero"'):
        hits = search(library, None, query, is_half_typed=False).hits
        ids = [hit.item.id for hit in hits if hit.item.id != named]
        assert ids == [surely, perhaps], query
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True), query
        assert [moment.score for hit in hits for moment in hit.moments if hit.item.id == perhaps] == pytest.approx(
            [0.9 * 0.9, 0.9 * 0.88], abs=0.03
        )
    # A file's name is certain, whatever was heard in it.
    (about,) = [hit for hit in search(library, None, "zero", is_half_typed=False).hits if hit.item.id == named]
    assert about.score >= witnesses.NAMED


def test_what_is_nearly_the_same_stands_back_though_all_of_it_was_perhaps_heard(library: Library) -> None:
    copies = [add(library, f"copy {number}") for number in range(8)]
    for number, item in enumerate(copies):
        find(library, item, line("zero", TimeSpan(0, 900), score=0.9 - number / 100))
        find(library, item, vector("space", like_it(1, 0.999)), analyser="looks")
    other = add(library, "other")
    find(library, other, line("zero", TimeSpan(0, 900), score=0.3))
    find(library, other, vector("space", drawn(3)), analyser="looks")
    photos(library, 30)
    ids = found(library, None, "zero")
    assert ids.index(other) == 3
    assert ids[:3] == copies[:3] and ids[4:] == copies[3:]


def test_what_was_surely_heard_is_found_behind_many_that_were_perhaps_heard(library: Library) -> None:
    for number in range(40):
        find(library, add(library, f"p{number}"), line("zero", TimeSpan(0, 900), score=0.3))
    surely = add(library, "surely")
    find(library, surely, line("and so we come down to zero at last, they said", TimeSpan(0, 4000), score=0.95))
    assert found(library, None, "zero", limit=5)[0] == surely
    assert found(library, None, "zero", limit=5, senses=frozenset({Sense.SAID}))[0] == surely


def test_what_is_seen_is_no_less_sure_for_a_line_that_was_perhaps_heard(library: Library) -> None:
    photos(library, 60)
    shown, also_heard = (add(library, name) for name in ("shown", "also heard"))
    for item in (shown, also_heard):
        find(library, item, vector("space", like_it(item, 0.9), TimeSpan(0, 4000)), analyser="looks")
    find(library, also_heard, line("red", TimeSpan(0, 900), score=0.1), analyser="speech")
    hits = {hit.item.id: hit.score for hit in search(library, knows("red car"), "red car", is_half_typed=False).hits}
    assert hits[also_heard] >= hits[shown] - 0.02


# How many moments are shown


def test_moments_end_where_relevance_ends(library: Library) -> None:
    film = add(library, "film")
    find(library, film, label(DOG, TimeSpan(0, 4000), 0.95), label(DOG, TimeSpan(60_000, 64_000), 0.3))
    (hit,) = search(library, None, "dog").hits
    assert [moment.span for moment in hit.moments] == [TimeSpan(0, 4000)]
