"""Lines of a transcript as values: typed anew, parted, joined and moved, with the times of their words kept where they can be.

A line is a Moment with a TimeSpan. What changes its words makes it the person's; what only moves, parts or joins it
leaves it with whoever said so, so that a stretch that is listened to again knows what a person wrote.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from media_assistant.items.folding import UNSPACED, fold, has_unspaced
from media_assistant.items.moment import Layer, Moment, Sense, Source, Word
from media_assistant.items.span import TimeSpan

PERSON = Source("person")
FORMATS = ("srt", "vtt", "txt", "json", "lrc")
"""What a transcript is written as, for other programs."""
DOUBT = 0.5
"""A word that the recogniser itself finds less likely than this is worth a look."""
_BREATH_MS = 200
"""Lines that overlap by less take turns."""
_UNIT = re.compile(f"[{UNSPACED}]|[^\\s{UNSPACED}]+")
_EDGES = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """In one item's transcript, the lines `out` give way to the lines `put`: each may be empty."""

    item_id: int
    out: tuple[Moment, ...]
    put: tuple[Moment, ...]
    sense: Sense = Sense.SAID


def segment_to_plain(start_ms: int, end_ms: int, text: str, words: Iterable[Word]) -> dict[str, Any]:
    """A line as JSON has it, in files and on the command line."""
    return {
        "start_ms": start_ms,
        "end_ms": end_ms,
        "text": text,
        "words": [
            {
                "start_ms": word.start_ms,
                "end_ms": word.end_ms,
                "text": word.text,
                "probability": round(word.probability, 4),
            }
            for word in words
        ],
    }


def is_spoken(moment: Moment) -> bool:
    """Whether it is a line of a transcript."""
    return moment.layer is Layer.LINE and moment.sense is Sense.SAID and isinstance(moment.span, TimeSpan)


def span_of(line: Moment) -> TimeSpan:
    """When it is said."""
    return line.span if isinstance(line.span, TimeSpan) else TimeSpan(0, 0)


def has_times(lines: Sequence[Moment]) -> bool:
    """Whether lines come one after the other; of words that a file holds without times all are sung all the while."""
    return len(lines) < 2 or span_of(lines[0]) != span_of(lines[-1])


def can_be_written(lines: Sequence[Moment], to: str) -> bool:
    """Whether this format can hold them. Written with times, all at once, words without times would be read back as lines
    that are spoken at the same time.
    """
    return to == "txt" or has_times(lines)


def new_line(start_ms: int, end_ms: int, text: str, language: str = "") -> Moment:
    """A line that a person adds."""
    span = TimeSpan(max(0, start_ms), max(0, start_ms, end_ms))
    return Moment(span, Sense.SAID, Layer.LINE, text=tidy(text), language=language, source=PERSON)


def tidy(text: str) -> str:
    """Without spaces at the ends of its rows, and without empty rows."""
    return "\n".join(row for part in text.splitlines() if (row := part.strip()))


def tracks(lines: Sequence[Moment]) -> dict[str, list[Moment]]:
    """Spoken lines by their language where several run side by side, as subtitles in two languages do.

    Languages that only take turns are one transcript; its name is the language with the most lines. Those with the most
    lines come first.
    """
    groups: dict[str, list[Moment]] = {}
    for line in lines:
        groups.setdefault(line.language, []).append(line)
    if len(groups) < 2:
        return groups
    ordered = sorted(groups.items(), key=lambda group: (not group[0], -len(group[1])))
    kept: dict[str, list[Moment]] = {}
    for language, group in ordered:
        host = next((name for name, others in kept.items() if _take_turns(group, others)), None)
        if host is None:
            kept[language] = group
        else:
            kept[host] = sorted(kept[host] + group, key=span_of)
    return kept


def _take_turns(group: Sequence[Moment], others: Sequence[Moment]) -> bool:
    """Whether most of the group's lines are said while none of the others is."""
    starts = [span_of(line).start_ms for line in others]
    reach = list(accumulate((span_of(line).end_ms for line in others), max))
    at_once = 0
    for line in group:
        span = span_of(line)
        before = bisect_left(starts, span.end_ms - _BREATH_MS) - 1
        at_once += before >= 0 and reach[before] > span.start_ms + _BREATH_MS
    return 3 * at_once < len(group)


