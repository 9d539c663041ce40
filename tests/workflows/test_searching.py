import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media_assistant.errors import UserFixable
from media_assistant.items.concept import Concept
from media_assistant.items.item import Captured, DateSource, Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.library.library import Library
from media_assistant.library.vectors import vector_store, vector_table
from media_assistant.workflows.search.searching import search
from tests.workflows.finding import (
    ANIMAL,
    BEACH,
    CAT,
    DOG,
    TERRIER,
    Embed,
    add,
    find,
    index_of,
    label,
    line,
    look,
    open_models,
    vector,
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "l.sqlite")
    yield opened
    opened.close()


def titles(library: Library, query: str, **how: object) -> list[str]:
    return [hit.item.title for hit in search(library, None, query, **how).hits]  # type: ignore[arg-type]


@pytest.fixture
def filled(library: Library) -> Library:
    walk = add(library, "walk.mp4", facts=Facts(duration_ms=60_000))
    find(library, walk, label(TERRIER, TimeSpan(0, 4000)), label(BEACH, TimeSpan(2000, 9000), 0.8))
    find(library, walk, line("come here, good boy", TimeSpan(1000, 3000)), analyser="speech")
    home = add(library, "home.mp4", facts=Facts(duration_ms=600_000))
    find(library, home, label(DOG, TimeSpan(5000, 8000), 0.7), label(ANIMAL, TimeSpan(5000, 8000), 0.8))
    kitten = add(
        library,
        "IMG_kitten_2024.jpg",
        Kind.PHOTO,
        Facts(captured=Captured("2024-05-17T10:00:00", None, DateSource.EXIF)),
    )
    find(library, kitten, label(CAT))
    talk = add(library, "talk.mp3", Kind.MUSIC, folder="/m/Trip to the sea")
    find(
        library,
        talk,
        line("我在海边看到一只小狗", TimeSpan(7000, 9000)),
        line("The tide is high", TimeSpan(9000, 12_000)),
        analyser="speech",
    )
    sign = add(library, "sign.jpg", Kind.PHOTO)
    find(library, sign, line("DOG BEACH", sense=Sense.WRITTEN), analyser="writing")
    return library


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("terrier", {"walk.mp4"}),
        ("梗犬", {"walk.mp4"}),
        ("dog", {"walk.mp4", "home.mp4", "sign.jpg"}),
        ("dogs", {"walk.mp4", "home.mp4", "sign.jpg"}),
        ("hound", {"walk.mp4", "home.mp4"}),
        ("狗", {"walk.mp4", "home.mp4", "talk.mp3"}),
        ("animal", {"walk.mp4", "home.mp4", "IMG_kitten_2024.jpg"}),
        ("動物", {"walk.mp4", "home.mp4", "IMG_kitten_2024.jpg"}),
        ("小狗", {"walk.mp4", "home.mp4", "talk.mp3"}),
        ("一隻", {"talk.mp3"}),
        ("tides", {"talk.mp3"}),
        ("kitten", {"IMG_kitten_2024.jpg"}),
        ("2024", {"IMG_kitten_2024.jpg"}),
        ('"good boy"', {"walk.mp4"}),
        ('"boy good"', set()),
        ("heard:dog", set()),
        ("seen:dog", {"walk.mp4", "home.mp4"}),
        ("written:dog", {"sign.jpg"}),
        ("说：小狗", {"talk.mp3"}),
        ("dog -beach", {"home.mp4"}),
        ("-kind:video dog", {"sign.jpg"}),
        ("tag:animal", {"walk.mp4", "home.mp4", "IMG_kitten_2024.jpg"}),
        ("标签：猫", {"IMG_kitten_2024.jpg"}),
        ("kind:photo", {"IMG_kitten_2024.jpg", "sign.jpg"}),
        ("类型：音频", {"talk.mp3"}),
        ("since:2024-05-17 before:2024-05-18", {"IMG_kitten_2024.jpg"}),
        ("longer:5m", {"home.mp4"}),
        ("shorter:5m kind:video", {"walk.mp4"}),
        ('in:"trip to the sea"', {"talk.mp3"}),
        ("in:trip", set()),
        ("dog kind:video longer:5m", {"home.mp4"}),
        ("xyzzy blorf", set()),
        ("", set()),
        ("!!!", set()),
    ],
)
def test_a_query_finds_exactly_what_fits(filled: Library, query: str, expected: set[str]) -> None:
    assert set(titles(filled, query)) == expected


