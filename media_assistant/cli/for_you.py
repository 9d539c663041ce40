"""The verb `for-you`: the rows of suggestions with their reasons, or the person's word on an item."""

from __future__ import annotations

from typing import Any

from media_assistant.cli import documents, wording
from media_assistant.cli.desk import Desk, Said, wait
from media_assistant.errors import UserFixable
from media_assistant.items.for_you import OfferRow
from media_assistant.items.slate import Liking

Plain = dict[str, Any]
WORDS = {str(word).replace("_", "-"): word for word in Liking}


def for_you(desk: Desk) -> Said:
    """List the rows, or say `like`, `not-now`, `never` or `not-because` of an item."""
    if desk.asked.word:
        return _say(desk)
    page = wait(desk.assistant.suggestions.page())
    limit = desk.asked.limit
    document = {
        "cold": page.is_cold,
        "recording": page.is_recording,
        "slate": page.slate_id,
        "wishes": page.wishes.plain(),
        "took_ms": page.took_ms,
        "rows": [_row(desk, row, limit) for row in page.rows],
    }
    return Said(document, _lines(desk, document))


def _say(desk: Desk) -> Said:
    from media_assistant.workflows.intake.importing import find_item

    item = find_item(desk.assistant.library, desk.asked.item)
    if item is None:
        raise UserFixable("cli.no_such_item", item=desk.asked.item)
    word = WORDS[desk.asked.word]
    wait(desk.assistant.suggestions.say([item.id], word))
    return Said({"item": item.id, "word": str(word)}, [desk.say(f"ui.foryou.said.{word}")])


def _row(desk: Desk, row: OfferRow, limit: int | None) -> Plain:
    return {
        "name": row.name,
        "title": desk.sentence(row.says),
        "offers": [
            {
                "item": documents.item_document(offer.item, desk.sentence),
                "why": desk.sentence(offer.says),
                "because": offer.because_id or None,
                "at_ms": offer.at_ms if offer.at_ms >= 0 else None,
            }
            for offer in row.offers[:limit]
        ],
    }


def _lines(desk: Desk, document: Plain) -> list[str]:
    if not document["rows"]:
        return [desk.say("cli.for_you_nothing")]
    lines = [desk.say("cli.for_you_cold")] if document["cold"] else []
    for row in document["rows"]:
        lines.append(wording.printable(row["title"]))
        lines += [
            f"{each['item']['id']:>5}  {wording.printable(each['item']['title'])}  · {wording.printable(each['why'])}"
            for each in row["offers"]
        ]
    return lines