def word_places(line: Moment) -> list[tuple[int, int]]:
    """[from, to) of each word in the line's text; an empty range for one that is not found there."""
    places: list[tuple[int, int]] = []
    at = 0
    for word in line.words:
        begin = line.text.find(word.text, at) if word.text else -1
        if begin < 0:
            places.append((at, at))
        else:
            at = begin + len(word.text)
            places.append((begin, at))
    return places


def doubtful(line: Moment) -> list[tuple[int, int]]:
    """[from, to) of the words that the recogniser was unsure of."""
    if all(word.probability >= DOUBT for word in line.words):
        return []
    pairs = zip(line.words, word_places(line), strict=True)
    return [(begin, end) for word, (begin, end) in pairs if word.probability < DOUBT and end > begin]


def retype(line: Moment, text: str) -> Moment:
    """The line with other words. Those that stay keep their times and doubts; new ones share the time of the old ones."""
    text = tidy(text)
    if text == line.text:
        return line
    words = _hung_again(line, text) if line.words and text else ()
    return replace(line, text=text, words=words, score=1.0, source=PERSON, id=0)


def confirm(line: Moment) -> Moment:
    """The line as it stands is right: no word of it is in doubt any more."""
    sure = tuple(replace(word, probability=1.0) for word in line.words)
    return replace(line, words=sure, score=1.0, source=PERSON, id=0)


def retime(line: Moment, start_ms: int, end_ms: int) -> Moment:
    """The line at other times. Words stay where they are said, within the line; a line that goes far takes them along."""
    old, new = span_of(line), TimeSpan(max(0, start_ms), max(0, start_ms, end_ms))
    by_ms = new.start_ms - old.start_ms if new.start_ms >= old.end_ms or new.end_ms <= old.start_ms else 0
    return replace(line, span=new, words=tuple(_within(_later(word, by_ms), new) for word in line.words), id=0)


def shift(line: Moment, by_ms: int) -> Moment:
    """The line and its words later, or earlier with a negative number; nothing goes before the start."""
    span = span_of(line)
    moved = TimeSpan(max(0, span.start_ms + by_ms), max(0, span.end_ms + by_ms))
    return replace(line, span=moved, words=tuple(_later(word, by_ms) for word in line.words), id=0)


def split(line: Moment, at: int) -> tuple[Moment, Moment] | None:
    """The line in two before the character `at`; the time follows the words. None where one half would be empty."""
    left, right = tidy(line.text[:at]), tidy(line.text[at:])
    if not left or not right:
        return None
    span = span_of(line)
    before: list[Word] = []
    after: list[Word] = []
    for word, (begin, end) in zip(line.words, word_places(line), strict=True):
        if end <= at:
            before.append(word)
        elif begin >= at:
            after.append(word)
        else:
            middle = word.start_ms + round((word.end_ms - word.start_ms) * (at - begin) / (end - begin))
            before.append(replace(word, end_ms=middle, text=line.text[begin:at].strip()))
            after.append(replace(word, start_ms=middle, text=line.text[at:end].strip()))
    share = at / max(1, len(line.text))
    guess = span.start_ms + round((span.end_ms - span.start_ms) * share)
    ends = min(max(span.start_ms, before[-1].end_ms if before else guess), span.end_ms)
    begins = min(max(ends, after[0].start_ms if after else ends), span.end_ms)
    return (
        replace(line, span=TimeSpan(span.start_ms, ends), text=left, words=tuple(before), id=0),
        replace(line, span=TimeSpan(begins, span.end_ms), text=right, words=tuple(after), id=0),
    )


