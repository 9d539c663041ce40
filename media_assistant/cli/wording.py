"""The documents of the command line as a person reads them on a terminal, in their language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from media_assistant import sentences
from media_assistant.items.clock import clock

Plain = dict[str, Any]
Say = Callable[..., str]

_SENSES = {"seen": "◆", "said": "❝", "heard": "♪", "written": "✎"}
_STATES = {"suggested": "?", "accepted": "✓", "rejected": "✕"}
_MOMENTS_SHOWN = 3
_WIDEST = 40
_JOINING = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
"""Of all that is invisible, what names are written with: families of emoji, Persian words."""


def duration(seconds: float) -> str:
    """As `clock`, for a time that is left."""
    return clock(round(seconds) * 1000)


def width_of(text: str) -> int:
    """Columns on a terminal: Chinese characters take two, marks and what joins letters none."""
    return sum(
        0 if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Mn")
        else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )  # fmt: skip


def printable(text: str) -> str:
    """Without what would break a line or turn it around: a file's name may hold anything."""
    return "".join(letter if _stays_in_line(letter) else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _stays_in_line(letter: str) -> bool:
    """Spaces of all widths do, full ones and those that hold words together."""
    category = unicodedata.category(letter)
    return letter in _JOINING or (category[0] != "C" and category not in ("Zl", "Zp"))


def columns(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Lined up, though one very long name does not push all others away; the last column is left as long as it is."""
    table = [tuple(row) for row in rows]
    if not table:
        return []
    widths = [min(_WIDEST, max(width_of(row[at]) for row in table)) for at in range(len(table[0]))]
    return [
        "  ".join(
            cell + " " * (width - width_of(cell)) if at < len(row) - 1 else cell
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    ]


def items_lines(items: list[Plain], say: Say) -> list[str]:
    """One item a line."""
    if not items:
        return [say("cli.no_items")]
    return columns(
        (
            str(item["id"]),
            say(f"cli.kind.{item['kind']}"),
            clock(item["duration_ms"]) if item["duration_ms"] else "",
            printable(item["title"]),
            printable(item["path"]) + (f"  ({say('cli.missing')})" if item["missing"] else ""),
        )
        for item in items
    )


def moment_line(moment: Plain, language: str) -> str:
    """Where, by which sense, what."""
    if "page" in moment:
        where = sentences.say(language, "ui.page", page=moment["page"]) if moment["page"] else ""
    else:
        where = clock(moment["start_ms"]) if moment["end_ms"] else ""
    # A stretch that fits by its meaning alone has no name; its place is what there is to say.
    words = " ".join(moment["text"].split()) or _name(moment, language) or "…"
    return f"{' ' * (8 - width_of(where))}{where}  {_SENSES[moment['sense']]} {printable(words)}"


def search_lines(document: Plain, say: Say, language: str) -> list[str]:
    """Results with their best moments."""
    lines: list[str] = list(document.get("hints", ()))
    if not document["results"]:
        return [*lines, say("cli.nothing_found")]
    for hit in document["results"]:
        item = hit["item"]
        lines.append(f"{item['id']:>5}  {printable(item['title'])}  {printable(item['path'])}")
        lines += [f"     {moment_line(moment, language)}" for moment in hit["moments"][:_MOMENTS_SHOWN]]
        if len(hit["moments"]) > _MOMENTS_SHOWN:
            lines.append(" " * 15 + say("cli.more_moments", count=len(hit["moments"]) - _MOMENTS_SHOWN))
    if fitting := document["more_fitting"]:
        lines.append(say("cli.more_fitting", count=fitting))
    if below := document["more_below_cut"] - fitting:
        lines.append(say("cli.below_cut", count=below))
    return lines


def details_lines(document: Plain, say: Say, language: str) -> list[str]:
    """Everything known of one item, in short."""
    length = f"  {clock(document['duration_ms'])}" if document["duration_ms"] else ""
    lines = [
        f"{document['id']}  {say('cli.kind.' + document['kind'])}{length}  {printable(document['title'])}",
        printable(document["path"]) + (f"  ({say('cli.missing')})" if document["missing"] else ""),
    ]
    if captured := document.get("captured"):
        source = say(f"cli.captured.{captured['source']}")
        lines.append(say("cli.captured.at", at=captured["at"].replace("T", " "), source=source))
    if document.get("error"):
        lines.append("! " + document["error"])
    if document["tags"]:
        lines += ["", say("cli.heading.tags")]
        lines += [f"  {_STATES[tag['state']]} {printable(_name(tag, language))}" for tag in document["tags"]]
    shown = {name: value for name, value in document["traits"].items() if isinstance(value, str | int | float)}
    if shown:
        lines += ["", say("cli.heading.traits")]
        lines += [f"  {_trait(name, value, language)}" for name, value in sorted(shown.items())]
    if document["shots"]:
        lines += ["", say("cli.heading.shots", count=len(document["shots"]))]
    if document["moments"]:
        lines += ["", say("cli.heading.moments")]
        lines += [moment_line(moment, language) for moment in document["moments"]]
    if document["analyses"]:
        lines += ["", say("cli.heading.analyses")]
        lines += columns(
            (
                "  " + sentences.say_name(language, "analyser", analysis["analyser"]),
                say(f"cli.state.{analysis['state']}"),
                analysis["model"],
                analysis["error"] or "",
            )
            for analysis in document["analyses"]
        )
    return [line.rstrip() for line in lines]


def import_lines(document: Plain, say: Say) -> list[str]:
    """What became of the files, the unhappy ones with their reasons."""
    lines = [say("cli.imported", count=len(document["added"]))]
    if document["known"]:
        lines.append(say("cli.known", count=document["known"]))
    if document["moved"]:
        lines.append(say("cli.moved", count=document["moved"]))
    analyses = document["analyses"]
    if analyses["done"] or analyses["failed"]:
        lines.append(say("cli.analysed", count=analyses["done"]))
    if analyses["failed"]:
        lines.append(say("cli.analyses_failed", count=analyses["failed"]))
    if document["ignored"]:
        lines.append(say("cli.ignored", count=len(document["ignored"])))
    lines += [f"! {printable(each['path'])}: {each['reason']}" for each in document["failed"]]
    return lines


def models_lines(states: list[Plain], say: Say, language: str) -> list[str]:
    """One model a line."""
    return columns(
        (
            state["id"],
            say(f"cli.model.{state['state']}"),
            f"{state['size_bytes'] / 1e6:.0f} MB" if state["size_bytes"] else "",
            state["licence"],
            state["why"] or sentences.say_name(language, "task", state["task"]),
        )
        for state in states
    )


def advice_lines(models: list[Plain], say: Say) -> list[str]:
    """Task by task: the sentence, then each model with what it would take."""
    from media_assistant.workflows.models.advising import duration as span

    lines: list[str] = []
    for task in dict.fromkeys(model["task"] for model in models if "took_s" in model):
        mine = [model for model in models if model["task"] == task and "took_s" in model]
        why = next((model["why"] for model in mine if model["recommended"]), "")
        lines += ["", f"{say('task.' + task)}: {why}"]
        lines += columns(
            (
                "  →" if model["recommended"] else "   ",
                model["id"],
                say(f"cli.model.{model['state']}"),
                f"{model['size_bytes'] / 1e6:.0f} MB" if model["size_bytes"] else "",
                "" if model["took_s"] is None else span(model["took_s"], say),
                say("cli.derived") if model["derived"] else "",
            )
            for model in mine
        )
    return [line.rstrip() for line in lines[1:]]


def jobs_lines(document: Plain, say: Say, language: str) -> list[str]:
    """How many are in which state, and what failed."""
    lines = [say("cli.paused")] if document["paused"] else []
    lines += columns((say(f"cli.state.{state}"), str(count)) for state, count in document["counts"].items() if count)
    lines += [
        f"! {printable(job['title'])}: {sentences.say_name(language, 'analyser', job['analyser'])}: {job['error']}"
        for job in document["jobs"]
        if job["error"]
    ]
    return lines or [say("cli.no_jobs")]


def _name(document: Plain, language: str) -> str:
    names = document.get("names") or {}
    return (names.get("zh") if language.startswith("zh") else None) or names.get("en") or document.get("label") or ""


def _trait(name: str, value: str | float, language: str) -> str:
    """As the window says it, a language by its code."""
    told = sentences.say_name(language, "trait", name)
    if name == "key":
        return f"{told}  {sentences.say_key(language, str(value))}"
    unit = f"ui.unit.{name.rpartition('_')[2]}"
    says_unit = unit in sentences.load_sentences(language)
    return f"{told}  {sentences.say(language, unit, value=_number(value)) if says_unit else _number(value)}"


def _number(value: str | float) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
