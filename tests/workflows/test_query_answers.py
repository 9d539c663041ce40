"""Right answers of the whole language: operators, brackets, fields as sets, moments in their order, examples."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from media_assistant.items.concept import Concept, OwnWords
from media_assistant.items.folding import fold
from media_assistant.items.item import Captured, DateSource, Facts, FileTags, Place
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.items.query_tree import OnAlbum
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.library import filter_store, place_store
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.library.line_items import LineItems
from media_assistant.workflows.likeness.portraits import Portrait, portrait_from
from media_assistant.workflows.search.liking import OutsideExamples
from media_assistant.workflows.search.searching import search
from tests.workflows.finding import BEACH, CAT, DOG, TERRIER, add, find, label, line, passage, vector


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "l.sqlite")
    yield opened
    opened.close()


def named(library: Library, query: str, **how: object) -> list[str]:
    return [hit.item.title for hit in search(library, None, query, **how).hits]  # type: ignore[arg-type]


@pytest.fixture
def filled(library: Library) -> Library:
    dogs = add(library, "dogs", facts=Facts(duration_ms=60_000))
    find(library, dogs, label(DOG, TimeSpan(0, 4000)))
    both = add(library, "both", facts=Facts(duration_ms=600_000))
    find(library, both, label(TERRIER, TimeSpan(0, 4000)), label(CAT, TimeSpan(9000, 12_000)))
    cats = add(library, "cats", Kind.PHOTO, Facts(captured=Captured("2024-05-17T10:00:00", None, DateSource.EXIF)))
    find(library, cats, label(CAT))
    shore = add(library, "shore", Kind.PHOTO, Facts(place=Place(1.0, 2.0)))
    find(library, shore, label(BEACH), label(DOG, score=0.8))
    song = add(library, "song", Kind.MUSIC, Facts(tags=FileTags(artist="Beyoncé Knowles", album="Blue Sea")))
    find(library, song, line("my dog is a good dog", TimeSpan(1000, 3000)), analyser="speech")
    star = add(library, "star", Kind.MUSIC, Facts(tags=FileTags(artist="周杰伦", album="Sea")))
    find(library, star, line("海浪", TimeSpan(0, 900), Sense.HEARD), analyser="sounds")
    return library


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cat OR beach", {"both", "cats", "shore"}),
        ("猫 或 海滩", {"both", "cats", "shore"}),
        ("tag:dog AND tag:cat", {"both"}),
        ("(cat OR beach) dog", {"both", "shore"}),
        ("dog (cat OR beach) kind:video", {"both"}),
        ("dog NOT cat", {"dogs", "shore", "song"}),
        ("NOT (dog OR cat)", {"star"}),
        ("-(dog cat)", {"dogs", "cats", "shore", "song", "star"}),
        ("NOT NOT cat", {"both", "cats"}),
        ("kind:photo OR kind:music", {"cats", "shore", "song", "star"}),
        ("kind:photo OR said:dog", {"cats", "shore", "song"}),
        ("kind:music OR cat", {"song", "star", "both", "cats"}),
        ("(kind:photo OR kind:video) -seen:dog", {"cats"}),
        ("(kind:photo cat) OR (kind:video dog)", {"cats", "dogs", "both"}),
        ("seen:(dog beach)", {"shore"}),
        ("seen:(cat OR beach)", {"both", "cats", "shore"}),
        ("said:(good dog)", {"song"}),
        ("看：海滩的狗", {"shore"}),
        ("看：狗的海滩 -狗", set()),
        ("-海滩的狗", {"dogs", "both", "cats", "song", "star"}),
        ("NOT 海浪的狗", {"dogs", "both", "cats", "shore", "song", "star"}),
        ("tag:(cat OR beach) -kind:video", {"cats", "shore"}),
        ('"good dog" OR tag:beach', {"song", "shore"}),
        ("artist:knowles", {"song"}),
        ("by:beyonce", {"song"}),
        ("artist:know", set()),
        ("歌手：周杰伦", {"star"}),
        ("artist:周杰", {"star"}),
        ("album:sea", {"song", "star"}),
        ('album:"blue sea"', {"song"}),
        ("has:place", {"shore"}),
        ("has:date", {"cats"}),
        ("missing:date kind:photo", {"shore"}),
        ("has:transcript", {"song"}),
        ("has:tag", {"dogs", "both", "cats", "shore"}),
        ("has:artist -has:transcript", {"star"}),
        ("has:chapters", set()),
        ("has:copies", set()),
        ("is:missing", set()),
        ("-is:missing kind:music", {"song", "star"}),
        ("is:failed OR is:offline", set()),
        ("rated:none kind:photo", {"cats", "shore"}),
        ("xyzzy OR blorf", set()),
        ("xyzzy OR cat", {"both", "cats"}),
        ("cat OR", {"both", "cats"}),
        ("()", set()),
    ],
)
def test_the_tree_finds_exactly_what_it_says(filled: Library, query: str, expected: set[str]) -> None:
    assert set(named(filled, query, is_half_typed=False)) == expected


def test_of_a_choice_the_surer_branch_counts_and_together_is_covered_as_words_are(filled: Library) -> None:
    def scores(query: str) -> dict[str, float]:
        hits = search(filled, None, query, is_half_typed=False, shows_all=True).hits
        return {hit.item.title: hit.score for hit in hits}

    cat, beach, either = scores("cat"), scores("beach"), scores("cat OR beach")
    assert either == {title: max(cat.get(title, 0), beach.get(title, 0)) for title in cat | beach}
    assert scores("dog AND cat") == scores("dog cat")
    half = scores("dog (cat OR beach)")
    assert half["both"] > 3 * half["cats"] > 0
    answer = search(filled, None, "dog (cat OR beach)", is_half_typed=False)
    assert answer.more_below_cut == len(half) - len(answer.hits) > 0


def test_saved_searches_have_the_whole_language(filled: Library) -> None:
    filled.create_collection("pets", "(cat OR beach) -kind:video")
    assert set(named(filled, "collection:pets")) == {"cats", "shore"}
    assert set(named(filled, "collection:pets OR said:dog")) == {"cats", "shore", "song"}
    assert set(named(filled, "-collection:pets dog")) == {"dogs", "both", "song"}


def test_a_saved_search_that_still_waits_for_the_networks_is_asked_again(library: Library) -> None:
    axes = np.eye(64, dtype=np.float32)
    for number in range(40):
        find(library, add(library, f"other{number}"), vector("space", axes[number + 20]))
    find(library, add(library, "film"), vector("space", axes[0]))
    library.create_collection("evenings", "sunset")
    may_answer = threading.Event()

    def embed(texts: object) -> dict[str, np.ndarray]:
        assert may_answer.wait(30)
        return {"space": np.stack([axes[0] if text == "sunset" else axes[60] for text in texts])}  # type: ignore[attr-defined]

    early = search(library, embed, "collection:evenings kind:video", patience_s=0.05)
    assert early.hits == ()
    may_answer.set()
    assert early.is_early
    assert [hit.item.title for hit in search(library, embed, "collection:evenings kind:video").hits] == ["film"]


def test_a_saved_search_holds_the_same_however_what_names_it_is_asked(library: Library) -> None:
    find(library, add(library, "film"), line("the lighthouse"), analyser="speech")
    library.create_collection("towers", "lighthuose")
    assert named(library, "collection:towers") == named(library, "collection:towers", is_exact=True) == ["film"]


def test_a_saved_search_that_is_named_holds_all_that_it_finds(library: Library) -> None:
    shores = [add(library, f"shore{number}") for number in range(640)]
    for number, item in enumerate(shores):
        find(library, item, label(BEACH) if number < 620 else line("a walk by the sea"))
    find(library, add(library, "town"), line("a walk in the town"))
    library.create_collection("Beaches", "beach")
    library.create_collection("Walks", "sea OR beach")
    assert len(named(library, "collection:Beaches", limit=1000)) == 620
    assert len(named(library, "collection:Walks", limit=1000)) == 640
    assert named(library, "-collection:Walks", limit=1000) == ["town"]


@pytest.mark.parametrize(
    "query", ["dog THEN come", "(dog) THEN (come)", "dog THEN said:come", "狗 然后 come", 'tag:dog THEN "come here"']
)
def test_then_finds_where_one_really_begins_after_the_other(library: Library, query: str) -> None:
    right, wrong, apart = add(library, "right"), add(library, "wrong"), add(library, "apart")
    find(library, right, label(TERRIER, TimeSpan(5000, 9000)), label(TERRIER, TimeSpan(50_000, 51_000)))
    find(library, right, line("come here", TimeSpan(7000, 8000)), line("come", TimeSpan(1000, 2000)), analyser="speech")
    find(library, wrong, label(DOG, TimeSpan(5000, 9000)))
    find(library, wrong, line("come here", TimeSpan(1000, 2000)), analyser="speech")
    find(library, apart, label(DOG, TimeSpan(0, 1000)))
    (hit,) = search(library, None, query).hits
    assert hit.item.id == right
    assert [moment.span for moment in hit.moments] == [TimeSpan(5000, 9000), TimeSpan(7000, 8000)]


@pytest.mark.parametrize(
    ("within", "found"), [("within 5s", False), ("within 6s", True), ("within 1m", True), ("6秒内", True), ("", True)]
)
def test_within_counts_from_the_end_of_the_first_to_the_begin_of_the_second(
    library: Library, within: str, found: bool
) -> None:
    item = add(library, "film")
    find(
        library,
        item,
        label(DOG, TimeSpan(0, 4000)),
        label(DOG, TimeSpan(100, 500)),
        label(CAT, TimeSpan(10_000, 11_000)),
    )
    assert bool(named(library, f"dog THEN cat {within}")) is found
    assert bool(named(library, f"cat WHILE dog {within}")) is (found and bool(within))
    assert named(library, f"cat THEN dog {within}") == []


def test_a_chain_of_three_and_brackets(library: Library) -> None:
    item = add(library, "film")
    find(
        library,
        item,
        label(DOG, TimeSpan(0, 1000)),
        label(CAT, TimeSpan(5000, 6000)),
        label(BEACH, TimeSpan(3000, 9000)),
        label(BEACH, TimeSpan(20_000, 21_000)),
    )
    assert named(library, "dog THEN cat THEN beach")
    assert named(library, "dog THEN cat within 4s THEN beach within 14s")
    assert not named(library, "dog THEN cat within 4s THEN beach within 13s")
    assert named(library, "dog THEN (beach WHILE cat) within 4s")
    assert not named(library, "cat THEN dog")
    assert not named(library, "dog THEN cat within 3s OR cat THEN dog")
    assert named(library, "NOT (cat THEN dog)") == ["film"]
    assert not named(library, "-(dog THEN cat)")
    assert named(library, "kind:video (dog OR cat) THEN beach")
    assert not named(library, "kind:photo dog THEN beach")


def test_while_finds_what_shares_some_time_and_shows_both(library: Library) -> None:
    right, touching, photo, text = (
        add(library, "right"),
        add(library, "touching"),
        add(library, "p", Kind.PHOTO),
        add(library, "t", Kind.TEXT),
    )
    find(library, right, label(DOG, TimeSpan(0, 4000)), label(DOG, TimeSpan(8000, 9000)))
    find(library, right, line("waves", TimeSpan(3000, 5000), Sense.HEARD), analyser="sounds")
    find(library, touching, label(DOG, TimeSpan(0, 3000)))
    find(library, touching, line("waves", TimeSpan(3000, 5000), Sense.HEARD), analyser="sounds")
    find(library, photo, label(DOG), line("waves", sense=Sense.WRITTEN))
    find(library, text, passage("the dog in the waves"), analyser="words")
    hits = {hit.item.id: hit for hit in search(library, None, "dog WHILE waves").hits}
    assert set(hits) == {right, photo, text}
    assert [moment.span for moment in hits[right].moments] == [TimeSpan(0, 4000), TimeSpan(3000, 5000)]
    assert [moment.span for moment in hits[text].moments] == [TextSpan(1, 0, 20)]
    assert {hit.item.id for hit in search(library, None, "dog WHILE heard:waves").hits} == {right}
    assert {hit.item.id for hit in search(library, None, "狗 同时 heard:waves within 1s").hits} == {right, touching}


@pytest.mark.parametrize("senses", [(), (Sense.SAID,), (Sense.HEARD,)])
def test_moments_stand_where_they_stand_however_they_are_looked_up(
    filled: Library, monkeypatch: pytest.MonkeyPatch, senses: tuple[Sense, ...]
) -> None:
    store = filled.finding
    items = store.set_of(list(filled.item_ids())[1:])

    def stand() -> list[list[tuple[float, ...]]]:
        lines = [store.places_of_lines(items, word, senses, is_phrase=False) for word in ("dog", "海浪", "*")]
        labels = store.places(items, [DOG.id, CAT.id], senses)
        return [
            sorted(zip(each.ids, each.items, each.kinds, each.a, each.b, each.c, each.scores, strict=True))
            for each in (*lines, labels)
        ]

    usual = stand()
    assert bool(usual[0]) is (Sense.HEARD not in senses)
    assert bool(usual[1]) is (Sense.SAID not in senses)
    assert bool(usual[3]) is (not senses)
    monkeypatch.setattr(place_store, "_FEW", 0)
    monkeypatch.setattr(place_store, "_MANY", 1)
    monkeypatch.setattr(LineItems, "_up_to", lambda self, last: None)
    assert stand() == usual
    monkeypatch.setattr(place_store, "are_labels_plain", lambda connection, concepts: False)
    assert stand() == usual


def test_a_refused_tag_stands_nowhere_and_a_person_s_tag_has_no_time(library: Library) -> None:
    item = add(library, "film")
    find(library, item, label(DOG, TimeSpan(0, 1000)), label(CAT, TimeSpan(2000, 3000)))
    assert named(library, "dog THEN cat")
    library.decide_tag([item], CAT, TagState.REJECTED)
    assert not named(library, "dog THEN cat")
    library.decide_tag([item], BEACH, TagState.ACCEPTED)
    assert named(library, "dog beach")
    assert not named(library, "dog WHILE beach"), "nobody knows where in the film the beach is"


def test_what_is_meant_counts_as_a_moment_too(library: Library) -> None:
    axes = np.eye(64, dtype=np.float32)
    for number in range(40):
        find(library, add(library, f"other{number}"), vector("space", axes[number + 20], TimeSpan(0, 1000)))
    film = add(library, "film")
    find(library, film, label(DOG, TimeSpan(0, 1000)), vector("space", axes[0], TimeSpan(5000, 6000)))

    def embed(texts: object) -> dict[str, np.ndarray]:
        return {"space": np.stack([axes[0] if text == "sunset" else axes[60] for text in texts])}  # type: ignore[attr-defined]

    answer = search(library, embed, "dog THEN sunset within 4s")
    assert [hit.item.title for hit in answer.hits] == ["film"]
    assert [moment.span for moment in answer.hits[0].moments] == [TimeSpan(0, 1000), TimeSpan(5000, 6000)]
    assert not search(library, embed, "dog THEN sunset within 3s").hits


def test_like_an_item_by_id_title_and_path_narrows_and_says_why(filled: Library) -> None:
    ids = {item.title: item.id for item in filled.items(filled.item_ids())}
    found = named(filled, f"like:{ids['cats']}")
    assert found == ["both"]
    assert named(filled, "like:CATS") == found
    assert named(filled, "like:/m/cats") == found
    assert named(filled, "like:cats kind:photo") == []
    assert set(named(filled, "-like:cats kind:video")) == {"dogs"}
    (hit,) = search(filled, None, "like:cats").hits
    assert [moment.span for moment in hit.moments] == [TimeSpan(9000, 12_000)]
    answer = search(filled, None, "like:nothing dog")
    assert answer.hits == ()
    assert [hint.code for hint in answer.hints] == ["query.no_such_example"]


@pytest.mark.parametrize(
    ("file", "wanted"), [("Coast trip.MP4", "Coast trip.mp4"), ("IMG_2024-海滩.jpg", "img_2024-海滩.jpg")]
)
def test_like_an_item_by_the_name_of_its_file(filled: Library, file: str, wanted: str) -> None:
    stem, _, ending = file.rpartition(".")
    (item,), _ = filled.add_items([NewItem(Kind.PHOTO, f"/m/{file}", stem, 10, 1, "a-trip", Facts())])
    find(filled, item, label(BEACH))
    found = set(named(filled, f'like:"{wanted}"'))
    assert found == set(named(filled, f'like:"{stem}"')) == {"shore"}
    assert not named(filled, f'like:"2 {wanted}"')
    assert not named(filled, f'like:"{stem} {ending}"')
    filled.move_location(item, f"/m/{file}", f"/n/Winter.{ending}", 10, 1)
    filled.mark_missing([f"/n/Winter.{ending}"])
    assert set(named(filled, f"like:winter.{ending}")) == found
    assert not named(filled, f'like:"{wanted}"'), "so it is not called any more"


def test_like_looks_among_what_the_filters_let_through(library: Library) -> None:
    draw = np.random.default_rng(3)
    axes = np.eye(64, dtype=np.float32)
    example = add(library, "example", Kind.PHOTO)
    find(library, example, vector("space", axes[0]))
    for number in range(210):
        near = axes[0] + 0.05 * draw.normal(size=64).astype(np.float32)
        find(library, add(library, f"photo{number}", Kind.PHOTO), vector("space", near))
    for number in range(20):
        far = [vector("space", draw.normal(size=64), TimeSpan(1000 * at, 1000 * at + 1000)) for at in range(30)]
        find(library, add(library, f"other{number}"), *far)
    for number in range(5):
        find(library, add(library, f"text{number}", Kind.TEXT), vector("space", axes[0] + 0.6 * axes[number + 1]))
    assert set(named(library, "like:example kind:text")) == {f"text{number}" for number in range(5)}
    assert set(named(library, "kind:text -(like:example kind:photo) like:example")) == {f"text{n}" for n in range(5)}


def test_like_a_number_means_what_is_called_so_before_the_item_of_that_number(filled: Library) -> None:
    ids = {item.title: item.id for item in filled.items(filled.item_ids())}
    assert named(filled, f"like:{ids['cats']}") == ["both"]
    year = add(filled, str(ids["cats"]), Kind.PHOTO)
    find(filled, year, label(BEACH))
    assert named(filled, f"like:{ids['cats']}") == ["shore"]


def test_like_a_file_outside_is_looked_at_once_while_the_answer_does_not_wait(filled: Library, tmp_path: Path) -> None:
    looked: list[Path] = []
    may_look = threading.Event()

    def look(path: Path) -> Portrait:
        looked.append(path)
        assert may_look.wait(30)
        return portrait_from(Kind.PHOTO, Facts(), [label(CAT)])

    file = tmp_path / "a cat.jpg"
    file.write_bytes(b"a picture")
    outside = OutsideExamples(look)
    query = f'like:"{file}" -kind:video'
    early = search(filled, None, query, patience_s=0.05, outside=outside)
    assert early.hits == ()
    assert early.is_early
    assert [hint.code for hint in early.hints] == ["query.example_is_read"]
    may_look.set()
    for _ in range(2):
        answer = search(filled, None, query, outside=outside)
        assert [hit.item.title for hit in answer.hits] == ["cats"]
        assert not answer.is_early
    assert looked == [file]
    file.unlink()
    gone = search(filled, None, query, outside=outside)
    assert [hint.code for hint in gone.hints] == ["query.no_such_example"]


def test_duplicates_are_what_was_found_alike_unless_the_person_says_otherwise(library: Library, tmp_path: Path) -> None:
    ids = [add(library, f"p{n}", Kind.PHOTO) for n in range(5)]
    with closing(sqlite3.connect(tmp_path / "l.sqlite")) as other, other:
        for first, second in ((0, 1), (1, 2), (3, 4)):
            other.execute("INSERT INTO likely_pairs VALUES (?, ?, 0.9, '{}')", (ids[first], ids[second]))
    assert set(named(library, "is:duplicate")) == {"p0", "p1", "p2", "p3", "p4"}
    library.part_items([ids[3], ids[4]])
    assert set(named(library, "is:duplicate")) == {"p0", "p1", "p2"}
    library.remove_items([ids[0]])
    assert set(named(library, "是：重复")) == {"p1", "p2"}
    assert set(named(library, "-is:duplicate")) == {"p3", "p4"}


@pytest.mark.parametrize("query", ["tag:dog", '"dog"', "seen:dog", "-tag:cat", "dog THEN cat", "dog WHILE beach"])
def test_removed_items_are_neither_counted_nor_in_anybody_s_place(library: Library, query: str) -> None:
    films = [add(library, f"film{number}") for number in range(8)]
    for film in films:
        dog, beach = label(DOG, TimeSpan(0, 1000)), label(BEACH, TimeSpan(0, 500))
        find(library, film, dog, beach, label(CAT, TimeSpan(2000, 3000)))
    library.decide_tag(films, DOG, TagState.ACCEPTED)
    library.decide_tag(films, CAT, TagState.REJECTED if query == "-tag:cat" else TagState.ACCEPTED)
    # Those that came last are shown first.
    library.remove_items(films[3:])
    answer = search(library, None, query, 2)
    assert len(answer.hits) == 2
    assert answer.more_below_cut == 1


def test_what_was_removed_or_refused_is_not_among_the_surest(library: Library) -> None:
    """A word hears so many labels; those that nobody may see are not among them."""
    films = [add(library, f"film{number}") for number in range(9)]
    for number, film in enumerate(films):
        find(library, film, label(DOG, score=0.9 - number / 20))
    library.decide_tag(films[:3], DOG, TagState.ACCEPTED)
    library.remove_items(films[:3])
    library.decide_tag(films[3:6], DOG, TagState.REJECTED)
    names = library.finding.names((DOG,))
    for senses in ((), (Sense.SEEN,)):
        found = library.finding.labelled(names.named("dog"), senses, limit=2)
        assert [item_id for item_id, _, _ in found] == films[6:8]


def test_the_time_of_a_file_alone_is_no_date(library: Library) -> None:
    for source in (DateSource.FILE, DateSource.NAME, DateSource.EXIF):
        add(library, source.value, Kind.PHOTO, Facts(captured=Captured("2024-05-17T10:00:00", None, source)))
    assert set(named(library, "has:date")) == {"name", "exif"}
    assert set(named(library, "missing:date")) == {"file"}
    assert len(named(library, "until:2024")) == len(named(library, "after:2024-04")) == 3
    assert not named(library, "after:2024-05")


def test_a_tag_that_there_is_not_is_said_with_the_nearest_one(library: Library) -> None:
    find(library, add(library, "dogs"), label(Concept("golden", "golden retriever", "金毛犬")))
    assert named(library, "tag:(golden retriever)") == ["dogs"]
    (hint,) = search(library, None, "tag:(golden retreiver)").hints
    assert (hint.code, hint.parameters["name"]) == ("query.perhaps_tag", "golden retriever")
    assert [each.code for each in search(library, None, "tag:xyzzy OR -tag:dog").hints] == ["query.no_tag"]


def test_stars_are_a_filter(library: Library) -> None:
    ids = [add(library, f"p{n}", Kind.PHOTO) for n in range(4)]
    library.rate(ids[:1], 5)
    library.rate(ids[1:2], 2)
    library.rate(ids[2:3], 0)
    assert set(named(library, "rated:>=2")) == {"p0", "p1"}
    assert set(named(library, "rated:<3")) == {"p1"}
    assert set(named(library, "rated:none")) == {"p2", "p3"}
    assert set(named(library, "评分：★★ OR rated:5")) == {"p0", "p1"}
    assert set(named(library, "missing:rating")) == {"p3"}


def test_an_unknown_field_is_said_beside_what_was_found(filled: Library) -> None:
    answer = search(filled, None, "kinds:photo cat", is_half_typed=False)
    assert [hint.code for hint in answer.hints] == ["query.perhaps_field", "search.stands_nowhere"]


@pytest.mark.parametrize(
    "query",
    [
        "'; DROP TABLE items; -- OR (\" NEAR/3 *",
        "(" * 5000,
        'seen:() OR tag:"" AND',
        "artist:' OR 1=1 --",
        'album:"*" OR album:NEAR(a) OR artist:{seen}:x',
        "in:'; OR like:';--",
        "like:-1 OR like:99999999999999999999 OR like:\0",
        "longer:99999999999999999:59 OR dog WHILE cat within 99999999999999999:59",
        "rated:99999999999 longer:99999999999999999999h since:9999-12-31",
        "since:2024-02-30 OR 👩‍👩‍👧 WHILE \u200b",
        "dog THEN " * 40,
        "\ud800 OR artist:\ud800 OR in:\ud800 OR like:\ud800 OR tag:\ud800",
        "-" * 50 + "a",
        "NOT",
        "longer:٣ OR since:٢٠٢٤",
    ],
)
def test_bad_input_is_answered_and_harms_nothing(filled: Library, query: str) -> None:
    search(filled, None, query)
    assert len(filled.item_ids()) == 6


def test_what_is_heard_is_shown_where_it_is_heard_and_not_where_it_is_seen(library: Library) -> None:
    film = add(library, "film", facts=Facts(duration_ms=120_000))
    find(library, film, label(DOG, TimeSpan(5000, 6000), 0.95))
    find(library, film, label(DOG, TimeSpan(60_000, 61_000), 0.7, Sense.HEARD), analyser="sounds")

    def shown(query: str) -> list[TimeSpan]:
        return [moment.span for hit in search(library, None, query).hits for moment in hit.moments]

    assert shown("heard:dog") == [TimeSpan(60_000, 61_000)]
    assert shown("seen:dog") == [TimeSpan(5000, 6000)]
    assert set(shown("dog")) == set(shown("seen:dog OR heard:dog")) == {TimeSpan(5000, 6000), TimeSpan(60_000, 61_000)}
    assert shown("heard:dog OR cat") == [TimeSpan(60_000, 61_000)]
    library.change_tags("threshold_tag", {"dog": OwnWords(lowest_score=0.8)})
    assert shown("dog") == [TimeSpan(5000, 6000)], "what is too unsure to be the tag is not shown for it"


def test_a_guess_too_weak_for_a_tag_is_neither_found_nor_refused_nor_at_any_time(library: Library) -> None:
    weak, sure = add(library, "weak"), add(library, "sure")
    for item, score in ((weak, 0.03), (sure, 0.4)):
        find(library, item, label(CAT, TimeSpan(0, 500)), label(DOG, TimeSpan(900, 2000), score, Sense.HEARD))
    for query in ("dog", "heard:dog", "tag:dog", "cat THEN dog", "cat THEN heard:dog"):
        assert named(library, query, is_half_typed=False, shows_all=True) == ["sure"], query
    for query in ("-dog", "-heard:dog", "-tag:dog", "-(cat THEN dog)"):
        assert named(library, query) == ["weak"], query


def test_words_that_no_space_parts_are_also_found_in_a_row(library: Library) -> None:
    apart = add(library, "apart")
    find(library, apart, label(DOG, TimeSpan(0, 1000)), label(BEACH, TimeSpan(5000, 6000)))
    sung = add(library, "sung", Kind.MUSIC)
    find(library, sung, line("海滩的狗", TimeSpan(1000, 2000)), analyser="speech")
    add(library, "neither")
    assert set(named(library, "看：海滩的狗")) == {"apart"}
    assert set(named(library, "说：海滩的狗")) == {"sung"}
    assert set(named(library, "-海滩的狗")) == {"neither"}
    (hit,) = search(library, None, "看：海滩的狗").hits
    assert {moment.concept for moment in hit.moments} == {DOG, BEACH}


def test_names_of_signs_alone_are_found(library: Library) -> None:
    divided = add(library, "🎂", Kind.MUSIC, Facts(tags=FileTags(artist="Ed Sheeran", album="÷")))
    add(library, "🎂 cake", Kind.MUSIC, Facts(tags=FileTags(artist="!!!", album="× ")))
    assert named(library, "album:÷") == ["🎂"]
    assert named(library, 'artist:"!!!"') == ["🎂 cake"] == named(library, "album:×")
    assert not named(library, 'artist:"!"')
    assert library.finding.titled("🎂", 4) == [divided]
    assert [title for title, _ in library.finding.titles_begun("🎂")] == ["🎂 cake", "🎂"]
    assert not any(library.finding.titles_begun(begun) for begun in ("\ud800", "🎃"))
    assert not library.finding.titled("  ", 4)
    assert not [hint.code for hint in search(library, None, 'like:"🎂"').hints if hint.code == "query.no_such_example"]


def test_signs_that_are_typed_do_not_have_the_whole_library_read_in_python(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(30):
        add(library, f"clip {at}", Kind.MUSIC, Facts(tags=FileTags(album="An album of many")))
    divided = add(library, "(", Kind.MUSIC, Facts(tags=FileTags(album="÷")))
    folded: list[str] = []

    def counted(text: str) -> str:
        folded.append(text)
        return fold(text)

    monkeypatch.setattr(filter_store, "fold", counted)
    assert library.finding.titled("(", 4) == [divided]
    assert library.finding.fitting(OnAlbum("÷")) == {divided}
    assert len(folded) < 10
