"""The verbs: each calls one workflow and gives a document, and the lines that a person reads instead of it.

To add a verb: a function here, its arguments in `arguments.py`, a line in `VERBS`, a test that runs the program.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from media_assistant.cli import (
    alike,
    documents,
    duplicates,
    for_you,
    going_back,
    missing,
    mix,
    open_export,
    past,
    query_faults,
    teach,
    training,
    upkeep,
    wording,
)
from media_assistant.cli.desk import Desk, Said, Verb, wait
from media_assistant.cli.standard_error import complain
from media_assistant.errors import UserFixable, why_of
from media_assistant.items.answers import QueueProgress
from media_assistant.items.item import Item
from media_assistant.items.transcript import FORMATS, can_be_written

if TYPE_CHECKING:
    from media_assistant.workflows.intake.importing import ImportProgress


def import_files(desk: Desk) -> Said:
    """Files, folders and playlists in; waits for their analysis unless told not to."""
    started = time.monotonic()

    def show(progress: ImportProgress) -> None:
        desk.progress.show(desk.say("cli.importing", name=wording.printable(Path(progress.path).name)), 0, 0)

    before = desk.assistant.progress()
    report = wait(
        desk.assistant.import_paths(desk.asked.paths, analyse=not desk.asked.no_analyse, progress=show),
    )
    after = desk.assistant.progress() if desk.asked.no_analyse else _work_off(desk)
    done, failed = _ended_since(before, after)
    items = desk.assistant.library.items(report.added)
    document = documents.import_document(report, items, done, failed, time.monotonic() - started, desk.sentence)
    if not desk.asked.no_analyse:
        _say_left(desk, after)
    return Said({**document, **_left(after)}, wording.import_lines(document, desk.say))


def analyse(desk: Desk) -> Said:
    """Queue what is lacking, or anew with `--redo`, and work the queue off."""
    started = time.monotonic()
    item_ids = [_find(desk, word).id for word in desk.asked.items] or None
    before = desk.assistant.progress()
    only = tuple(name for name in desk.asked.only.split(",") if name) if desk.asked.only else ()
    wait(desk.assistant.analyse(item_ids, only, redo=desk.asked.redo))
    after = _work_off(desk)
    done, failed = _ended_since(before, after)
    counts = {"done": done, "failed": failed}
    document = {"analyses": counts, "took_s": round(time.monotonic() - started, 3), **_left(after)}
    lines = [desk.say("cli.analysed", count=counts["done"])]
    if counts["failed"]:
        lines.append(desk.say("cli.analyses_failed", count=counts["failed"]))
    _say_left(desk, after)
    return Said(document, lines)


def list_items(desk: Desk) -> Said:
    """Items, all or those that a query finds."""
    library = desk.assistant.library
    if desk.asked.query:
        query_faults.complain(desk)
        found = wait(desk.assistant.search(desk.asked.query, desk.asked.limit or 100_000, is_half_typed=False))
        items: list[Item] = [hit.item for hit in found.hits]
    else:
        ids = [int(item_id) for item_id in library.item_ids()]
        items = list(library.items(ids[: desk.asked.limit] if desk.asked.limit else ids))
    document = {"items": [documents.item_document(item, desk.sentence) for item in items]}
    return Said(document, wording.items_lines(document["items"], desk.say))


def show(desk: Desk) -> Said:
    """Everything known of one item."""
    details = desk.assistant.library.details(_find(desk, desk.asked.item).id)
    document = documents.details_document(details, desk.sentence)
    return Said(document, wording.details_lines(document, desk.say, desk.language))


def search(desk: Desk) -> Said:
    """Moments, best first; with `--all` also what lies below the cut."""
    said = query_faults.complain(desk)
    asked = desk.asked
    limit = asked.limit or (100_000 if asked.all else 20)
    answer = wait(desk.assistant.search(asked.query, limit, is_half_typed=False, shows_all=asked.all))
    document = documents.search_document(answer, desk.sentence)
    hints = [hint for hint in document.get("hints", ()) if hint not in said]
    return Said(document, wording.search_lines({**document, "hints": hints}, desk.say, desk.language))


def transcribe(desk: Desk) -> Said:
    """What is said in a file, in the library or not."""
    asked = desk.asked
    item = _find_or_none(desk, asked.path)
    path = Path(item.path) if item is not None else _existing(asked.path)
    # What is wrong with the wish is said before the long work, not after it.
    to = asked.to or (asked.output.suffix[1:].lower() if asked.output else "") or "txt"
    if to not in FORMATS:
        raise UserFixable("workflows.unknown_format", format=to)
    if asked.output:
        _spare_originals(desk, path, asked.output)
        if item is not None:
            _spare_subtitles(desk, _places(item), asked.output)

    def show_progress(done_ms: int, total_ms: int) -> None:
        desk.progress.show(
            desk.say("cli.transcribing", name=wording.printable(path.name)), done_ms // 1000, total_ms // 1000
        )

    lines = wait(
        desk.assistant.transcribe(
            path, item.id if item else None, language=asked.language, model=asked.model, progress=show_progress
        )
    )
    if not can_be_written(lines, to):
        raise UserFixable("workflows.no_times")
    document = documents.transcript_document(lines) or {"language": asked.language, "segments": []}
    text = desk.assistant.format_transcript(lines, to)
    if asked.output:
        try:
            if item is None:
                # Nobody remembers what was written beside a film that is in no library: the same again is no loss.
                _spare_subtitles(desk, (path,), asked.output, unless=text)
            _write(text, asked.output)
        except UserFixable as fault:
            # Nobody wants to listen again for what came of it.
            why = desk.say(f"error.{fault.code}", **fault.parameters)
            return Said({**document, "error": {"code": fault.code, "message": why}}, [text.rstrip("\n")], complaint=why)
        if item is not None:
            from media_assistant.workflows.transcripts.saving_transcripts import remember_saved

            remember_saved(desk.assistant.library, item.id, asked.output, lines)
        return Said(document, [desk.say("cli.written", file=str(asked.output))])
    return Said(document, [text.rstrip("\n")])


def tag(desk: Desk) -> Said:
    """The person's word on a tag of one or several items. To add one may make it; every other word is on one that is there."""
    from media_assistant.items.tag import TagState
    from media_assistant.workflows.tags import tagging

    items = [_find(desk, word) for word in desk.asked.items]
    ids, name, assistant = [item.id for item in items], desk.asked.tag, desk.assistant
    if desk.asked.what == "add":
        changes = wait(assistant.add_tag(ids, name))
    else:
        concept = tagging.find(assistant.library, name, ids)
        if concept is None:
            raise UserFixable("cli.no_such_tag", name=name)
        match desk.asked.what:
            case "remove":
                changes = wait(assistant.remove_tag(ids, concept))
            case "accept":
                changes = wait(assistant.decide_tag(ids, concept, TagState.ACCEPTED))
            case _:
                changes = wait(assistant.decide_tag(ids, concept, TagState.REJECTED))
    found = []
    for item in items:
        details = assistant.library.details(item.id)
        tags = [documents.tag_document(each, item) for each in details.tags]
        found.append({"item": documents.item_document(item, desk.sentence), "tags": tags})
    code = f"cli.tag.{desk.asked.what}" if changes.moments else "cli.tag_unchanged"
    return Said({"items": found}, [desk.say(code, count=len(changes.moments), name=name)])