def merge(lines: Sequence[Moment]) -> Moment:
    """Several lines as one, in the order of their times. Where only some know their words' times, the others' are guessed."""
    ordered = sorted(lines, key=span_of)
    text = ordered[0].text
    for line in ordered[1:]:
        text += ("" if _are_close(text[-1:], line.text[:1]) else " ") + line.text
    words: tuple[Word, ...] = ()
    if any(line.words for line in ordered):
        words = tuple(word for line in ordered for word in line.words or guessed_words(line))
    span = TimeSpan(span_of(ordered[0]).start_ms, max(span_of(line).end_ms for line in ordered))
    source = PERSON if any(line.source == PERSON for line in ordered) else ordered[0].source
    return replace(ordered[0], span=span, text=text, words=words, source=source, id=0)


def guessed_words(line: Moment) -> tuple[Word, ...]:
    """The line's words, each as long as its letters are many."""
    units = [(found.start(), found.end()) for found in _UNIT.finditer(line.text)]
    span = span_of(line)
    return tuple(_spread([line.text[begin:end] for begin, end in units], span.start_ms, span.end_ms))


def part_by_time(line: Moment, is_kept: Sequence[bool]) -> list[tuple[Moment, bool]]:
    """The line cut wherever `is_kept`, one for each word, changes: (part, whether it is kept)."""
    places = word_places(line)
    groups: list[list[int]] = []
    for number, kept in enumerate(is_kept):
        if groups and is_kept[groups[-1][0]] == kept:
            groups[-1].append(number)
        else:
            groups.append([number])
    span = span_of(line)
    parts: list[tuple[Moment, bool]] = []
    for at, group in enumerate(groups):
        begin = 0 if at == 0 else places[group[0]][0]
        end = len(line.text) if at == len(groups) - 1 else places[groups[at + 1][0]][0]
        words = tuple(line.words[number] for number in group)
        start_ms = span.start_ms if at == 0 else min(span.end_ms, max(span.start_ms, words[0].start_ms))
        end_ms = span.end_ms if at == len(groups) - 1 else min(span.end_ms, max(start_ms, words[-1].end_ms))
        part = replace(line, span=TimeSpan(start_ms, end_ms), text=tidy(line.text[begin:end]), words=words, id=0)
        parts.append((part, is_kept[group[0]]))
    return parts


def aligned(lines: Sequence[Moment], texts: Sequence[str]) -> list[tuple[int, int, tuple[Word, ...]]]:
    """For each of `texts`, when it is said in `lines`: (start_ms, end_ms, words). What a text without times is read in by."""
    timed = [word for line in lines for word in line.words or guessed_words(line)]
    old = [unit for word in timed for unit in _units_of(word)]
    spans = [[found.group() for found in _UNIT.finditer(text)] for text in texts]
    flat = [unit for units in spans for unit in units]
    bounds = (span_of(lines[0]).start_ms, max(span_of(line).end_ms for line in lines)) if lines else (0, 0)
    hung = _align(old, flat, *bounds)
    answer: list[tuple[int, int, tuple[Word, ...]]] = []
    at, last_ms = 0, bounds[0]
    for units in spans:
        words = tuple(word for word, _ in hung[at : at + len(units)])
        at += len(units)
        start_ms = words[0].start_ms if words else last_ms
        last_ms = max(start_ms, words[-1].end_ms) if words else last_ms
        answer.append((start_ms, last_ms, words))
    return answer


_Unit = tuple[str, Word, int]
"""The letters, their time and doubt, and how many units their word has."""


def _units_of(word: Word) -> list[_Unit]:
    found = [(unit.start(), unit.end()) for unit in _UNIT.finditer(word.text)]
    length, lasts = max(1, len(word.text)), word.end_ms - word.start_ms
    return [
        (
            word.text[begin:end],
            Word(
                word.start_ms + round(lasts * begin / length),
                word.start_ms + round(lasts * end / length),
                word.text[begin:end],
                word.probability,
            ),
            len(found),
        )
        for begin, end in found
    ]


