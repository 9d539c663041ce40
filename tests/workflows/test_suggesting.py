import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from media_assistant.errors import UserFixable
from media_assistant.items.answers import Suggestion
from media_assistant.items.concept import Concept
from media_assistant.items.examples import like_item
from media_assistant.items.findings import Trait
from media_assistant.items.item import Captured, DateSource, Facts, FileTags, Place
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.library.library import Library
from media_assistant.sentences import LANGUAGES, say
from media_assistant.workflows.likeness.portraits import Portrait, portrait_from
from media_assistant.workflows.likeness.suggesting import similar
from tests.reason_check import Checker
from tests.workflows.finding import (
    BEACH,
    CAT,
    DOG,
    add,
    find,
    index_of,
    label,
    look,
    open_models,
    passage,
    vector,
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "l.sqlite")
    yield opened
    opened.close()


def crowd(library: Library, count: int = 40, width: int = 32) -> list[int]:
    """Items with nothing in common, so that there is a background."""
    rng = np.random.default_rng(1)
    ids = []
    for number in range(count):
        item_id = add(library, f"c{number}.mp4")
        find(library, item_id, vector("looks", rng.standard_normal(width), TimeSpan(0, 1000)))
        ids.append(item_id)
    return ids


def codes(suggestion: Suggestion) -> set[str]:
    return {reason.says.code for reason in suggestion.reasons}


def test_what_is_alike_comes_first_with_the_places_on_both_sides(library: Library) -> None:
    crowd(library)
    rng = np.random.default_rng(2)
    topic = rng.standard_normal(32)
    one, other = add(library, "one.mp4"), add(library, "other.jpg", Kind.PHOTO)
    span = TimeSpan(72_000, 75_000)
    find(
        library,
        one,
        Moment(span, Sense.SEEN, Layer.SHOT),
        vector("looks", rng.standard_normal(32), TimeSpan(0, 72_000)),
        vector("looks", topic + 0.2 * rng.standard_normal(32), span),
    )
    find(library, other, vector("looks", topic + 0.2 * rng.standard_normal(32)))
    first = similar(library, one)[0]
    assert first.item.id == other
    (reason,) = first.reasons
    assert reason.says.code == "reason.alike_seen"
    assert [moment.span for moment in reason.evidence] == [span]
    assert [moment.item_id for moment in reason.theirs] == [other]
    assert similar(library, other)[0].item.id == one


def test_the_nearest_few_are_told_and_those_of_its_own_kind_even_if_they_are_only_a_little_alike(
    library: Library,
) -> None:
    rng = np.random.default_rng(3)
    topic = np.eye(32)[0]

    def lies(title: str, cosine: float, kind: Kind) -> int:
        aside = rng.standard_normal(32) * (topic == 0)
        item_id = add(library, title, kind)
        values = cosine * topic + np.sqrt(1 - cosine**2) * aside / np.linalg.norm(aside)
        find(library, item_id, vector("words", values), analyser="words")
        return item_id

    for number in range(40):
        lies(f"far {number}", rng.uniform(-0.15, 0.05), Kind.MUSIC)
    example = lies("example", 1.0, Kind.TEXT)
    spoken = [lies(f"spoken {number}", 0.16 - 0.002 * number, Kind.MUSIC) for number in range(6)]
    written = [lies(f"written {number}", 0.14 - 0.002 * number, Kind.TEXT) for number in range(11)]
    found = similar(library, example)
    assert [suggestion.item.id for suggestion in found] == [*spoken[:5], *written[:10]], (
        "not the example as one of five"
    )
    assert {*map(str, (code for each in found for code in codes(each)))} == {"reason.little_written"}
    assert all(0.22 <= reason.weight < 0.9 for suggestion in found for reason in suggestion.reasons)