def test_collections_and_saved_searches_are_asked_by_name(filled: Library) -> None:
    titles = {item.title: item.id for item in filled.items(filled.item_ids())}
    walk, home, sign = titles["walk.mp4"], titles["home.mp4"], titles["sign.jpg"]
    filled.create_collection("By the sea 海边", item_ids=[sign, walk, titles["talk.mp3"]])
    filled.create_collection("dogs", "dog")
    filled.create_collection("photos", "kind:photo")
    filled.create_collection("round", "collection:about dog")
    filled.create_collection("about", "collection:round")

    def found(query: str) -> list[str]:
        return [hit.item.title for hit in search(filled, None, query).hits]

    assert found('collection:"by the SEA 海边"') == ["sign.jpg", "walk.mp4", "talk.mp3"], "in its own order"
    assert found("合集：“By the sea 海边” kind:video") == ["walk.mp4"]
    assert set(found('dog collection:"By the sea 海边"')) == {"walk.mp4", "sign.jpg"}
    assert set(found('-collection:"By the sea 海边" kind:video')) == {"home.mp4"}
    assert set(found("collection:dogs")) == {"walk.mp4", "home.mp4", "sign.jpg"}
    assert set(found("collection:dogs -collection:photos")) == {"walk.mp4", "home.mp4"}
    assert found("collection:about") == found("collection:round") == [], "in a circle there is nothing"
    filled.remove_items([walk])
    assert found('collection:"By the sea 海边"') == ["sign.jpg", "talk.mp3"]
    (hint,) = search(filled, None, "collection:none").hints
    assert (hint.code, hint.parameters["value"]) == ("query.no_collection", "none")
    assert home in filled.item_ids()


def test_what_has_all_of_it_comes_first_and_half_an_answer_is_below_the_cut(filled: Library) -> None:
    answer = search(filled, None, "dog on the beach")
    assert {hit.item.title for hit in answer.hits} == {"walk.mp4", "sign.jpg"}
    assert answer.more_below_cut >= 1
    # Where nothing has all of it, half of it is better than nothing.
    assert titles(filled, "cat beach")


def test_moments_are_the_places_and_overlapping_ones_are_joined(filled: Library) -> None:
    (hit,) = search(filled, None, "terrier").hits
    assert [(moment.span, moment.sense, moment.layer) for moment in hit.moments] == [
        (TimeSpan(0, 4000), Sense.SEEN, Layer.LABEL)
    ]
    (talk,) = search(filled, None, "tide").hits
    assert talk.moments[0].span == TimeSpan(9000, 12_000)
    walk = next(hit for hit in search(filled, None, "dog beach").hits if hit.item.title == "walk.mp4")
    # The beach begins while the terrier is still there: one place, surer than the terrier alone.
    assert walk.moments[0].span == TimeSpan(0, 4000)


@pytest.mark.parametrize("length", range(3, 8))
def test_it_answers_while_the_word_is_typed(filled: Library, length: int) -> None:
    assert "walk.mp4" in titles(filled, "terrier"[:length])
    assert titles(filled, "terrie", is_half_typed=False, is_exact=True) == []


@pytest.mark.parametrize(
    ("typed", "meant", "expected"),
    [
        ("terreir", "terrier", {"walk.mp4"}),
        ("kiten", "kitten", {"IMG_kitten_2024.jpg"}),
        ("bexach", "beach", {"walk.mp4", "sign.jpg"}),
        ("good bqoy", "good boy", {"walk.mp4"}),
        ("tied high", "tide high", {"talk.mp3"}),
        ("海贪", "海滩", {"walk.mp4"}),
        ("梗全", "梗犬", {"walk.mp4"}),
        ("在海扁看到", "在海边看到", {"talk.mp3"}),
        ("海摊 good boy", "海滩 good boy", {"walk.mp4"}),
        ("haitan", "海滩", {"walk.mp4"}),
        ("看到一之小狗", "看到一只小狗", {"talk.mp3"}),
    ],
)
def test_a_typo_still_finds_and_says_what_it_searched_for(
    filled: Library, typed: str, meant: str, expected: set[str]
) -> None:
    answer = search(filled, None, typed)
    assert answer.corrected == meant
    assert {hit.item.title for hit in answer.hits} == expected
    if meant:
        assert [(hint.code, hint.parameters["words"]) for hint in answer.hints] == [("search.searched_also", meant)]
        exactly = search(filled, None, typed, is_exact=True)
        assert not exactly.corrected
        assert not exactly.hints
        assert len(exactly.hits) < len(answer.hits) or exactly.hits[0].score < answer.hits[0].score


