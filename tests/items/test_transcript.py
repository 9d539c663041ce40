"""Lines typed anew, parted, joined and moved: what happens to the times of their words."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assistant.errors import UserFixable
from media_assistant.items.moment import Layer, Moment, Sense, Source, Word
from media_assistant.items.replacing import Wanted, replacer
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import (
    PERSON,
    aligned,
    doubtful,
    merge,
    part_by_time,
    retime,
    retype,
    shift,
    split,
    word_places,
)

HEARD = Source("speech", "net", "r1")


def said(*words: tuple[int, int, str, float], text: str = "") -> Moment:
    heard = tuple(Word(*word) for word in words)
    text = text or " ".join(word.text for word in heard)
    span = TimeSpan(heard[0].start_ms, heard[-1].end_ms)
    return Moment(span, Sense.SAID, Layer.LINE, text=text, language="en", words=heard, source=HEARD)


TIDE = said((0, 300, "the", 0.9), (300, 900, "hide", 0.3), (900, 1000, "is", 0.8), (1000, 1600, "high.", 0.95))
WORLD = said((0, 400, "你好", 0.9), (400, 1000, "世界", 0.4), (1000, 1200, "吗", 0.9), text="你好世界吗")


def test_a_corrected_word_keeps_its_time_and_the_others_all_they_had() -> None:
    line = retype(TIDE, "the tide is high.")
    assert line.words == (TIDE.words[0], Word(300, 900, "tide", 1.0), *TIDE.words[2:])
    assert line.source == PERSON and line.span == TIDE.span and not doubtful(line)
    assert doubtful(TIDE) == [(4, 8)]


def test_two_words_share_the_time_of_the_one_that_they_replace() -> None:
    words = retype(TIDE, "the low tide is high.").words
    assert [word.text for word in words] == ["the", "low", "tide", "is", "high."]
    assert (words[1].start_ms, words[2].end_ms) == (300, 900) and words[1].end_ms == words[2].start_ms
    assert [word.text for word in retype(TIDE, "the is high.").words] == ["the", "is", "high."]
    assert retype(TIDE, "The hide, is HIGH!").words[3] == Word(1000, 1600, "HIGH!", 0.95)
    longer = retype(TIDE, "the hide is highest")
    assert longer.words[3] == Word(1000, 1600, "highest", 1.0), "a word that grew is another word"


def test_chinese_words_are_kept_without_spaces() -> None:
    line = retype(WORLD, "你好时节吗")
    assert [word.text for word in line.words] == ["你好", "时", "节", "吗"]
    assert (line.words[1].start_ms, line.words[2].end_ms) == (400, 1000)
    halves = split(WORLD, 2)
    assert halves is not None
    assert [(half.text, half.span) for half in halves] == [("你好", TimeSpan(0, 400)), ("世界吗", TimeSpan(400, 1200))]
    joined = merge(halves)
    assert (joined.text, joined.words, joined.span) == ("你好世界吗", WORLD.words, WORLD.span)


def test_a_split_follows_the_words_and_merging_takes_it_back() -> None:
    halves = split(TIDE, 9)
    assert halves is not None
    assert [half.text for half in halves] == ["the hide", "is high."]
    assert [half.span for half in halves] == [TimeSpan(0, 900), TimeSpan(900, 1600)]
    assert [half.source for half in halves] == [HEARD, HEARD]
    assert merge(halves).words == TIDE.words and merge(halves).text == TIDE.text
    assert split(TIDE, 0) is None and split(TIDE, 100) is None
    inside = split(TIDE, 6)
    assert inside is not None and inside[0].words[-1] == Word(300, 600, "hi", 0.3)
    plain = Moment(TimeSpan(0, 1000), Sense.SAID, Layer.LINE, text="one two")
    parts = split(plain, 4)
    assert parts is not None and parts[1].span == TimeSpan(571, 1000), "without word times by letters"


def test_moving_keeps_words_where_they_are_said() -> None:
    assert retime(TIDE, 100, 1600).words[0] == Word(100, 300, "the", 0.9)
    assert retime(TIDE, 100, 1600).words[1:] == TIDE.words[1:]
    assert retime(TIDE, 5000, 6600).words[1] == Word(5300, 5900, "hide", 0.3)
    assert shift(TIDE, 250).words[0] == Word(250, 550, "the", 0.9)
    assert shift(TIDE, -10_000).span == TimeSpan(0, 0)


def test_a_line_is_parted_between_words() -> None:
    parts = part_by_time(TIDE, [False, True, True, False])
    assert [(part.text, kept) for part, kept in parts] == [("the", False), ("hide is", True), ("high.", False)]
    assert [part.span for part, _ in parts] == [TimeSpan(0, 300), TimeSpan(300, 1000), TimeSpan(1000, 1600)]


def test_texts_without_times_find_theirs_in_what_was_heard() -> None:
    later = shift(said((0, 500, "one", 0.9), (500, 900, "more", 0.9)), 5000)
    found = aligned([TIDE, later], ["The tide is", "high.", "One more time"])
    assert [(start, end) for start, end, _ in found] == [(0, 1000), (1000, 1600), (5000, 5900)]


letters = st.text(alphabet="ab 你好,\n", max_size=24)


@given(letters, letters)
def test_whatever_is_typed_words_stay_in_order_in_the_line_and_in_the_text(before: str, after: str) -> None:
    start = retype(said((1000, 5000, "x", 0.5)), before or "y")
    line = retype(start, after)
    assert line.text == "\n".join(part.strip() for part in after.splitlines() if part.strip())
    times = [(word.start_ms, word.end_ms) for word in line.words]
    assert times == sorted(times) and all(1000 <= begin <= end <= 5000 for begin, end in times)
    assert [line.text[begin:end] for begin, end in word_places(line)] == [word.text for word in line.words]
    if line.text and start.words:
        assert "".join(word.text for word in line.words) == "".join(line.text.split())
    for at in range(len(line.text) + 1):
        halves = split(line, at)
        if halves is not None:
            assert line.span.start_ms <= halves[0].span.end_ms <= halves[1].span.start_ms <= line.span.end_ms  # type: ignore[union-attr]
            again = merge(halves)
            assert "".join(again.text.split()) == "".join(line.text.split()) and again.span == line.span


def test_replacing_by_words_and_by_pattern() -> None:
    line = replacer(Wanted("HIDE"), r"t\1de")(TIDE)
    assert line.text == r"the t\1de is high.", "plain words are plain on both sides"
    assert replacer(Wanted("HIDE", is_exact_case=True), "tide")(TIDE) is TIDE
    turned = replacer(Wanted(r"(\w+) is (\w+)", is_pattern=True), r"\2 is \1")(TIDE)
    assert turned.text == "the high is hide."
    assert Wanted("x").compiled().places("aXbX") == [(1, 2), (3, 4)]
    assert replacer(Wanted("x*", is_pattern=True), "-")(TIDE) is TIDE, "an empty match is none"
    for wanted, put in ((Wanted("(", is_pattern=True), ""), (Wanted("a", is_pattern=True), r"\7")):
        with pytest.raises(UserFixable, match="wrong_pattern"):
            replacer(wanted, put)


def test_a_pattern_that_would_never_end_is_given_up() -> None:
    endless, said = Wanted("(a+)+$", is_pattern=True), "a" * 20_000 + "b"
    assert endless.compiled().places("baaa") == [(1, 4)]
    began = time.thread_time()
    with pytest.raises(UserFixable, match="slow_pattern"):
        endless.compiled().places(said)
    with pytest.raises(UserFixable, match="slow_pattern"):
        replacer(endless, "x")(replace(TIDE, text=said, words=()))
    with pytest.raises(UserFixable, match="slow_pattern"):  # each line in time, all of them not
        matcher = endless.compiled(line_s=float("inf"), all_s=0.05)
        for _ in range(1000):
            matcher.places("a" * 200 + "b")
    assert time.thread_time() - began < 5
    assert Wanted("aab").compiled(all_s=0).places(said) == [(19_998, 20_001)], "plain words take as long as they take"
