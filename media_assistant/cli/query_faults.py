"""What in a query is not understood, on stderr with a mark under its very characters."""

from __future__ import annotations

from media_assistant.cli import standard_error
from media_assistant.cli.desk import Desk
from media_assistant.cli.wording import printable, width_of
from media_assistant.items.query import parse

_AROUND = 30
"""Characters of the query that are shown on each side of a fault."""


def complain(desk: Desk) -> frozenset[str]:
    """Say every fault of the query that was asked, each with the query's own words and a mark below. What was understood is
    still asked for, so the exit status is not touched. Gives what was said.
    """
    text = desk.asked.query
    query = parse(text)
    said = []
    for fault in (*query.faults, *query.remarks):
        said.append(desk.sentence(fault.says))
        lines = [said[-1], *marked(text, fault.start, fault.end)]
        standard_error.complain("\n".join(printable(line) for line in lines))
    return frozenset(said)


def marked(text: str, start: int, end: int) -> tuple[str, str]:
    """The stretch of a query around `[start, end)`, and a line with carets under it, as a terminal shows both."""
    begin, stop = max(0, start - _AROUND), min(len(text), max(end, start + 1) + _AROUND)
    shown = "".join(letter if letter.isprintable() else " " for letter in text[begin:stop])
    last = min(end, start + 2 * _AROUND)
    before = shown[: start - begin]
    under = shown[start - begin : last - begin]
    left, right = "…" if begin else "", "…" if stop < len(text) else ""
    return f"  {left}{shown}{right}", f"  {' ' * len(left)}{' ' * width_of(before)}{'^' * max(1, width_of(under))}"
