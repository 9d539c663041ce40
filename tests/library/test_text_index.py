import sqlite3
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assistant.items.moment import Sense
from media_assistant.library import text_index

LINES = [
    (1, 10, Sense.SAID, "The lighthouse keeper was walking home"),
    (2, 10, Sense.SAID, "我看到一隻小狗在海邊"),
    (3, 20, Sense.WRITTEN, "ＯＰＥＮ　café 24"),
    (4, 30, Sense.SAID, "she had been running"),
    (5, 30, Sense.WRITTEN, "iPhone手机发布会"),
    (6, 30, Sense.SAID, "walls and walnuts"),
]


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    made = sqlite3.connect(tmp_path / "text.sqlite")
    text_index.create(made)
    text_index.index_moments(made, LINES)
    return made


def found(connection: sqlite3.Connection, text: str, **how: bool) -> set[int]:
    return {match.moment_id for match in text_index.match(connection, text_index.expression(text, **how))}


@pytest.mark.parametrize(
    ("text", "moments"),
    [
        ("walk", {1}),
        ("walking", {1}),
        ("WALKS", {1}),
        ("小狗", {2}),
        ("小狗 海边", {2}),
        ("海邊", {2}),
        ("狗", {2}),
        ("边", {2}),
        ("看到一只小狗", {2}),
        ("小海", set()),
        ("open", {3}),
        ("ｃａｆｅ", {3}),
        ("Café", {3}),
        ("手机", {5}),
        ("iphone", {5}),
        ("iPhone 手机", {5}),
        ("light", set()),
        ("zebra", set()),
        ("", set()),
        ("…", set()),
    ],
)
def test_words_are_found_in_both_languages(connection: sqlite3.Connection, text: str, moments: set[int]) -> None:
    assert found(connection, text) == moments


@pytest.mark.parametrize("whole", ["lighthouse", "walking", "running", "小狗在海边", "手机"])
def test_a_word_is_found_at_every_letter_of_its_typing(connection: sqlite3.Connection, whole: str) -> None:
    least = 1 if not whole.isascii() else 3
    expected = found(connection, whole)
    assert expected
    for length in range(least, len(whole) + 1):
        assert expected <= found(connection, whole[:length], is_prefix=True), whole[:length]


def test_a_phrase_keeps_its_order(connection: sqlite3.Connection) -> None:
    assert found(connection, "lighthouse keeper", is_phrase=True) == {1}
    assert found(connection, "keeper lighthouse", is_phrase=True) == set()
    text_index.index_moment(connection, 9, 40, Sense.SAID, "用手机 app 看小狗")
    assert found(connection, "手机 app 看", is_phrase=True) == {9}
    assert found(connection, "机app", is_phrase=True) == {9}
    assert found(connection, "app 手机", is_phrase=True) == set()
    assert found(connection, "keeper lighthouse") == {1}
    assert found(connection, "lighthouse kee", is_phrase=True, is_prefix=True) == {1}


def test_another_word_of_the_same_stem_is_not_held(connection: sqlite3.Connection) -> None:
    text_index.index_moments(connection, [(7, 40, Sense.SAID, "I like walking by the cafés 在海邊 in general")])

    def held(*names: str) -> bool:
        return text_index.is_held(connection, [7], names) == [True]

    assert [held(name) for name in ("walks", "walking", "café", "海边", "海", "general", "walk general")] == [True] * 7
    assert [held(name) for name in ("likeness", "generalization", "海鸥", "walk lighthouse")] == [False] * 4
    assert held("likeness", "海边")
    assert text_index.is_held(connection, [99, 7, 1], ["walk"]) == [False, True, True]


def test_a_sense_narrows(connection: sqlite3.Connection) -> None:
    wanted = text_index.expression("open")
    assert text_index.match(connection, wanted, senses=[Sense.SAID]) == []
    assert [m.item_id for m in text_index.match(connection, wanted, senses=[Sense.SAID, Sense.WRITTEN])] == [20]


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "a OR b",
        "NEAR(a b)",
        "walk*",
        "said: walk",
        "-walk",
        "^walk",
        "'; DROP TABLE moment_text; --",
        "(((",
        "{said}",
        "\x00walk",
        "😀",
        "\u200b",
    ],
)
def test_no_character_of_a_query_is_an_operator(connection: sqlite3.Connection, text: str) -> None:
    for how in ({}, {"is_phrase": True}, {"is_prefix": True}):
        found(connection, text, **how)
    assert connection.execute("SELECT count(*) FROM moment_text").fetchone() == (len(LINES),)


@given(st.text(max_size=40))
def test_any_text_is_found_by_itself(text: str) -> None:
    connection = sqlite3.connect(":memory:")
    text_index.create(connection)
    text_index.index_moment(connection, 1, 1, Sense.SAID, text)
    for how in ({}, {"is_phrase": True}, {"is_prefix": True}):
        wanted = text_index.expression(text, **how)
        if any(unicodedata.category(character)[0] == "L" for character in text) and wanted:
            assert len(text_index.match(connection, wanted)) == 1, (text, wanted)


def test_forgotten_and_replaced_lines_leave_nothing_behind(connection: sqlite3.Connection) -> None:
    text_index.unindex_moments(connection, [1, 2, 999])
    assert found(connection, "walk") == set()
    text_index.index_moment(connection, 3, 20, Sense.SAID, "closed")
    assert found(connection, "open") == set()
    assert found(connection, "closed") == {3}
    # FTS5's own check of the index against its content.
    connection.execute("INSERT INTO moment_text (moment_text) VALUES ('integrity-check')")


def test_items_are_found_by_their_own_words(connection: sqlite3.Connection) -> None:
    text_index.index_item(connection, 7, "Sea Trip 海边旅行 IMG 2024")
    text_index.index_item(connection, 8, "Other")
    names = lambda text: text_index.match_items(connection, text_index.expression(text))  # noqa: E731
    assert names("trip") == names("旅行") == names("2024") == [7]
    text_index.index_item(connection, 7, "Renamed")
    assert names("trip") == []
    text_index.unindex_item(connection, 7)
    assert names("renamed") == []
    connection.execute("INSERT INTO item_text (item_text) VALUES ('integrity-check')")


@pytest.mark.parametrize(("common", "limit", "given"), [(4, 2, 2), (4, 9, 9), (20, 2, 12), (20, 30, 12)])
def test_in_no_order_all_are_given_or_of_very_many_the_newest(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, common: int, limit: int, given: int
) -> None:
    monkeypatch.setattr(text_index, "_COMMON", common)
    text_index.index_moments(connection, [(100 + n, 50, Sense.SAID, "a quiet harbour") for n in range(12)])
    found = text_index.match_ids(connection, '"harbour"', limit=limit, is_ordered=False)
    assert sorted(found.tolist()) == list(range(112 - given, 112))
