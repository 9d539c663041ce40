"""`similar`: what is like an item, a moment of it, a file, or several of them, and not like others."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media_assistant.cli import documents, wording
from media_assistant.cli.desk import Desk, Said, wait
from media_assistant.errors import UserFixable
from media_assistant.items.answers import Reason, Suggestion
from media_assistant.items.clock import clock
from media_assistant.items.examples import Example, Examples
from media_assistant.items.item import Item
from media_assistant.items.moment import Moment
from media_assistant.items.span import TimeSpan

if TYPE_CHECKING:
    from media_assistant.workflows.likeness.portraits import Portrait

Plain = dict[str, Any]
_Example = tuple[Example, Item | None]


def similar(desk: Desk) -> Said:
    """Items like these and not like those, with reasons."""
    started = time.monotonic()
    plus = [_example(desk, word) for word in desk.asked.items]
    minus = [_example(desk, word) for word in desk.asked.unlike]
    plus = [(replace(one, span=desk.asked.span), item) for one, item in plus]
    examples = Examples(tuple(one for one, _ in plus), tuple(one for one, _ in minus))

    def show(path: Path, done_ms: int, all_ms: int) -> None:
        name = wording.printable(path.name)
        desk.progress.show(desk.say("cli.looking_at", name=name), done_ms // 1000, all_ms // 1000)

    found = wait(desk.assistant.similarity.find(examples, desk.asked.limit or 20, progress=show))
    shown = [_shown(desk, one, item) for one, item in (*plus, *minus)] if found else []
    document = {
        "took_ms": round((time.monotonic() - started) * 1000, 2),
        "examples": [*(_example_document(one, "+") for one in plus), *(_example_document(one, "-") for one in minus)],
        "results": [_result(desk, suggestion, shown) for suggestion in found],
    }
    return Said(document, _lines(desk, document))


def _example(desk: Desk, word: str) -> _Example:
    """Raises UserFixable("cli.no_such_item") for what is neither an item nor a file."""
    from media_assistant.workflows.intake.importing import find_item

    item = find_item(desk.assistant.library, word)
    if item is not None:
        return Example(item.id), item
    if not os.path.isfile(word):
        raise UserFixable("cli.no_such_item", item=word)
    return Example(path=Path(word)), None


def _shown(desk: Desk, one: Example, item: Item | None) -> Item | Portrait:
    """By what the moments of an example are shown: a file outside is of its own kind and length, as it was just found."""
    return item or desk.assistant.similarity.portrait(Path(os.path.abspath(one.path or "")))


def _example_document(example: _Example, sign: str) -> Plain:
    one, item = example
    document: Plain = {"sign": sign, "id": item.id if item else None, "path": item.path if item else str(one.path)}
    if isinstance(one.span, TimeSpan):
        document |= {"start_ms": one.span.start_ms, "end_ms": one.span.end_ms}
    return document


def _result(desk: Desk, suggestion: Suggestion, examples: Sequence[Item | Portrait]) -> Plain:
    return {
        "item": documents.item_document(suggestion.item, desk.sentence),
        "score": round(suggestion.score, 4),
        "reasons": [_reason(desk, reason, suggestion.item, examples) for reason in suggestion.reasons],
    }


def _reason(desk: Desk, reason: Reason, item: Item, examples: Sequence[Item | Portrait]) -> Plain:
    return {
        "text": desk.sentence(reason.says),
        "weight": round(reason.weight, 4),
        "example": reason.example,
        "evidence": _moments(reason.evidence, examples[reason.example]),
        "theirs": _moments(reason.theirs, item),
    }


def _moments(moments: Iterable[Moment], item: Item | Portrait) -> list[Plain]:
    return [documents.moment_document(moment, item) for moment in moments]


def _lines(desk: Desk, document: Plain) -> list[str]:
    """Results with their reasons and the times on both sides."""
    if not document["results"]:
        return [desk.say("cli.nothing_similar")]
    lines = []
    for found in document["results"]:
        item = found["item"]
        lines.append(f"{item['id']:>5}  {wording.printable(item['title'])}  {wording.printable(item['path'])}")
        for reason in found["reasons"]:
            sign = "−" if reason["weight"] < 0 else " "
            which = f"[{reason['example'] + 1}] " if len(document["examples"]) > 1 else ""
            lines.append(f"{'':10}{sign} {which}{wording.printable(reason['text'])}{_times(reason)}")
    return lines


def _times(reason: Plain) -> str:
    pairs = [
        f"{clock(ours['start_ms'])} ↔ {clock(theirs['start_ms'])}"
        for ours, theirs in zip(reason["evidence"], reason["theirs"], strict=True)
        if ours.get("start_ms") is not None and theirs.get("start_ms") is not None
    ]
    return f"  ({', '.join(dict.fromkeys(pairs))})" if any(pair != "0:00 ↔ 0:00" for pair in pairs) else ""