def test_two_networks_for_words_are_heard_as_one_and_a_reason_names_the_one_that_finds_them_alike(
    library: Library, tmp_path: Path
) -> None:
    rng = np.random.default_rng(4)
    topics = np.eye(32)[:2]

    def lies(title: str, *cosines: float | None) -> int:
        item_id = add(library, title, Kind.TEXT)
        found = []
        for space, topic, cosine in zip(("text-large", "text-en-zh-small-1"), topics, cosines, strict=True):
            if cosine is not None:
                aside = rng.standard_normal(32) * (topic == 0)
                values = cosine * topic + np.sqrt(1 - cosine**2) * aside / np.linalg.norm(aside)
                found.append(vector(space, values))
        find(library, item_id, *found, analyser="words")
        return item_id

    for number in range(40):
        lies(f"far {number}", *rng.uniform(-0.3, 0.3, 2))
    example = lies("example", 1.0, 1.0)
    by_both, by_small, unread = lies("both", 0.6, 0.6), lies("small", 0.25, 0.9), lies("unread", None, 0.7)
    by_large = lies("large", 0.65, 0.25)
    found = similar(library, example)
    assert [suggestion.item.id for suggestion in found[:4]] == [unread, by_both, by_small, by_large]
    basis = {suggestion.item.id: suggestion.reasons[0].basis for suggestion in found}
    assert (basis[by_small], basis[by_large]) == ("text-en-zh-small-1", "text-large")
    with closing(sqlite3.connect(tmp_path / "l.sqlite")) as connection:
        assert Checker(connection).wrong(found, like_item(example).plus, 1) == []


def test_of_a_few_photos_none_is_said_to_look_alike_for_being_the_least_unlike(library: Library) -> None:
    said = set[str]()
    for seed in range(6):
        draw = np.random.default_rng(seed)
        ids = [add(library, f"photo {seed} {number}", Kind.PHOTO) for number in range(5)]
        # As networks put them: in few of many directions.
        for item_id in ids:
            find(library, item_id, vector(f"looks {seed}", np.pad(draw.standard_normal(8) + 0.6, (0, 248))))
        said.update(code for item_id in ids for found in similar(library, item_id) for code in codes(found))
    assert said == {"reason.little_seen"}


def test_nothing_in_common_means_no_suggestion(library: Library) -> None:
    ids = crowd(library)
    lonely = add(library, "lonely.mp4")
    assert similar(library, lonely) == ()
    assert all(len(suggestion.reasons) >= 1 for item_id in ids[:10] for suggestion in similar(library, item_id))


def test_a_shared_label_weighs_by_its_rarity_and_is_named_in_both_languages(library: Library) -> None:
    for number in range(30):
        find(library, add(library, f"b{number}"), label(BEACH), *([label(CAT)] if number % 4 == 0 else []))
    one, other = add(library, "one"), add(library, "other")
    for item_id in (one, other):
        find(library, item_id, label(DOG, TimeSpan(0, 500)), label(BEACH))
    suggestions = similar(library, one)
    assert [suggestion.item.id for suggestion in suggestions] == [other]
    (reason,) = suggestions[0].reasons
    assert "dog" in say("en", reason.says.code, **reason.says.parameters)
    assert "狗" in say("zh_CN", reason.says.code, **reason.says.parameters)
    assert {moment.concept.id for moment in reason.evidence if moment.concept} == {"dog"}
    assert {moment.concept.id for moment in reason.theirs if moment.concept} == {"dog"}
    # A refused tag is no likeness.
    library.decide_tag([other], DOG, TagState.REJECTED)
    assert other not in {suggestion.item.id for suggestion in similar(library, one)}


