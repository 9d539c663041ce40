"""The verb `teach`: examples of a tag, what is proposed by what was learnt of them, and its versions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from media_assistant.cli.desk import Desk, Said, wait
from media_assistant.cli.documents import item_document, moment_document
from media_assistant.cli.wording import printable
from media_assistant.errors import UserFixable
from media_assistant.items.clock import parse_exact
from media_assistant.items.concept import Concept
from media_assistant.items.span import WHOLE, Span, TimeSpan
from media_assistant.items.teaching import Lesson, TaughtExample
from media_assistant.items.which_way import WhichWay
from media_assistant.workflows.tags import tagging

Plain = dict[str, Any]

_SHOWN = 20
_MOMENT = re.compile(r"(?P<item>.+)@(?P<start>[0-9:.]+)(?:-(?P<end>[0-9:.]+))?")


def teach(desk: Desk) -> Said:
    """Take examples, go to another version or forget; then say what is known and proposed."""
    asked, teaching = desk.asked, desk.assistant.teaching
    examples = [*_examples(desk, asked.like), *_examples(desk, asked.unlike, is_counter=True)]
    if examples:
        wait(teaching.teach(asked.tag, examples))
    concept = _concept(desk, asked.tag)
    if asked.forget:
        wait(teaching.forget(concept.id))
    elif asked.version is not None:
        if asked.version not in {each.number for each in desk.assistant.library.taught_versions(concept.id)}:
            raise UserFixable("teach.no_such_version", number=asked.version)
        wait(teaching.use_version(concept.id, asked.version))
    elif not desk.assistant.library.is_read_only:
        wait(teaching.settle())
    lesson = teaching.lesson(concept.id)
    limit = desk.asked.limit or _SHOWN
    chances = desk.assistant.library.taught_chances(concept.id) if lesson.is_taught else {}
    decided = desk.assistant.library.decided_on(concept.id)
    best = sorted((item for item in chances if item not in decided), key=lambda item: (-chances[item], item))
    document = _document(desk, lesson, best[:limit], chances)
    lines = _lines(desk, lesson, document)
    if lesson.is_taught:
        found = ask_which_way(desk, concept.id)
        document["which_way"] = which_way_document(desk, found)
        lines += which_way_lines(desk, found)
    return Said(document, lines)


def ask_which_way(desk: Desk, concept_id: str) -> WhichWay:
    """What was measured of the ways to learn a tag."""
    from media_assistant.workflows.teaching.which_way import which_way

    assistant = desk.assistant
    return which_way(assistant.library, assistant.teaching, assistant.training, concept_id)


def which_way_document(desk: Desk, found: WhichWay) -> Plain:
    """For `--json`."""
    return {
        "ways": [asdict(way) for way in found.ways],
        "tried_from": dict(found.untried),
        "network": asdict(found.network),
        "network_right": found.trained[0] if found.trained else None,
        "advised": found.advised,
        "why": desk.sentence(found.why),
    }


def which_way_lines(desk: Desk, found: WhichWay) -> list[str]:
    """What is advised, and under it all that it is advised by."""
    from media_assistant.workflows.teaching.which_way import say_ways

    advised = desk.say(f"teach.advised.{found.advised or 'nothing'}", why=desk.sentence(found.why))
    return [advised, *(f"  {desk.sentence(line)}" for line in say_ways(found))]


def _document(desk: Desk, lesson: Lesson, best: Sequence[int], chances: dict[int, float]) -> Plain:
    library, expected = desk.assistant.library, lesson.expectation
    proposals = []
    for item in library.items(best):
        moments = library.evidence(item.id, lesson.concept.id, 3)
        proposals.append(
            {
                "item": item_document(item, desk.sentence),
                "chance": round(chances[item.id], 3),
                "moments": [moment_document(each, item) for each in moments if each.source.analyser == "taught"],
            }
        )
    current = next((each for each in lesson.versions if each.is_current), None)
    return {
        "tag": lesson.concept.en,
        "names": {"en": lesson.concept.en, "zh": lesson.concept.zh},
        "taught": lesson.is_taught,
        "examples": [each.item_id for each in lesson.examples if not each.is_counter],
        "counter_examples": [each.item_id for each in lesson.examples if each.is_counter],
        "not_analysed": list(lesson.unknown),
        "version": current.number if current else None,
        "versions": [
            {"number": each.number, "at": each.made_at, "forms": each.report.get("forms")} for each in lesson.versions
        ],
        "expected": {
            "proposals": expected.proposals,
            "right_of_ten": expected.right,
            "low": expected.low,
            "high": expected.high,
            "looked_at": expected.looked_at,
            "kept": expected.kept,
            "is_guess": expected.is_guess,
        },
        "advice": desk.say(lesson.advice) if lesson.advice else "",
        "sampled": [desk.sentence(each) for each in lesson.sampled],
        "proposals": proposals,
        "ask": [each.item_id for each in desk.assistant.teaching.questions(lesson.concept.id)]
        if lesson.is_taught
        else [],
    }


def _lines(desk: Desk, lesson: Lesson, document: Plain) -> list[str]:
    if not lesson.is_taught:
        return [desk.say("cli.teach.not_taught", name=lesson.concept.name(desk.language))]
    lines = [
        desk.say(
            "cli.teach.examples",
            name=lesson.concept.name(desk.language),
            plus=len(document["examples"]),
            minus=len(document["counter_examples"]),
        ),
        say_expectation(desk.say, lesson),
    ]
    lines += document["sampled"]
    if document["advice"]:
        lines.append(document["advice"])
    return lines + [
        f"{round(100 * each['chance']):>4}%  {each['item']['id']:>6}  {printable(each['item']['path'])}"
        for each in document["proposals"]
    ]


def say_expectation(say: Any, lesson: Lesson) -> str:
    """What is honestly to be expected, in words."""
    expected = lesson.expectation
    if not expected.proposals:
        return str(say("teach.expect.nothing"))
    right = f"{expected.right:.0f}"
    if expected.is_guess:
        return str(say("teach.expect.guess", count=expected.proposals, right=right))
    low, high = f"{expected.low:.0f}", f"{expected.high:.0f}"
    said = say("teach.expect.measured", count=expected.proposals, right=right, low=low, high=high)
    if expected.looked_at:
        said += say("ui.sentence_separator") + say("teach.expect.kept", count=expected.looked_at, kept=expected.kept)
    return str(said)


def _concept(desk: Desk, name: str) -> Concept:
    concept = tagging.find_known(desk.assistant.library, name)
    if concept is None:
        raise UserFixable("cli.no_such_tag", name=name)
    return concept


def _examples(desk: Desk, words: Sequence[str], *, is_counter: bool = False) -> list[TaughtExample]:
    from media_assistant.workflows.intake.importing import find_item

    found = []
    for word in words:
        span: Span = WHOLE
        item = find_item(desk.assistant.library, word)
        if item is None and (parts := _MOMENT.fullmatch(word)) is not None:
            item, span = find_item(desk.assistant.library, parts["item"]), _span(parts["start"], parts["end"])
        if item is None:
            raise UserFixable("cli.no_such_item", item=word)
        found.append(TaughtExample(item.id, span, is_counter))
    return found


def _span(start: str, end: str | None) -> Span:
    start_ms = parse_exact(start)
    end_ms = start_ms if end is None else parse_exact(end)
    if start_ms is None or end_ms is None or end_ms < start_ms:
        raise UserFixable("teach.no_such_moment", moment=f"{start}-{end}")
    return TimeSpan(start_ms, end_ms)