def _hung_again(line: Moment, text: str) -> tuple[Word, ...]:
    """The words of `text` with their times: those outside of what was changed as they were, the others by what they replace."""
    old, places, span = line.text, word_places(line), span_of(line)
    most = min(len(old), len(text))
    same = next((n for n in range(most) if old[n] != text[n]), most)
    tail = next((n for n in range(most - same) if old[-1 - n] != text[-1 - n]), most - same)
    first, stop = 0, len(places)
    while first < stop and places[first][1] <= same and _is_break(old, text, places[first][1], same):
        first += 1
    grown = len(text) - len(old)
    while stop > first and places[stop - 1][0] >= len(old) - tail and _is_start(old, text, places[stop - 1][0], grown):
        stop -= 1
    begin = places[first - 1][1] if first else 0
    end = (places[stop][0] if stop < len(places) else len(old)) + grown
    start_ms = line.words[first - 1].end_ms if first else span.start_ms
    end_ms = line.words[stop].start_ms if stop < len(places) else span.end_ms
    units = [unit.group() for unit in _UNIT.finditer(text, begin, max(begin, end))]
    changed = [unit for word in line.words[first:stop] for unit in _units_of(word)]
    middle = [word for word, _ in _align(changed, units, start_ms, max(start_ms, end_ms))]
    return (*line.words[:first], *middle, *line.words[stop:])


def _is_break(old: str, text: str, at: int, same: int) -> bool:
    """Whether a word ends at `at` in both."""
    return at < same or all(
        at >= len(each) or not _UNIT.match(each, at) or _is_single(each, at) for each in (old, text)
    )


def _is_start(old: str, text: str, at: int, grown: int) -> bool:
    """Whether a word starts at `at` in both."""
    return all(
        place <= 0 or each[place - 1].isspace() or _is_single(each, place)
        for each, place in ((old, at), (text, at + grown))
    )


def _is_single(text: str, at: int) -> bool:
    """Whether a word may end or start here although there is no space: a script without spaces is on one side."""
    return has_unspaced(text[max(0, at - 1) : at]) or has_unspaced(text[at : at + 1])


def _are_close(before: str, after: str) -> bool:
    """Whether no space belongs between these two letters."""
    return has_unspaced(before + after) and not (before.isascii() and before.isalnum() and after.isalnum())


def _align(old: Sequence[_Unit], new: Sequence[str], start_ms: int, end_ms: int) -> list[tuple[Word, bool]]:
    """Each new unit with its time, and whether it was there before."""
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, [_bare(unit) for unit, _, _ in old], [_bare(unit) for unit in new], autojunk=False)
    hung: list[tuple[Word, bool]] = []
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal":
            hung += [(replace(old[i1 + n][1], text=new[j1 + n]), True) for n in range(j2 - j1)]
            continue
        before_ms = old[i1][1].start_ms if i2 > i1 else old[i1 - 1][1].end_ms if i1 else start_ms
        after_ms = old[i2 - 1][1].end_ms if i2 > i1 else old[i1][1].start_ms if i1 < len(old) else end_ms
        hung += [(word, False) for word in _spread(new[j1:j2], before_ms, max(before_ms, after_ms))]
    return hung


def _bare(unit: str) -> str:
    """What is compared: without case, and without the punctuation around it."""
    return _EDGES.sub("", fold(unit)) or unit


def _spread(units: Sequence[str], start_ms: int, end_ms: int) -> list[Word]:
    """Units over a time, each as long as its letters are many."""
    letters = sum(map(len, units)) or 1
    words: list[Word] = []
    at = 0
    for unit in units:
        begins = start_ms + round((end_ms - start_ms) * at / letters)
        at += len(unit)
        words.append(Word(begins, start_ms + round((end_ms - start_ms) * at / letters), unit, 1.0))
    return words


def _later(word: Word, by_ms: int) -> Word:
    return replace(word, start_ms=max(0, word.start_ms + by_ms), end_ms=max(0, word.end_ms + by_ms))


def _within(word: Word, span: TimeSpan) -> Word:
    start_ms = min(max(word.start_ms, span.start_ms), span.end_ms)
    return replace(word, start_ms=start_ms, end_ms=min(max(word.end_ms, start_ms), span.end_ms))
