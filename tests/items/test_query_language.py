"""The whole language of the search box: operators, brackets, times, faults, and that what is written is read back."""

import dataclasses
import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.items.query import (
    DEEPEST,
    MOST_TERMS,
    And,
    ByArtist,
    Captured,
    Has,
    HasTag,
    InCollection,
    InFolder,
    InGroup,
    InSense,
    Is,
    KindIs,
    Lasts,
    Like,
    Node,
    Not,
    OnAlbum,
    Or,
    Phrase,
    Query,
    Rated,
    Then,
    While,
    Words,
    parse,
    write,
)
from media_assistant.sentences import LANGUAGES, say
from tests.cost import cpu_s

TODAY = date(2026, 3, 1)
DOG, CAT, BEACH = Words("dog"), Words("cat"), Words("beach")
PHOTOS = KindIs(frozenset({Kind.PHOTO}))


def seen(text: str) -> InSense:
    return InSense(Sense.SEEN, text, is_phrase=False)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("dog OR cat", (Or((DOG, CAT)),)),
        ("狗 或 猫", (Or((Words("狗"), Words("猫"))),)),
        ("dog or cat and then", (Words("dog or cat and then"),)),
        ("dog AND beach", (Words("dog beach"),)),
        ("狗 且 kind:photo", (Words("狗"), PHOTOS)),
        ("dog beach OR cat", (Or((Words("dog beach"), CAT)),)),
        ("(dog OR cat) beach", (BEACH, Or((DOG, CAT)))),
        ("（狗 或 猫） 海滩", (Words("海滩"), Or((Words("狗"), Words("猫"))))),
        ("dog NOT cat", (DOG, Not(CAT))),
        ("NOT NOT dog", (DOG,)),
        ("dog AND NOT (cat OR kind:photo)", (DOG, Not(Or((CAT, PHOTOS))))),
        ("-(cat beach)", (Not(Words("cat beach")),)),
        ("非 猫", (Not(Words("猫")),)),
        ("NOT(cat)", (Not(CAT),)),
        ("(dog)AND(cat)", (Words("dog cat"),)),
        ("dog OR (cat OR beach)", (Or((DOG, CAT, BEACH)),)),
        ("((dog))", (DOG,)),
        ("f(x) IMG(1).jpg", (Words("f(x) IMG(1).jpg"),)),
        ("IMG (1)", (Words("IMG 1"),)),
        ("狗（猫 或 鸟）", (Words("狗"), Or((Words("猫"), Words("鸟"))))),
        ("seen:(dog OR cat)", (Or((seen("dog"), seen("cat"))),)),
        ("seen:(golden retriever)", (seen("golden retriever"),)),
        (
            'seen:(dog "red car" said:hello)',
            (seen("dog"), InSense(Sense.SEEN, "red car", True), InSense(Sense.SAID, "hello", False)),
        ),
        ("画面：（狗 或 猫）", (Or((seen("狗"), seen("猫"))),)),
        ('kind:"video, photo"', (KindIs(frozenset({Kind.VIDEO, Kind.PHOTO})),)),
        ("longer:十分钟 shorter:两小时", (Lasts(longer_ms=600_000), Lasts(shorter_ms=7_200_000))),
        ("until:2024 after:2024", (Captured(before="2025-01-01"), Captured(since="2025-01-01"))),
        ("until:2024-12 after:2023-02-28", (Captured(before="2025-01-01"), Captured(since="2023-03-01"))),
        ("截至：今天 晚于：2024年5月", (Captured(before="2026-03-02"), Captured(since="2024-06-01"))),
        ("until:9999", (Captured(before="9999-12-31"),)),
        ("kind:(video OR photo)", (Or((KindIs(frozenset({Kind.VIDEO})), PHOTOS)),)),
        ("tag:(golden retriever)", (HasTag("golden retriever"),)),
        ("tag:(golden retriever OR dog)", (Or((HasTag("golden retriever"), HasTag("dog"))),)),
        ("in:(By the sea) tag:(dog AND cat)", (InFolder("By the sea"), HasTag("dog"), HasTag("cat"))),
        ("-tag:(cat OR dog)", (Not(Or((HasTag("cat"), HasTag("dog")))),)),
        ("album:Blue 歌手：“Joni Mitchell”", (OnAlbum("Blue"), ByArtist("Joni Mitchell"))),
        ("rated:4 rated:>=3 rated:2..4", (Rated(4, 4), Rated(3, 5), Rated(2, 4))),
        ("rated:3+ rated:>3 rated:<3 rated:<=3", (Rated(3, 5), Rated(4, 5), Rated(1, 2), Rated(1, 3))),
        ("评分：★★★ rated:none rated:0", (Rated(3, 3), Rated(0, 0), Rated(0, 0))),
        ("has:gps missing:transcript 带：字幕", (Has("place"), Not(Has("transcript")), Has("subtitles"))),
        ("is:duplicate -is:offline 是：丢失", (Is("duplicate"), Not(Is("offline")), Is("missing"))),
        ('like:12 like:"Coast trip.mp4" 像：/a/b.jpg', (Like("12"), Like("Coast trip.mp4"), Like("/a/b.jpg"))),
        ('dog THEN "come here" within 10s', (Then(DOG, Phrase("come here"), 10_000),)),
        ("狗 然后 “过来” 10秒内", (Then(Words("狗"), Phrase("过来"), 10_000),)),
        ("狗 接着 猫 在2分钟之内", (Then(Words("狗"), Words("猫"), 120_000),)),
        ("狗 然后 猫 十秒内", (Then(Words("狗"), Words("猫"), 10_000),)),
        ("狗 然后 猫 在一百二十分钟之内", (Then(Words("狗"), Words("猫"), 7_200_000),)),
        ("狗 然后 猫 半小时以内", (Then(Words("狗"), Words("猫"), 1_800_000),)),
        ("狗 然后 百内", (Then(Words("狗"), Words("百内")),)),
        ("dog THEN cat within 1m 30s", (Then(DOG, CAT, 90_000),)),
        ("dog THEN cat within 1 minute 30 seconds beach", (BEACH, Then(DOG, CAT, 90_000))),
        ("dog THEN cat within 10s 2 beach", (Words("2 beach"), Then(DOG, CAT, 10_000))),
        ("(dog THEN cat) within 10s", (Then(DOG, CAT, 10_000),)),
        ("（狗 然后 猫） 10秒内", (Then(Words("狗"), Words("猫"), 10_000),)),
        ("beach -(dog WHILE cat) within 10s", (BEACH, Not(While(DOG, CAT, 10_000)))),
        ("beach THEN (dog THEN cat) within 10s", (Then(BEACH, Then(DOG, CAT), 10_000),)),
        ("dog THEN cat within 90", (Then(DOG, CAT, 90_000),)),
        ("dog THEN cat within 2 minutes", (Then(DOG, CAT, 120_000),)),
        ("dog THEN cat within reach", (Then(DOG, Words("cat within reach")),)),
        ("dog within 10s", (Words("dog within 10s"),)),
        ("dog WHILE heard:waves", (While(DOG, InSense(Sense.HEARD, "waves", False)),)),
        ("狗 同时 海浪", (While(Words("狗"), Words("海浪")),)),
        ("big dog THEN beach kind:photo", (Then(Words("big dog"), And((BEACH, PHOTOS))),)),
        ("dog THEN cat within 5s beach", (BEACH, Then(DOG, CAT, 5000))),
        ("dog THEN cat within 5s AND beach", (BEACH, Then(DOG, CAT, 5000))),
        ("dog THEN cat THEN beach", (Then(Then(DOG, CAT), BEACH),)),
        ("dog THEN cat within 5s THEN beach", (Then(Then(DOG, CAT, 5000), BEACH),)),
        ("dog THEN cat OR beach", (Or((Then(DOG, CAT), BEACH)),)),
        ("tag:AND", (HasTag("AND"),)),
        ("\u200bkind:photo\ufeff", (PHOTOS,)),
        ("\u200b", ()),
        ("A\u200dND 👩‍👩‍👧", (Words("A\u200dND 👩‍👩‍👧"),)),
        ("'; DROP TABLE items; -- NEAR/3 * ^", (Words("'; DROP TABLE items; -- NEAR/3 * ^"),)),
    ],
)
def test_operators_brackets_and_times_are_read(text: str, nodes: tuple[Node, ...]) -> None:
    query = parse(text, today=TODAY)
    assert query.nodes == nodes
    assert query.faults == ()