def test_a_label_that_is_hardly_sure_in_both_is_said_with_a_perhaps_and_not_beside_one_that_is(
    library: Library, tmp_path: Path
) -> None:
    for number in range(400):
        add(library, f"b{number}")
    one, unsure, sure = (add(library, title) for title in ("one", "unsure", "sure"))
    find(library, one, label(DOG, score=0.6), label(CAT, score=0.9))
    find(library, unsure, label(DOG, score=0.6))
    find(library, sure, label(DOG, score=0.5), label(CAT, score=0.8))
    found = {suggestion.item.id: suggestion for suggestion in similar(library, one)}
    assert codes(found[unsure]) == {"reason.perhaps_seen"}
    (reason,) = found[sure].reasons
    assert (reason.says.code, reason.says.parameters["names"]) == ("reason.both_seen", "cat")
    with closing(sqlite3.connect(tmp_path / "l.sqlite")) as connection:
        assert Checker(connection).wrong(tuple(found.values()), like_item(one).plus, 1) == []
    hardly = add(library, "hardly")
    find(library, hardly, label(DOG, score=0.1))
    assert hardly not in {suggestion.item.id for suggestion in similar(library, one)}


def test_the_rare_label_of_an_item_is_looked_for_beside_common_ones(library: Library) -> None:
    common = [Concept(f"c{number}", f"c{number}") for number in range(3)]
    for number in range(1800):
        item_id = add(library, f"b{number}")
        find(library, item_id, *([label(each, score=0.99) for each in common] if number < 800 else []))
    one, other = add(library, "one"), add(library, "other")
    for item_id in (one, other):
        find(library, item_id, label(DOG, score=0.8), *(label(each, score=0.99) for each in common))
    assert similar(library, one)[0].item.id == other


def test_music_meets_in_tempo_and_key(library: Library) -> None:
    def song(title: str, bpm: float, key: str) -> int:
        item_id = add(library, title, Kind.MUSIC)
        find(library, item_id, Trait("tempo_bpm", bpm), Trait("key", key), analyser="music")
        return item_id

    one = song("one", 120.0, "A minor")
    both, tempo, key = song("both", 121.0, "A minor"), song("tempo", 119.0, "C major"), song("key", 90.0, "A minor")
    neither = song("neither", 75.0, "E major")
    for number in range(20):
        song(f"other {number}", 60.0 + 2 * number + (20 if number > 19 else 0), "G major")
    found = {suggestion.item.id: suggestion for suggestion in similar(library, one)}
    assert codes(found[both]) == {"reason.same_tempo_and_key"}
    assert "A 小调" in say("zh_CN", "reason.same_key", **next(iter(found[key].reasons)).says.parameters)
    assert codes(found[tempo]) == {"reason.same_tempo"}
    assert codes(found[key]) == {"reason.same_key"}
    assert neither not in found
    assert max(found.values(), key=lambda suggestion: suggestion.score).item.id == both


def test_day_place_artist_and_album(library: Library) -> None:
    def made(title: str, day: str, source: DateSource, place: Place | None = None, tags: FileTags | None = None) -> int:
        facts = Facts(captured=Captured(f"{day}T12:00:00", None, source), place=place, tags=tags or FileTags())
        return add(library, title, Kind.PHOTO, facts)

    for number in range(20):
        made(f"other {number}", f"2020-01-{number + 1:02}", DateSource.EXIF)
    tags = FileTags(artist="The Tide", album="High")
    one = made("one", "2024-05-17", DateSource.EXIF, Place(46.69, 7.73), tags)
    near = made("near", "2024-05-17", DateSource.EXIF, Place(46.6905, 7.7305))
    far = made("far", "2024-05-17", DateSource.EXIF, Place(47.5, 7.73))
    weak = made("weak", "2024-05-17", DateSource.FILE)
    album = made("album", "2024-05-17", DateSource.NAME, None, FileTags(artist="the tide", album="high"))
    found = {suggestion.item.id: codes(suggestion) for suggestion in similar(library, one)}
    assert found[near] == {"reason.same_day", "reason.same_place"}
    assert found[far] == {"reason.same_day"}
    assert found[album] == {"reason.same_day", "reason.same_artist", "reason.same_album"}
    assert weak not in found