def test_a_word_that_finds_something_good_is_left_as_it_is(filled: Library) -> None:
    for query in ("terrier", "tide", "kitten", "dog", "home", "xyzzy", "catt", "狗狗"):
        answer = search(filled, None, query)
        assert not answer.corrected or query == "catt", query


def test_a_refused_tag_no_longer_answers_and_an_accepted_one_surely_does(filled: Library) -> None:
    home = search(filled, None, "home").hits[0].item.id
    before = next(hit.score for hit in search(filled, None, "dog").hits if hit.item.id == home)
    filled.decide_tag([home], DOG, TagState.ACCEPTED)
    assert next(hit.score for hit in search(filled, None, "dog").hits if hit.item.id == home) > before
    filled.decide_tag([home], DOG, TagState.REJECTED)
    assert home not in {hit.item.id for hit in search(filled, None, "dog").hits}
    assert home not in {hit.item.id for hit in search(filled, None, "tag:dog").hits}


def test_a_removed_item_is_gone_at_once(filled: Library) -> None:
    walk = search(filled, None, "terrier").hits[0].item.id
    filled.remove_items([walk])
    for query in ("terrier", "walk", '"good boy"', "kind:video", "seen:dog"):
        assert walk not in {hit.item.id for hit in search(filled, None, query).hits}


def test_a_fault_in_the_query_is_said_and_the_rest_is_answered(filled: Library) -> None:
    answer = search(filled, None, "terrier since:2024-02-30")
    assert [hit.item.title for hit in answer.hits] == ["walk.mp4"]
    assert [hint.code for hint in answer.hints] == ["query.no_such_date"]


@pytest.mark.parametrize(
    "query",
    [
        "'; DROP TABLE items; --",
        "a" * 10_000,
        "(((",
        '"',
        "-",
        "said:",
        ":",
        "NEAR/3",
        "😀",
        "\u200b",
        "*",
        "kind:kind:kind",
        "-" * 50,
        "％",
    ],
)
def test_odd_queries_are_answered(filled: Library, query: str) -> None:
    search(filled, None, query)
    assert len(filled.item_ids()) == 5