@pytest.mark.parametrize(
    ("text", "code", "marked", "left"),
    [
        ("(dog OR cat", "unclosed", "(", (Or((DOG, CAT)),)),
        ("dog) cat", "unopened", ")", (Words("dog cat"),)),
        ("dog （）", "empty_bracket", "（）", (DOG,)),
        ("dog OR", "lone_operator", "OR", (DOG,)),
        ("AND dog", "lone_operator", "AND", (DOG,)),
        ("dog NOT", "lone_not", "NOT", (DOG,)),
        ("(dog AND) cat", "lone_operator", "AND", (Words("dog cat"),)),
        ("THEN dog", "lone_operator", "THEN", (DOG,)),
        ("狗 然后", "lone_operator", "然后", (Words("狗"),)),
        ("dog THEN kind:photo", "no_moment", "kind:photo", (DOG, PHOTOS)),
        ("-cat WHILE dog", "no_moment", "-cat", (DOG, Not(CAT))),
        ("dog THEN cat within 5parsecs", "unclear_duration", "within 5parsecs", (Then(DOG, CAT),)),
        ("dog rated:6", "unclear_rating", "rated:6", (DOG,)),
        ("dog rated:>5", "unclear_rating", "rated:>5", (DOG,)),
        ("dog has:wings", "unknown_has", "has:wings", (DOG,)),
        ("dog missing:", "empty_field", "missing:", (DOG,)),
        ("dog is:nice", "unknown_is", "is:nice", (DOG,)),
        ("dog seen:()", "empty_field", "seen:()", (DOG,)),
        ("dog -seen:", "empty_field", "-seen:", (DOG,)),
        ("seen:) dog", "empty_field", "seen:", (DOG,)),
        ("kind:(photo OR novel)", "unknown_kind", "novel", (PHOTOS,)),
        ("dog since:0000", "no_such_date", "since:0000", (DOG,)),
    ],
)
def test_a_fault_points_at_its_characters(text: str, code: str, marked: str, left: tuple[Node, ...]) -> None:
    query = parse(text, today=TODAY)
    fault = next(fault for fault in query.faults if fault.says.code == f"query.{code}")
    assert text[fault.start : fault.end] == marked
    assert query.nodes == left
    for language in LANGUAGES:
        said = say(language, fault.says.code, **fault.says.parameters)
        assert str(fault.start + 1) in said
        assert "{" not in said