def test_a_place_or_an_artist_of_half_the_library_says_nothing_and_a_rare_one_does(library: Library) -> None:
    def made(title: str, place: Place, artist: str) -> int:
        return add(library, title, Kind.PHOTO, Facts(place=place, tags=FileTags(artist=artist)))

    home, away = Place(46.69, 7.73), Place(10.0, 20.0)
    at_home = [made(f"home {number}", home, "Me") for number in range(30)]
    others = [made(f"out {number}", Place(-20.0 + number, 5.0), f"Artist {number}") for number in range(8)]
    assert similar(library, at_home[0]) == ()
    one, other = made("one", away, "Me"), made("other", away, "The Tide")
    third = made("third", Place(60.0, 20.0), "The Tide")
    found = {suggestion.item.id: codes(suggestion) for suggestion in similar(library, other)}
    assert found == {one: {"reason.same_place"}, third: {"reason.same_artist"}}
    assert not {*others} & found.keys()


def test_the_same_picture_in_another_size_is_known_and_another_is_not(library: Library) -> None:
    rng = np.random.default_rng(4)
    signs = np.where(rng.random(64) < 0.5, -1.0, 1.0)

    def picture(title: str, *flipped: int, kind: Kind = Kind.PHOTO) -> int:
        item_id = add(library, title, kind)
        changed = signs.copy()
        changed[list(flipped)] *= -1
        find(library, item_id, vector("perceptual-hash", changed / 8), analyser="pictures")
        return item_id

    one, copy, still = picture("a"), picture("b", 1, 2, 3), picture("c", 4, kind=Kind.VIDEO)
    other = picture("d", *range(20))
    for number in range(20):
        picture(f"e{number}", *rng.choice(64, 32, replace=False))
    found = {suggestion.item.id: codes(suggestion) for suggestion in similar(library, one)}
    assert found == {copy: {"reason.same_content"}, still: {"reason.same_content"}}
    assert other not in found


def test_what_a_person_says_of_both_is_not_said_to_be_seen_in_them(library: Library) -> None:
    one, other = (add(library, title, Kind.PHOTO) for title in ("one", "other"))
    for number in range(20):
        add(library, f"photo {number}", Kind.PHOTO)
    mine = Concept("own:favourites", "favourites")
    library.decide_tag([one, other], mine, TagState.ACCEPTED)
    (suggestion,) = similar(library, one)
    assert suggestion.item.id == other
    assert codes(suggestion) == {"reason.shared_labels"}


def test_the_same_recording_is_known_unless_a_person_says_otherwise(library: Library, tmp_path: Path) -> None:
    one, other, third = (add(library, title, Kind.MUSIC) for title in ("one", "other", "third"))
    for number in range(8):
        add(library, f"song {number}", Kind.MUSIC)
    with closing(sqlite3.connect(tmp_path / "l.sqlite")) as connection:
        connection.executemany(
            "INSERT INTO likely_pairs (first_id, second_id, sureness, agreement) VALUES (?, ?, 0.9, '{}')",
            [(one, other), (one, third)],
        )
        connection.execute("INSERT INTO pair_words VALUES (?, ?, 'different')", (one, third))
        connection.commit()
        for asked, found in ((one, other), (other, one)):
            suggestions = similar(library, asked)
            assert [(suggestion.item.id, codes(suggestion)) for suggestion in suggestions] == [
                (found, {"reason.same_recording"})
            ]
            assert Checker(connection).wrong(suggestions, like_item(asked).all, 1) == []
    assert similar(library, third) == ()


def test_a_file_outside_is_compared_by_what_was_just_found_in_it(library: Library) -> None:
    ids = crowd(library)
    values = library.finding.vectors.of_item("looks", ids[7])[0][1]
    outside = portrait_from(
        Kind.PHOTO,
        Facts(),
        [vector("looks", values), label(DOG), Trait("key", "A minor"), Moment(TimeSpan(0, 1), Sense.SEEN, Layer.SHOT)],
    )
    assert outside.labels == {"dog": 0.9}
    first = similar(library, outside)[0]
    assert first.item.id == ids[7]
    assert first.reasons[0].evidence[0].item_id == 0
    assert similar(library, Portrait(Kind.PHOTO, Facts())) == ()


