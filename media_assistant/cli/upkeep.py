"""The verbs that keep a library well: `backup`, `restore` and `check`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media_assistant.cli.desk import Desk, Said, wait
from media_assistant.cli.progress import ProgressLine
from media_assistant.cli.wording import printable

if TYPE_CHECKING:
    from media_assistant.library.backup import Backup
    from media_assistant.library.lean_copy import Progress
    from media_assistant.paths import Paths
    from media_assistant.workflows.keeping.checking import Checked

Plain = dict[str, Any]
Say = Callable[..., str]


def back_up(desk: Desk) -> Said:
    """A checked copy of the library as it is now; also while another program has it open."""
    made = wait(desk.assistant.backups.make(_shown(desk.progress, desk.say, "cli.backing_up")))
    return Said({"backup": backup_document(made)}, [desk.say("cli.backed_up", file=printable(str(made.file)))])


def restore(paths: Paths, path: Path, progress: ProgressLine, say: Say) -> Said:
    """A backup in the place of the library, which nobody may have open."""
    from media_assistant.workflows.keeping.restoring import restore_backup

    done = restore_backup(paths, Path(os.path.expanduser(path)).absolute(), _shown(progress, say, "cli.restoring"))
    document = {
        "restored": backup_document(done.backup),
        "restore_point": backup_document(done.restore_point) if done.restore_point else None,
    }
    lines = [say("cli.restored", file=printable(str(path)))]
    if done.restore_point is not None:
        code = "cli.damaged_kept" if done.is_damaged else "cli.restore_point"
        lines.append(say(code, file=printable(str(done.restore_point.file))))
    return Said(document, lines)


def check(desk: Desk) -> Said:
    """Whether everything fits together; with `--repair` what can be is made again, after a backup."""
    from media_assistant.workflows.keeping.checking import problem_sentence, repair_sentence

    desk.progress.show(desk.say("cli.checking"))
    backups = desk.assistant.backups
    found = wait(backups.repair() if desk.asked.repair else backups.look())
    if found.needs_rewriting and found.backup is not None:
        found = _rewrite(desk, found, found.backup)
    mended = [
        {"code": code, "count": count, "text": desk.sentence(problem_sentence(code, count))}
        for code, count in found.repaired
    ]
    left = [
        {
            "code": code,
            "count": count,
            "text": desk.sentence(problem_sentence(code, count)),
            "repair": desk.sentence(repair_sentence(code)),
            "can_be_repaired": mends,
        }
        for code, count, mends in found.found
    ]
    document: Plain = {
        "ok": found.is_whole,
        "problems": left,
        "repaired": mended,
        "backup": backup_document(found.backup) if found.backup else None,
    }
    lines = [desk.say("cli.mended", text=each["text"]) for each in mended]
    lines += [desk.say("ui.check.problem", what=each["text"], then=each["repair"]) for each in left]
    if found.is_whole:
        return Said(document, [*lines, desk.say("cli.whole")])
    code = "cli.can_be_repaired" if found.can_be_repaired else "cli.cannot_be_repaired"
    return Said(document, lines, desk.say(code))


def _rewrite(desk: Desk, found: Checked, made: Backup) -> Checked:
    """The backup in the place of a library of which only what can be made again is damaged."""
    from media_assistant.library.library import Library
    from media_assistant.workflows.keeping.checking import Checked, LibraryCheck
    from media_assistant.workflows.keeping.restoring import restore_backup

    paths = desk.assistant.paths
    desk.assistant.close()
    restore_backup(paths, made.file, _shown(desk.progress, desk.say, "cli.restoring"))
    library = Library.open(paths.library)
    try:
        left = LibraryCheck(library, paths.previews, lambda _changes: None).look()
    finally:
        library.close()
    mended = tuple((code, count) for code, count, mends in found.found if mends)
    return Checked(left.problems, left.strays, left.bare, mended, made)


def backup_document(backup: Backup) -> Plain:
    """BACKUP."""
    from media_assistant.library.backup import read_counts

    counts = backup.counts or read_counts(backup.file)
    return {
        "path": str(backup.file),
        "made_at": backup.made_at.isoformat(timespec="seconds"),
        "size_bytes": backup.size_bytes,
        "why": backup.why,
        "items": sum(counts.values()),
        "kinds": {kind.value: count for kind, count in counts.items()},
    }


def _shown(progress: ProgressLine, say: Say, code: str) -> Progress:
    return lambda done, pages: progress.show(say(code), done, pages)