def test_a_name_that_is_no_field_is_looked_for_and_said() -> None:
    query = parse("knd:video colour:red http://a.b/c 12:30 我说：你好", today=TODAY)
    assert query.nodes == (Words("knd:video colour:red http://a.b/c 12:30 我说：你好"),)
    assert query.faults == ()
    said = {(remark.says.code, remark.says.parameters["name"]) for remark in query.remarks}
    assert said == {("query.perhaps_field", "knd"), ("query.unknown_field", "colour")}
    for remark in query.remarks:
        for language in LANGUAGES:
            assert say(language, remark.says.code, **remark.says.parameters)


@pytest.mark.parametrize(
    ("text", "marked"),
    [("dog within 10s", "within 10s"), ("狗 十秒内", "十秒内"), ("dog within 1m 30s beach", "within 1m 30s")],
)
def test_a_time_behind_no_then_is_looked_for_as_words_and_said(text: str, marked: str) -> None:
    query = parse(text, today=TODAY)
    assert query.nodes == (Words(text),)
    assert [(each.says.code, text[each.start : each.end]) for each in query.remarks] == [("query.lone_within", marked)]
    assert parse("dog THEN cat within 10s", today=TODAY).remarks == ()
    assert parse("dog within reach 3室内", today=TODAY).remarks == ()