def test_an_unknown_item_is_said(library: Library) -> None:
    with pytest.raises(UserFixable) as fault:
        similar(library, 99)
    for language in LANGUAGES:
        assert "99" in say(language, f"error.{fault.value.code}", **fault.value.parameters)


# Right answers, with the real networks


@pytest.mark.parametrize(("built_in_only", "least"), [(False, 24), (True, 22)])
def test_the_nearest_text_is_of_the_same_topic_across_languages(
    library: Library, material: Path, *, built_in_only: bool, least: int
) -> None:
    rows = index_of(material, "text")
    models = open_models() if built_in_only else open_models(material / "models")
    topics: dict[int, str] = {}
    for number, row in enumerate(rows):
        text = (material / row["file"]).read_text("utf-8")
        item_id = add(library, f"t{number}", Kind.TEXT)
        networks = [network for network in models.texts() if built_in_only or network.space == "text-wordnet-en-zh"]
        assert len(networks) == 1
        found = [vector(n.space, n.embed([text], "passage")[0], TextSpan(1, 0, len(text))) for n in networks]
        find(library, item_id, passage(text), *found, analyser="words")
        topics[item_id] = row["label"]
    right = 0
    for item_id, topic in topics.items():
        suggestions = similar(library, item_id)
        right += bool(suggestions) and topics[suggestions[0].item.id] == topic
        assert all(
            codes(suggestion) <= {"reason.alike_written", "reason.little_written", "reason.shared_words"}
            for suggestion in suggestions
        )
    assert right >= least


def test_in_a_library_of_a_few_files_the_two_about_one_thing_find_each_other(library: Library) -> None:
    """What a first import looks like: built-in networks, four texts, two of them about the same in two languages."""
    network = open_models().texts()[0]
    texts = {
        "lighthouse": "The lighthouse warns ships of the rocks. Its lamp turns all night above the sea.",
        "灯塔": "灯塔在海边的岩石上，夜里为船只照亮航路。",
        "bread": "Mix flour, water and yeast, let the dough rise, and bake the bread in a hot oven.",
        "chess": "A rook, a bishop and two pawns were left on the board when the champion offered a draw.",
    }
    ids = {}
    for title, text in texts.items():
        ids[title] = add(library, title, Kind.TEXT)
        values = network.embed([text], "passage")[0]
        find(library, ids[title], vector(network.space, values, TextSpan(1, 0, len(text))), analyser="words")
    assert [suggestion.item.title for suggestion in similar(library, ids["lighthouse"])] == ["灯塔"]
    assert [suggestion.item.title for suggestion in similar(library, ids["灯塔"])] == ["lighthouse"]


def test_photos_alike_are_as_good_as_the_bare_embedding(library: Library, material: Path) -> None:
    """R-precision with k = min(5, class size - 1)."""
    rows = index_of(material, "photo")
    models = open_models(material / "models")
    seen = look(models, [material / row["file"] for row in rows])
    ids = []
    for number, values in enumerate(seen):
        ids.append(add(library, f"p{number}", Kind.PHOTO))
        find(library, ids[-1], vector(models.image_text().space, values))
    groups = [row["label"] for row in rows]
    bare, ours = [], []
    for place, item_id in enumerate(ids):
        k = min(5, groups.count(groups[place]) - 1)
        if k < 1:
            continue
        cosines = seen @ seen[place]
        cosines[place] = -2
        bare.append(np.mean([groups[i] == groups[place] for i in np.argsort(-cosines)[:k]]))
        found = [groups[ids.index(suggestion.item.id)] == groups[place] for suggestion in similar(library, item_id)[:k]]
        ours.append(sum(found) / k)
    assert np.mean(ours) >= np.mean(bare) - 0.01
    assert np.mean(ours) > 0.7