def jobs(desk: Desk) -> Said:
    """The queue: look at it, stop it, let it go on, try again."""
    assistant = desk.assistant
    match desk.asked.what:
        case "pause":
            wait(assistant.pause())
        case "resume":
            wait(assistant.resume())
        case "retry":
            wait(assistant.retry([_find(desk, word).id for word in desk.asked.items] or None))
        case _:
            pass
    counts = assistant.library.job_counts()
    rows = assistant.jobs()
    items = {item.id: item for item in assistant.library.items({row.item_id for row in rows})}
    document = {
        "paused": assistant.library.is_paused(),
        "counts": {name: getattr(counts, name) for name in ("waiting", "running", "done", "failed", "cancelled")},
        "jobs": [
            {
                "item": row.item_id,
                "title": items[row.item_id].title if row.item_id in items else "",
                "attempts": row.attempts,
                **documents.analysis_document(row, desk.sentence),
            }
            for row in rows
        ],
    }
    return Said(document, wording.jobs_lines(document, desk.say, desk.language))


def models(desk: Desk) -> Said:
    """The models that are here or could be; advise, install, remove, verify."""
    assistant, asked = desk.assistant, desk.asked
    if asked.what == "advise":
        return _advise(desk)

    def show_copied(done: int, total: int) -> None:
        name = Path(asked.ids[0]).name
        desk.progress.show(desk.say("cli.copying", name=name), done // 1_000_000, -(-total // 1_000_000))

    match asked.what:
        case "install" if os.path.exists(asked.ids[0]):
            states = wait(assistant.import_model_folder(Path(asked.ids[0]).absolute(), show_copied))
        case "install":

            def show_bytes(done: int, total: int) -> None:
                desk.progress.show(
                    desk.say("cli.downloading", model=asked.ids[0]), done // 1_000_000, total // 1_000_000
                )

            states = wait(assistant.download_model(asked.ids[0], show_bytes))
        case "remove":
            states = wait(assistant.remove_model(asked.ids[0]))
        case "verify":
            states = wait(assistant.verify_models(asked.ids))
        case _:
            states = wait(assistant.model_states())
    document = [documents.model_document(state, desk.sentence) for state in states]
    return Said(document, wording.models_lines(document, desk.say, desk.language))


def _advise(desk: Desk) -> Said:
    """What suits this computer and this library; measures first where that was never done, or with `--measure`."""
    book = wait(desk.assistant.model_book())
    if desk.asked.measure or not book.machine.is_measured:

        def show_share(share: float, task: str) -> None:
            text = desk.say("cli.measuring", task=task) if task else desk.say("cli.measuring_begins")
            desk.progress.show(text, round(100 * share), 100)

        wait(desk.assistant.measure_models(show_share, budget_s=desk.asked.seconds))
        book = wait(desk.assistant.model_book())
    document = documents.advice_document(book, desk.sentence, desk.say)
    return Said(document, wording.advice_lines(document, desk.say))


# `missing`, `duplicates` and `check` write down what they see, or ask the index of words in a transaction: they have the
# library for themselves where nobody else has, and see less beside a program that does.
VERBS: dict[str, Verb] = {
    "import": Verb(import_files, writes=True, works=True),
    "analyse": Verb(analyse, writes=True, works=True),
    "list": Verb(list_items, reads=True),
    "show": Verb(show, reads=True),
    "search": Verb(search, reads=True),
    "similar": Verb(alike.similar, reads=True),
    "transcribe": Verb(transcribe, reads=True),
    "tag": Verb(tag, writes=True),
    "jobs": Verb(jobs, writes=lambda asked: asked.what == "retry", reads=True),
    "models": Verb(models, writes=lambda asked: asked.what in ("install", "remove"), reads=True),
    "export": Verb(open_export.export, reads=True),
    "history": Verb(going_back.history, reads=True),
    "forget": Verb(past.forget, writes=True),
    "undo": Verb(going_back.undo, writes=True),
    "redo": Verb(going_back.redo, writes=True),
    "missing": Verb(missing.missing, writes=lambda asked: asked.yes or asked.what in ("gone", "remove")),
    "duplicates": Verb(duplicates.duplicates, writes=lambda asked: asked.what != "list"),
    "train": Verb(training.train, writes=True, works=True),
    "teach": Verb(teach.teach, writes=True),
    "for-you": Verb(for_you.for_you, writes=True),
    "mix": Verb(mix.mix, reads=True),
    "groups": Verb(mix.groups, reads=True),
    "backup": Verb(upkeep.back_up, reads=True),
    "check": Verb(upkeep.check, writes=lambda asked: asked.repair),
}


def _work_off(desk: Desk) -> QueueProgress:
    """Until nothing waits or runs any more."""

    def draw(progress: QueueProgress) -> None:
        name = progress.running[0] if progress.running else ""
        stage = desk.say(f"cli.analyser.{progress.stage}") if progress.stage else ""
        text = f"{stage}: {wording.printable(name)}" if stage and name else desk.say("cli.working")
        desk.progress.show(text, progress.done, progress.total, progress.left_s)

    stop = desk.assistant.on_progress(draw)
    try:
        return wait(desk.assistant.when_idle())
    finally:
        stop()


def _ended_since(before: QueueProgress, after: QueueProgress) -> tuple[int, int]:
    """How many analyses were done, and how many failed, however often the queue had nothing left in between."""
    return after.done_in_all - before.done_in_all, after.failed_in_all - before.failed_in_all


def _left(after: QueueProgress) -> documents.Plain:
    """What was not done, and whether that is because it is paused. What a person holds back waits for that person alone."""
    return {"paused": after.is_paused, "waiting": after.total - after.done - after.failed, "held": after.held}


def _say_left(desk: Desk, after: QueueProgress) -> None:
    """Why not all was done, if that is why; also to who reads the document."""
    left = _left(after)
    desk.progress.clear()
    if left["paused"] and left["waiting"]:
        complain(desk.say("cli.paused_waiting", count=left["waiting"]))
    if left["held"]:
        complain(desk.say("cli.held_waiting", count=left["held"]))


def _find(desk: Desk, word: str) -> Item:
    """An item by its id or its path. Raises UserFixable("cli.no_such_item")."""
    item = _find_or_none(desk, word)
    if item is None:
        raise UserFixable("cli.no_such_item", item=word)
    return item


def _find_or_none(desk: Desk, word: str) -> Item | None:
    from media_assistant.workflows.intake.importing import find_item

    return find_item(desk.assistant.library, word)


def _spare_originals(desk: Desk, original: Path, output: Path) -> None:
    """Raises UserFixable("cli.is_original") for a file that the person gave us to read."""
    from media_assistant.workflows.originals import is_original

    try:
        is_same = output.samefile(original)
    except OSError:
        is_same = False  # one of the two is not there
    if is_same or is_original(desk.assistant.library, output):
        raise UserFixable("cli.is_original", file=str(output))


def _places(item: Item) -> tuple[Path, ...]:
    """Where the item's file lies: a person may have subtitles beside each of its copies."""
    return (Path(item.path), *map(Path, item.copies))


def _spare_subtitles(desk: Desk, films: Iterable[Path], output: Path, *, unless: str | None = None) -> None:
    """Raises UserFixable("cli.is_subtitle") for what the person wrote, or had from elsewhere, of what is said in a film
    that lies at these places; `unless` it is this very text.
    """
    from media_assistant.workflows.transcripts.saving_transcripts import is_their_subtitle

    if any(is_their_subtitle(desk.assistant.library, film, output) for film in films):
        with contextlib.suppress(OSError):
            if unless is not None and output.read_bytes() == unless.encode("utf-8", "replace"):
                return
        raise UserFixable("cli.is_subtitle", file=str(output))


def _write(text: str, output: Path) -> None:
    """Whole or not at all. Raises UserFixable("cli.not_written")."""
    from media_assistant.whole_files import write_whole

    try:
        write_whole(output, text.encode("utf-8", "replace"))
    except OSError as error:
        raise UserFixable("cli.not_written", file=str(output), why=why_of(error)) from error


def _existing(word: str) -> Path:
    if not os.path.isfile(word):
        raise UserFixable("cli.no_such_item", item=word)
    return Path(word)