def test_what_was_recognised_is_told_with_its_place() -> None:
    text = '-tag:cat (dog OR "sea lion") said:(a OR b) THEN dog within 5s kind:novel'
    shown = [(text[piece.start : piece.end], piece.role, piece.name) for piece in parse(text).pieces]
    assert shown == [
        ("-tag:cat", "field", "tag"),
        ("(", "bracket", ""),
        ("OR", "operator", "OR"),
        ('"sea lion"', "quote", ""),
        (")", "bracket", ""),
        ("said:(a OR b)", "field", "said"),
        ("THEN", "operator", "THEN"),
        ("within 5s", "operator", "within"),
    ]


LONG = {
    "5,000 brackets": "(" * 5000,
    "brackets closed": "(" * 1000 + "dog" + ")" * 1000,
    "closing brackets": ")" * 5000,
    "words in brackets": "a(" * 2500,
    "words with brackets": "a(b)" * 2500,
    "refusals": "NOT " * 2500,
    "minus": "-a" * 2500,
    "operators": "AND OR THEN " * 800,
    "chain": "a THEN " * 1400,
    "choices": "a OR " * 2000,
    "fields": "tag:x " * 1600,
    "bracket of values": "tag:(" + "x " * 4000,
    "nested fields": "seen:(" * 1600,
    "quotes": '"a" ' * 2500,
    "unknown fields": "knd:x " * 1600,
    "one word": "a" * 10_000,
    "within": "a THEN b within 5s " * 500,
    "colons": "a:" * 5000,
    "emoji": "👩‍👩‍👧" * 1200,
}

ORDINARY = "dog and cat " * 166


def _read_and_write_s(text: str) -> float:
    return cpu_s(lambda: write(parse(text, today=TODAY).nodes))


@pytest.mark.parametrize("name", LONG)
def test_a_long_or_deep_query_is_bounded_and_costs_no_more_than_an_ordinary_one_of_full_length(name: str) -> None:
    text = LONG[name]
    query = parse(text, today=TODAY)
    written = write(query.nodes)
    assert _read_and_write_s(text) < 15 * _read_and_write_s(ORDINARY)
    assert query.faults[-1].says.code.startswith("query.too_") or query.faults
    assert "query.too_long" in {fault.says.code for fault in query.faults} or len(text) <= 2000
    assert len(query.faults) < 2500
    hash(query.nodes)
    assert isinstance(written, str)


def test_depth_and_number_are_bounded() -> None:
    deep = parse("(" * (DEEPEST + 3) + "dog" + ")" * (DEEPEST + 3) + " cat")
    assert deep.nodes == (Words("dog cat"),)
    assert [(fault.says.code, fault.start) for fault in deep.faults] == [("query.too_deep", DEEPEST)]
    many = parse(" ".join(f"tag:t{n}" for n in range(MOST_TERMS + 5)))
    assert len(many.nodes) == MOST_TERMS
    assert [fault.says.code for fault in many.faults] == ["query.too_many"]


_WORD = st.sampled_from(
    ["dog", "小狗", "IMG(1).jpg", "-", "and", "5m", "within", "10s", "a:b", "é", "👋", "x/y", "*", "NEAR/3"]
)
_VALUE = st.text(alphabet="ab 海:()（）-'/\\.*", min_size=1, max_size=8).map(lambda v: " ".join(v.split())).filter(bool)
_WORDS = st.lists(_WORD, min_size=1, max_size=3).map(lambda words: Words(" ".join(words)))
_TERMS = st.one_of(
    _WORDS,
    _VALUE.map(Phrase),
    st.builds(InSense, st.sampled_from(list(Sense)), _VALUE, st.just(True)),
    st.builds(InSense, st.sampled_from(list(Sense)), _WORDS.map(lambda words: words.text), st.just(False)),
    st.sets(st.sampled_from(list(Kind)), min_size=1).map(lambda kinds: KindIs(frozenset(kinds))),
    *(_VALUE.map(make) for make in (HasTag, InFolder, InCollection, InGroup, ByArtist, OnAlbum, Like)),
    st.dates(date(1000, 1, 1)).map(lambda day: Captured(since=day.isoformat())),
    st.integers(0, 10**9).map(lambda ms: Lasts(longer_ms=ms)),
    st.integers(0, 10**9).map(lambda ms: Lasts(shorter_ms=ms)),
    st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda pair: Rated(min(pair), max(pair))),
    st.sampled_from(["place", "tag", "copies"]).map(Has),
    st.sampled_from(["missing", "duplicate"]).map(Is),
)