class Slow:
    """A meaning network that is still starting."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()

    def __call__(self, texts: list[str]) -> dict[str, np.ndarray]:
        assert self.may_answer.wait(30)
        return {"space": np.tile(np.eye(8, dtype=np.float32)[0], (len(texts), 1))}


def test_words_answer_at_once_while_meaning_is_starting(filled: Library) -> None:
    walk = search(filled, None, "terrier").hits[0].item.id
    find(filled, walk, vector("space", np.eye(8)[0]), analyser="other")
    slow = Slow()
    answer = search(filled, slow, "terrier", patience_s=0.05)
    assert [hit.item.title for hit in answer.hits] == ["walk.mp4"]
    assert [hint.code for hint in answer.hints] == ["search.meaning_starting"]
    slow.may_answer.set()
    assert search(filled, slow, "terrier").hints == ()


def test_a_meaning_network_that_fails_is_said_and_words_still_answer(filled: Library) -> None:
    walk = search(filled, None, "terrier").hits[0].item.id
    find(filled, walk, vector("space", np.eye(8)[0]), analyser="other")

    def broken(texts: object) -> dict[str, np.ndarray]:
        raise UserFixable("workflows.meaning_unavailable")

    answer = search(filled, broken, "terrier")
    assert [hit.item.title for hit in answer.hits] == ["walk.mp4"]
    assert [hint.code for hint in answer.hints] == ["error.workflows.meaning_unavailable"]


# Right answers, with the real networks


@pytest.fixture(scope="module")
def photos(
    material: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Library, Embed, dict[int, str], np.ndarray]]:
    """The photos under names that say nothing, seen by the image-text network alone."""
    rows = index_of(material, "photo")
    models = open_models(material / "models")
    seen = look(models, [material / row["file"] for row in rows])
    opened = Library.open(tmp_path_factory.mktemp("photos") / "l.sqlite")
    groups: dict[int, str] = {}
    for number, (row, values) in enumerate(zip(rows, seen, strict=True)):
        item_id = add(opened, f"p{number}", Kind.PHOTO)
        find(opened, item_id, vector(models.image_text().space, values))
        groups[item_id] = row["label"]
    yield opened, Embed(models, pictures=True), groups, seen
    opened.close()


@pytest.mark.parametrize("language", ["label", "label_zh"])
def test_each_group_of_photos_is_found_first_as_often_as_by_the_bare_network_less_one(
    photos: tuple[Library, Embed, dict[int, str], np.ndarray], material: Path, language: str
) -> None:
    library, embed, groups, seen = photos
    names = {row["label"]: row[language] for row in index_of(material, "photo") if row["label"] != "person face"}
    assert embed.pictures is not None
    order = list(groups)
    bare = ours = 0
    for group, name in names.items():
        query = embed.pictures.embed_texts([name])[0]
        bare += groups[order[int(np.argmax(seen @ query))]] == group
        hits = search(library, embed, name).hits
        ours += bool(hits) and groups[hits[0].item.id] == group
    assert bare >= 20
    assert ours >= bare - 1


def test_nonsense_and_what_is_not_there_find_next_to_nothing(
    photos: tuple[Library, Embed, dict[int, str], np.ndarray],
) -> None:
    library, embed, _, _ = photos
    queries = [
        "xyzzy",
        "quarterly tax return",
        "philosophy",
        "democracy",
        "税务",
        "手术",
        "mortgage",
        "grammar",
        "wedding",
        "婚礼",
        "kidney",
    ]
    shown = [len(search(library, embed, query).hits) for query in queries]
    assert sum(shown) <= 2, dict(zip(queries, shown, strict=True))


def test_a_group_is_mostly_found_and_mostly_nothing_else(
    photos: tuple[Library, Embed, dict[int, str], np.ndarray],
) -> None:
    library, embed, groups, _ = photos
    precision, recall = [], []
    for group in sorted(set(groups.values()) - {"person face"}):
        found = [groups[hit.item.id] == group for hit in search(library, embed, group).hits]
        precision.append(sum(found) / len(found) if found else 0.0)
        recall.append(sum(found) / sum(1 for name in groups.values() if name == group))
    assert np.mean(precision) > 0.65
    assert np.mean(recall) > 0.65


def test_meaning_and_words_meet_on_one_scale(tmp_path: Path, material: Path) -> None:
    """A label that a person gave, a line that says it, and a picture that looks like it stand together in front."""
    library = Library.open(tmp_path / "l.sqlite")
    models = open_models(material / "models")
    embed = Embed(models, pictures=True)
    assert embed.pictures is not None
    rows = index_of(material, "photo")
    for row, values in zip(rows, look(models, [material / row["file"] for row in rows]), strict=True):
        find(library, add(library, row["file"], Kind.PHOTO), vector(embed.pictures.space, values))
    said = add(library, "speech.mp3", Kind.MUSIC)
    find(library, said, line("the lighthouse stands on the cliff", TimeSpan(0, 2000)), analyser="speech")
    tagged = add(library, "tagged.jpg", Kind.PHOTO)
    library.decide_tag([tagged], Concept("lighthouse", "lighthouse", "灯塔"), TagState.ACCEPTED)
    hits = search(library, embed, "lighthouse").hits
    assert hits[0].item.id == tagged
    assert said in {hit.item.id for hit in hits[:3]}
    assert all(hit.score < 0.95 for hit in hits[1:])
    library.close()


def test_a_burst_of_photos_does_not_fill_the_page(library: Library) -> None:
    random = np.random.default_rng(3)
    query = np.eye(64)[0]
    burst = 0.8 * query + 0.6 * np.eye(64)[1]
    for at in range(40):
        turned = burst + 0.01 * random.standard_normal(64)
        find(library, add(library, f"burst{at}", Kind.PHOTO), label(DOG), vector("space", turned))
    others = []
    for at in range(6):
        values = 0.7 * query + random.standard_normal(64) / 11
        others.append(add(library, f"other{at}", Kind.PHOTO))
        find(library, others[-1], label(DOG, score=0.8), vector("space", values))
    hits = search(library, None, "dog").hits
    assert len(hits) == 46, "nothing is left out"
    first = [hit.item.id for hit in hits[:9]]
    assert set(others) <= set(first)
    assert [hit.score for hit in hits[:3]] == sorted((hit.score for hit in hits[:3]), reverse=True)


def test_a_label_that_means_it_answers_in_either_language_and_nonsense_does_not(library: Library) -> None:
    names = (
        "sneeze 打喷嚏",
        "rain 雨",
        "helicopter 直升机",
        "guitar 吉他",
        "bread 面包",
        "river 河",
        "horse 马",
        "clock 钟",
    )
    names += (
        "rooster 公鸡",
        "chainsaw 电锯",
        "piano 钢琴",
        "bridge 桥",
        "flower 花",
        "tennis 网球",
        "school 学校",
        "whale 鲸",
    )
    names += (
        "applause 掌声",
        "thunder 雷声",
        "train 火车",
        "laughter 笑声",
        "church 教堂",
        "coffee 咖啡",
        "snow 雪",
        "desert 沙漠",
    )
    embed = Embed(open_models(), built_in_only=True)
    for at, (en, zh) in enumerate(name.split() for name in names):
        item = add(library, f"n{at}", Kind.MUSIC)
        find(library, item, label(Concept(f"x{at}", en, zh), TimeSpan(0, 5000), sense=Sense.HEARD))
    text = add(library, "t", Kind.TEXT)
    ((space, (row,)),) = embed(["a meadow in spring"]).items()
    find(library, text, vector(space, row), analyser="words")
    for query in ("person sneeze", "sneezing", "打喷嚏的人"):
        hits = search(library, embed, query).hits
        assert hits and hits[0].item.title == "n0", query
        assert hits[0].moments[0].span == TimeSpan(0, 5000)
    for query in ("qvxz", "zzqpt wrvk", "饕餮魍魉", "mortgage"):
        assert not search(library, embed, query).hits, query


def test_words_answer_at_once_while_lost_vectors_are_read_again(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, item in enumerate(filled.item_ids()):
        find(filled, item, vector("space", np.eye(8)[number]), analyser="other")
    for number in range(8):
        find(filled, add(filled, f"terrier {number}"), label(DOG))
    may_read, read = threading.Event(), vector_table.newer

    def slowly(*asked: object) -> Iterator[vector_table.Newer]:
        assert may_read.wait(30)
        yield from read(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(vector_store, "_SOON_READ", 0)
    monkeypatch.setattr(vector_table, "newer", slowly)
    meaning = Slow()
    meaning.may_answer.set()
    answer = search(filled, meaning, "terrier", patience_s=0.05)
    assert len(answer.hits) > 8
    assert answer.is_early, "the window asks again"
    assert not filled.finding.vectors.is_ready("space")
    may_read.set()
    # Who has the patience hears all of it.
    assert not search(filled, meaning, "terrier").is_early
    assert filled.finding.vectors.is_ready("space")


@pytest.mark.parametrize("query", ["dog beach", "dog THEN beach", "seen:dog kind:video -cat", '"good boy" OR terrier'])
def test_nothing_of_an_answered_question_waits_for_rubbish_to_be_looked_for(filled: Library, query: str) -> None:
    search(filled, None, query)
    gc.collect()
    gc.disable()
    try:
        left = []
        for _ in range(3):  # what it leaves it leaves each time; what another thread left is no affair of its
            search(filled, None, query)
            left.append(gc.collect())
        assert min(left) == 0
    finally:
        gc.enable()
