from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.items.query import (
    LONGEST_QUERY,
    Captured,
    HasTag,
    InCollection,
    InFolder,
    InGroup,
    InSense,
    KindIs,
    Lasts,
    Not,
    Phrase,
    Words,
    parse,
    write_field,
)
from media_assistant.sentences import LANGUAGES, say
from tests.cost import cpu_s

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("", ()),
        ("   ", ()),
        ("dog beach", (Words("dog beach"),)),
        ('"high tide"', (Phrase("high tide"),)),
        ("“涨潮了”", (Phrase("涨潮了"),)),
        ("「涨潮」 狗", (Words("狗"), Phrase("涨潮"))),
        ('"never closed', (Phrase("never closed"),)),
        ("dog kind:video beach", (Words("dog beach"), KindIs(frozenset({Kind.VIDEO})))),
        ("类型：视频、照片", (KindIs(frozenset({Kind.VIDEO, Kind.PHOTO})),)),
        ('said:"high tide"', (InSense(Sense.SAID, "high tide", is_phrase=True),)),
        ("说：涨潮", (InSense(Sense.SAID, "涨潮", is_phrase=False),)),
        (
            "听:狗叫 写：“出口”",
            (InSense(Sense.HEARD, "狗叫", is_phrase=False), InSense(Sense.WRITTEN, "出口", is_phrase=True)),
        ),
        ("tag:dog 标签:狗", (HasTag("dog"), HasTag("狗"))),
        ("-cat dog", (Words("dog"), Not(Words("cat")))),
        ("-tag:cat", (Not(HasTag("cat")),)),
        ("well-known - dash --", (Words("well-known - dash --"),)),
        ("in:Holidays 在:照片", (InFolder("Holidays"), InFolder("照片"))),
        ("group:3 分组：“爵士、摇滚”", (InGroup("3"), InGroup("爵士、摇滚"))),
        ('collection:"By the sea" 合集:海边', (InCollection("By the sea"), InCollection("海边"))),
        ("since:2024", (Captured(since="2024-01-01"),)),
        ("since:2024-05 before:2024年6月3日", (Captured(since="2024-05-01"), Captured(before="2024-06-03"))),
        ("从:昨天", (Captured(since="2026-02-28"),)),
        ("longer:1h30m", (Lasts(longer_ms=5_400_000),)),
        ("longer:10分钟 shorter:2:30", (Lasts(longer_ms=600_000), Lasts(shorter_ms=150_000))),
        ("longer:10", (Lasts(longer_ms=600_000),)),
        ("longer:99999999999999999:59", (Lasts(longer_ms=10**15),)),
        ("http://example.org colour:red", (Words("http://example.org colour:red"),)),
        ("我说：你好", (Words("我说：你好"),)),
        ('5" disk', (Words('5" disk'),)),
        ("SEEN:Dog", (InSense(Sense.SEEN, "Dog", is_phrase=False),)),
    ],
)
def test_query_is_read(text: str, nodes: tuple[object, ...]) -> None:
    query = parse(text, today=TODAY)
    assert query.nodes == nodes
    assert query.faults == ()


@pytest.mark.parametrize(
    ("text", "code", "start", "end", "understood"),
    [
        ("dog seen:", "query.empty_field", 4, 9, ("dog",)),
        ('said:""', "query.empty_field", 0, 7, ()),
        ("kind:novel", "query.unknown_kind", 0, 10, ()),
        ("a since:2024-02-30", "query.no_such_date", 2, 18, ("a",)),
        ("before:soon", "query.unclear_date", 0, 11, ()),
        ("-longer:far", "query.unclear_duration", 0, 11, ()),
    ],
)
def test_a_fault_points_at_its_characters_and_can_be_said(
    text: str, code: str, start: int, end: int, understood: tuple[str, ...]
) -> None:
    query = parse(text, today=TODAY)
    (fault,) = query.faults
    assert (fault.says.code, fault.start, fault.end) == (code, start, end)
    for language in LANGUAGES:
        assert str(start + 1) in say(language, fault.says.code, **fault.says.parameters)
    # What was understood is still asked for.
    assert query.nodes == tuple(map(Words, understood))


def test_a_very_long_query_is_shortened_and_said() -> None:
    query = parse("dog " * 2_500)
    assert query.faults[0].says.code == "query.too_long"
    assert isinstance(query.nodes[0], Words)
    assert len(query.nodes[0].text) <= LONGEST_QUERY


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=60) | st.text(alphabet='"“”「」:：-kindsaid0 9猫\u200b(*')
)
def test_parsing_never_fails(text: str) -> None:
    query = parse(text)
    assert all(0 <= fault.start <= fault.end <= len(text) for fault in query.faults)


@given(st.text(max_size=40) | st.text(alphabet='"“”「」『』«»:： a', max_size=20))
def test_what_is_written_is_read_back(name: str) -> None:
    (wanted,) = {" ".join(name.split())}
    query = parse(write_field("collection", name))
    if not wanted:
        assert query.nodes == ()
        return
    (term,) = query.nodes
    assert isinstance(term, InCollection)
    if not all(any(mark in wanted for mark in marks) for marks in ('"”“＂', "」", "』", "»")):
        assert term.name == wanted


@pytest.mark.parametrize("piece", ["a“", "x«", "k 「 ", 'a"', "-", "tag:", "。"])
def test_promise_12_a_long_query_of_marks_is_read_at_once(piece: str) -> None:
    ordinary = cpu_s(lambda: parse("dog and cat " * 166, today=TODAY))
    assert cpu_s(lambda: parse(piece * 5000, today=TODAY)) < 15 * ordinary