def _trees(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(inner, min_size=2, max_size=3).map(tuple)
    within = st.none() | st.integers(0, 10**7)
    return st.one_of(
        some.map(And),
        some.map(Or),
        inner.map(Not),
        st.builds(Then, inner, inner, within),
        st.builds(While, inner, inner, within),
    )


def tidy(node: Node) -> Node:
    """As the parser would have it: quotes, spaces and nesting in their one form."""
    text = write((node,))
    (found,) = parse(text, today=TODAY).nodes or (node,)
    return found


@given(st.recursive(_TERMS, _trees, max_leaves=8))
def test_what_is_written_is_read_back_the_same(node: Node) -> None:
    """A tree that the parser made is what its own text says."""
    first = parse(write((node,)), today=TODAY)
    again = parse(write(first.nodes), today=TODAY)
    assert again.nodes == first.nodes
    assert again.faults == ()


@given(
    st.lists(
        st.sampled_from(
            ["dog", " ", " ", " ", "(", ")", "（", "）", '"', "“", "「", "」", "-", "OR", "AND", "NOT", "THEN", "WHILE", "或", "非", "且",
             "within", "10s", "5秒内", "seen:", "tag:", "kind:", "photo", "rated:", "3", ">=", "is:", "missing", "like:", "\u200b", "\n",
             "since:", "2024-02-30", "*", "NEAR", "'", ";", "%", "\\", "\0", "😀", "已", ":", "："]
        ),
        max_size=24,
    ).map("".join)
    | st.text(max_size=60)
)  # fmt: skip
@example('a THEN (b within 10s) "')
@example("-\u200b-dog")
@example("-\u200b dog")
@example("-\u200b(dog)")
@example('5" disk OR «q»')
def test_any_text_is_read_and_its_tree_is_read_back(text: str) -> None:
    query = parse(text, today=TODAY)
    for stretch in (*query.faults, *query.pieces, *query.remarks):
        assert 0 <= stretch.start < stretch.end <= len(text)
    for fault in (*query.faults, *query.remarks):
        for language in LANGUAGES:
            assert say(language, fault.says.code, **fault.says.parameters)
    written = write(query.nodes)
    again = parse(written, today=TODAY)
    assert again.faults == ()
    assert plain(again) == plain(query)
    assert write(again.nodes) == written


_MARKS = re.compile("[\"“”„＂「」『』«»″']")


def plain(query: Query) -> tuple[Node, ...]:
    """Without what makes no difference: the marks of quoting inside of words, and how many spaces there are."""

    def of(node: Node) -> Node:
        match node:
            case Words(text) | Phrase(text):
                return dataclasses.replace(node, text=bare(text))
            case InSense():
                return dataclasses.replace(node, text=bare(node.text))
            case HasTag(name) | InCollection(name) | InGroup(name) | ByArtist(name) | OnAlbum(name):
                return dataclasses.replace(node, name=bare(name))
            case InFolder(name):
                return InFolder(bare(name))
            case Like(name):
                return Like(bare(name))
            case Not(term):
                return Not(of(term))
            case And(nodes) | Or(nodes):
                return type(node)(tuple(of(each) for each in nodes))
            case Then() | While():
                one, other = (node.first, node.second) if isinstance(node, Then) else (node.one, node.other)
                return type(node)(of(one), of(other), node.within_ms)
            case _:
                return node

    def bare(text: str) -> str:
        return " ".join(_MARKS.sub("'", text).split())

    return tuple(of(node) for node in query.nodes)
