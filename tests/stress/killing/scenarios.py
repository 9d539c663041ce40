"""What a victim is at when it is killed: how that begins, what must stand right after the kill, and how it goes on.

To add one: a class here, a line in `SCENARIOS`.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

from media_assistant.analysis.registry import Stage
from media_assistant.errors import UserFixable
from media_assistant.library import backup
from media_assistant.library.library import Library
from media_assistant.library.schema import migrations
from media_assistant.workflows.keeping.exporting import export_library, read_manifest
from media_assistant.workflows.keeping.rebuilding import rebuild_library
from media_assistant.workflows.keeping.restoring import restore_backup
from tests.inference.hub import Hub
from tests.library.make_filled import DATA
from tests.stress.killing.prepared import SMALL_FILES, SPOKEN_DIGITS, Place
from tests.stress.killing.standing import (
    declared,
    left_lying,
    originals,
    reading,
    require,
    require_kept,
    require_whole,
    understood,
)
from tests.stress.killing.steps import Step, draw_edits, perform
from tests.stress.killing.victims import Outcome, program, scripted

WINDOW, WORKER, COMMAND = "window", "worker", "command"
LANES = 2
_MODEL = "faster-whisper-base"


class Scenario:
    """One round of it. `draw` gives the same for the same seed."""

    name = ""
    library = "understood"
    """Which prepared one it begins with."""
    victims: tuple[str, ...] = (WINDOW, COMMAND)
    is_watched = False
    """Whether another program looks at the library meanwhile: not where it has to be alone."""
    can_be_repeated = True
    """Whether the same command can be given again after a kill."""
    has_pictures = True
    statuses: tuple[int, ...] = (0,)
    """What a program that was not killed may end with."""

    def __init__(self, place: Place, draw: random.Random, hub: Hub | None = None) -> None:
        self.place = place
        self.draw = draw
        self.hub = hub

    def prepare(self) -> None:
        """Before the victim starts."""

    def command(self, *, is_window: bool) -> list[str]:
        """The victim's own."""
        raise NotImplementedError

    def examine(self, outcome: Outcome) -> None:
        """Right after the kill. Raises Broken."""
        require_whole(self.place, has_pictures=self.has_pictures)
        if self.is_watched:
            require_kept(outcome.seen, self.place.library)

    def finish(self) -> None:
        """Go on to the end, as a person does who opens the program again."""

    def state(self) -> Any:
        """What stands at the end: the same whatever happened on the way."""
        raise NotImplementedError


class _Queueing(Scenario):
    """Where the queue works."""

    is_watched = True
    analysers: Sequence[str] = ()

    def examine(self, outcome: Outcome) -> None:
        super().examine(outcome)
        require(outcome.seen.running <= LANES, f"at most {LANES} items in work", outcome.seen.running)

    def finish(self) -> None:
        assistant = self.place.open(works=True)
        try:
            before = assistant.library.job_counts()
            assistant.analyse().result()
            after = assistant.when_idle().result()
            counts = assistant.library.job_counts()
        finally:
            assistant.close()
        require(not (counts.failed or counts.waiting or counts.running), "everything is done", counts)
        require(after.done <= counts.done - before.done, "nothing that was done is done again", (before, counts, after))

    def state(self) -> Any:
        return understood(self.place)


class Importing(_Queueing):
    """Many small files; the queue is paused, so that only the import works."""

    name = "import"
    library = "empty"

    def prepare(self) -> None:
        with closing(Library.open(self.place.library)) as library:
            library.set_paused(True)

    def command(self, *, is_window: bool) -> list[str]:
        folder = self.place.originals / "small"
        if is_window:
            return scripted(self.place, [["items", SMALL_FILES], ["idle"]], is_window=True, files=[folder])
        return program("import", "--quiet", folder)

    def examine(self, outcome: Outcome) -> None:
        super().examine(outcome)
        with closing(Library.open(self.place.library)) as library:
            require(library.is_paused(), "what was paused is paused")
            require(not library.job_counts().done, "nothing is done while it is paused", library.job_counts())

    def finish(self) -> None:
        assistant = self.place.open()
        try:
            had = len(assistant.library.item_ids())
            report = assistant.import_paths([self.place.originals / "small"]).result()
            require(len(report.added) == SMALL_FILES - had, f"{SMALL_FILES - had} files are still new", report)
            require(report.known == had, f"{had} files are known", report)
        finally:
            assistant.close()


class Analysing(_Queueing):
    """A film with subtitles, a sound and two pictures: previews, shots, looks, sounds, vectors."""

    name = "analysis"
    library = "imported"
    victims = (WINDOW, WORKER, COMMAND)

    def command(self, *, is_window: bool) -> list[str]:
        if is_window:
            return scripted(self.place, [["idle"]], is_window=True)
        return program("analyse", "--quiet")


class Transcribing(_Queueing):
    """Speech: the longest work, with a checkpoint after each line.

    A recogniser hears a stretch a little differently when it begins elsewhere, so what it hears after a kill need not be
    the same to the word: every line that was stored stays as it was, the others follow, and none is there twice.
    """

    name = "transcription"
    library = "spoken"
    victims = (WINDOW, WORKER, COMMAND)
    _OVERLAP_MS = 100

    def command(self, *, is_window: bool) -> list[str]:
        if is_window:
            return scripted(self.place, [["idle"]], is_window=True)
        return program("analyse", "--quiet")

    def state(self) -> Any:
        found = understood(self.place)
        heard = [row for row in found["findings"] if row[1] == "speech"]
        spans = [(row[3], row[4]) for row in heard]
        for (_, end), (start, _) in pairwise(sorted(spans)):
            require(start >= end - self._OVERLAP_MS, "lines one after the other", spans)
        words = sum(len(str(row[7]).split()) for row in heard)
        require(words in SPOKEN_DIGITS, f"{SPOKEN_DIGITS} spoken digits", heard)
        for what in ("findings", "vectors", "tags"):
            found[what] = [row for row in found[what] if row[1] != "speech"]
        return found


class Pausing(_Queueing):
    """The queue is paused, let go on and put in order while it works (promise 3)."""

    name = "pause"
    library = "imported"
    victims = (WINDOW, COMMAND)

    def prepare(self) -> None:
        with closing(Library.open(self.place.library)) as library:
            ids = list(library.item_ids())
        self.steps: list[Step] = []
        for _ in range(6):
            some = self.draw.choice(ids)
            self.steps += self.draw.choice(
                (
                    [["pause"], ["first", [some]], ["resume"]],
                    [["pause"]],
                    [["resume"]],
                    [["hold", some, int(Stage.UNDERSTAND), True]],
                    [["hold", some, int(Stage.UNDERSTAND), False]],
                )
            )

    def command(self, *, is_window: bool) -> list[str]:
        return scripted(self.place, [*self.steps, ["idle"]], is_window=is_window)

    def examine(self, outcome: Outcome) -> None:
        super().examine(outcome)
        done = outcome.acknowledged
        possible = {self._wishes(self.steps[:count]) for count in (done, done + 1)}
        with closing(Library.open(self.place.library)) as library:
            found = (library.is_paused(), library.job_counts().held > 0)
            before = library.job_counts()
        allowed = {(is_paused, is_held) for is_paused, held in possible for is_held in {bool(held), False}}
        require(found in allowed, f"paused, held as it was said: {allowed}", found)
        if found[0]:
            with closing(self.place.open(works=True)) as assistant:
                assistant.when_idle().result()
                require(assistant.progress().is_paused, "it is paused after a restart")
                counts = assistant.library.job_counts()
                require(counts.done == before.done and not counts.running, "nothing works while it is paused", counts)

    @staticmethod
    def _wishes(steps: Sequence[Step]) -> tuple[bool, frozenset[int]]:
        is_paused = False
        held: set[int] = set()
        for step in steps:
            match step:
                case ["pause"]:
                    is_paused = True
                case ["resume"]:
                    is_paused = False
                case ["hold", item, _, True]:
                    held.add(item)
                case ["hold", item, _, False]:
                    held.discard(item)
        return is_paused, frozenset(held)

    def finish(self) -> None:
        with closing(self.place.open()) as assistant:
            assistant.resume().result()
            for item_id in assistant.library.item_ids():
                assistant.hold(int(item_id), int(Stage.UNDERSTAND), is_held=False).result()
        super().finish()


class Editing(Scenario):
    """A person's edits, each acknowledged when it is done; taking them back is among them."""

    name = "edits"
    can_be_repeated = False

    def prepare(self) -> None:
        with closing(Library.open(self.place.library)) as library:
            library.set_paused(True)
            ids = [int(item_id) for item_id in library.item_ids()]
        self.steps = draw_edits(self.draw, ids)
        self.is_one_command = self.draw.random() < 0.25
        if self.is_one_command:
            self.steps = [["tag", ids, "to print"]]
        aside = Place(self.place.folder / "aside", self.place.originals, self.place.models)
        shutil.copytree(self.place.home, aside.home)
        self.expected = [declared(aside.library)]
        with closing(aside.open()) as assistant:
            for step in self.steps:
                perform(assistant, step).exception()
                self.expected.append(declared(aside.library))

    def command(self, *, is_window: bool) -> list[str]:
        if self.is_one_command and not is_window:
            return program("tag", "add", *(str(each) for each in self.steps[0][1]), "to print", "--quiet")
        return scripted(self.place, self.steps, is_window=is_window, works=False)

    def examine(self, outcome: Outcome) -> None:
        super().examine(outcome)
        found, said = declared(self.place.library), outcome.acknowledged
        self.reached = next((at for at in (said + 1, said) if self.expected[at : at + 1] == [found]), -1)
        lacking = [
            (name, self.expected[said][name], found[name]) for name in found if found[name] != self.expected[said][name]
        ]
        require(self.reached >= 0, f"what stood after step {said} of {self.steps}, or after the next", lacking)

    def finish(self) -> None:
        with closing(self.place.open()) as assistant:
            for step in self.steps[self.reached :]:
                perform(assistant, step).exception()
            require(declared(self.place.library) == self.expected[-1], "the other steps are done as ever")
            while assistant.undo().result():
                pass
        found = declared(self.place.library)
        for name in found.keys() - {"journal", "switches"}:
            require(found[name] == self.expected[0][name], f"all taken back: {self.expected[0][name]}", found[name])
        require_whole(self.place)

    def state(self) -> Any:
        return left_lying(self.place)


class Migrating(Scenario):
    """A filled library of an earlier version is brought up to date."""

    name = "migration"
    library = "empty"
    has_pictures = False
    is_watched = False

    def prepare(self) -> None:
        version = self.draw.randrange(1, migrations.SCHEMA_VERSION)
        file = self.place.library
        for each in file.parent.glob("library.sqlite*"):
            each.unlink()
        shutil.copy(DATA / f"library-v{version}.sqlite", file)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("INSERT OR REPLACE INTO switches VALUES ('paused', '1')")
            connection.commit()
        self.version = version
        self.before = declared(file)
        aside = self.place.folder / "aside" / file.name
        aside.parent.mkdir()
        shutil.copy(file, aside)
        Library.open(aside).close()
        self.expected = declared(aside)

    def command(self, *, is_window: bool) -> list[str]:
        return scripted(self.place, [], is_window=True) if is_window else program("list", "--quiet")

    def examine(self, outcome: Outcome) -> None:
        with reading(self.place.library) as connection:
            version = migrations.version_of(connection)
        require(self.version <= version <= migrations.SCHEMA_VERSION, "the old version or a later one", version)
        if version == self.version:
            require(declared(self.place.library) == self.before, "the old version as it was")
        else:
            require(backup.list_backups(self.place.library), "a backup of the old version")
        super().examine(outcome)
        require(declared(self.place.library) == self.expected, "all of the old version in the new one")

    def state(self) -> Any:
        return left_lying(self.place, ".partial")


class BackingUp(Scenario):
    """A backup that a person asked for."""

    name = "backup"

    def prepare(self) -> None:
        self.before = declared(self.place.library)

    def command(self, *, is_window: bool) -> list[str]:
        return scripted(self.place, [["backup"]], is_window=True) if is_window else program("backup", "--quiet")

    def examine(self, outcome: Outcome) -> None:
        super().examine(outcome)
        require(declared(self.place.library) == self.before, "the library as it was")
        made = backup.list_backups(self.place.library)
        if outcome.acknowledged:
            require(made, "the backup that was said to be made")
        for file in made:
            require(declared(file) == self.before, f"{file.name} holds what the library holds")

    def finish(self) -> None:
        with closing(self.place.open()) as assistant:
            made = assistant.backups.make().result()
        require(declared(made.file) == self.before, "a new backup holds what the library holds")

    def state(self) -> Any:
        return declared(self.place.library)


class Restoring(Scenario):
    """A backup takes the place of a library that went on after it; then the way back is taken."""

    name = "restore"

    def prepare(self) -> None:
        with closing(self.place.open()) as assistant:
            library = assistant.library
            library.set_paused(True)
            ids = [int(item_id) for item_id in library.item_ids()]
            for step in draw_edits(random.Random(1), ids, 8):
                perform(assistant, step).exception()
            self.earlier = declared(library.file)
            self.file = library.backup()
            for step in draw_edits(random.Random(2), ids, 8):
                perform(assistant, step).exception()
            self.later = declared(library.file)

    def command(self, *, is_window: bool) -> list[str]:
        if is_window:
            return scripted(self.place, [["restore", str(self.file)]], is_window=True)
        return program("restore", self.file, "--quiet")

    def examine(self, outcome: Outcome) -> None:
        found = declared(self.place.library)
        require(found in (self.earlier, self.later), "the library before, or the restored one")
        if outcome.acknowledged:
            require(found == self.earlier, "what was restored")
        points = backup.list_restore_points(self.place.library)
        if found == self.earlier:
            require(points and declared(points[-1]) is not None, "a restore point to come back to")
        super().examine(outcome)

    def finish(self) -> None:
        if declared(self.place.library) == self.later:
            restore_backup(self.place.paths, self.file)
        require(declared(self.place.library) == self.earlier, "what was restored")
        points = backup.list_restore_points(self.place.library)
        way_back = [file for file in points if declared(file) == self.later]
        require(way_back, "a restore point with all that was before", points)
        restore_backup(self.place.paths, way_back[-1])
        require(declared(self.place.library) == self.later, "what was before, on the way back")
        require_whole(self.place)

    def state(self) -> Any:
        return declared(self.place.library), left_lying(self.place, ".partial")


class Exporting(Scenario):
    """An open export, new or in the place of an earlier one."""

    name = "export"

    def prepare(self) -> None:
        self.target = self.place.folder / "out" / "export"
        self.before = None
        if self.draw.random() < 0.5:
            with closing(Library.open(self.place.library)) as library:
                export_library(library, self.target)
            self.before = self._manifest(self.target)
        with closing(self.place.open()) as assistant:
            ids = [int(item_id) for item_id in assistant.library.item_ids()]
            for step in draw_edits(random.Random(3), ids, 4):
                perform(assistant, step).exception()

    def command(self, *, is_window: bool) -> list[str]:
        if is_window:
            return scripted(self.place, [["export", str(self.target)]], is_window=True)
        return program("export", self.target, "--quiet")

    def examine(self, outcome: Outcome) -> None:
        super().examine(outcome)
        kept = self.target
        if not kept.exists():
            aside = sorted(self.target.parent.glob(".*.replaced-export")) if self.target.parent.exists() else []
            require(bool(aside) == (self.before is not None), "the earlier export, in its place or put aside", aside)
            if not aside:
                require(not outcome.acknowledged, "the export that was said to be made")
                return
            kept = aside[0]
        found = self._manifest(kept)
        if outcome.acknowledged or self.before is None:
            require(found != self.before, "the new export")
        elif kept != self.target:
            require(found == self.before, "the earlier export, put aside")

    @staticmethod
    def _manifest(folder: Path) -> Any:
        """What a whole export says of its files. Raises Broken."""
        manifest = read_manifest(folder)
        require(manifest is not None, f"a manifest in {folder.name}")
        assert manifest is not None
        for name, told in manifest["files"].items():
            data = (folder / name).read_bytes()
            require(hashlib.sha256(data).hexdigest() == told["sha256"], f"{name} as the manifest says")
        return {name: told["lines"] for name, told in manifest["files"].items() if "lines" in told} | {
            "sum": sorted(originals(folder / "sidecars"))
        }

    def finish(self) -> None:
        with closing(Library.open(self.place.library)) as library:
            export_library(library, self.target)
        with closing(Library.open(self.place.library)) as library:
            export_library(library, self.target)  # what lies there is an export in which nobody changed anything

    def state(self) -> Any:
        return self._manifest(self.target), left_lying(self.place)


class Rebuilding(Scenario):
    """A library is made from an export, where there is none or an empty one."""

    name = "rebuild"
    victims = (COMMAND,)
    has_pictures = False
    statuses = (0, 1)  # the second time there may be one already

    def prepare(self) -> None:
        self.source = self.place.folder / "export"
        with closing(self.place.open()) as assistant:
            ids = [int(item_id) for item_id in assistant.library.item_ids()]
            for step in draw_edits(random.Random(4), ids, 6):
                perform(assistant, step).exception()
            export_library(assistant.library, self.source)
        self.expected = declared(self.place.library, without=("switches",))
        self.new = self.place.home / "data" / "new" / "new.sqlite"
        if self.draw.random() < 0.5:
            Library.open(self.new).close()

    def command(self, *, is_window: bool) -> list[str]:
        return program("--library", self.new, "restore", self.source, "--quiet")

    def _is_there(self) -> bool:
        if not self.new.exists():
            return False
        with closing(Library.open(self.new)) as library:
            return bool(library.item_ids())

    def examine(self, outcome: Outcome) -> None:
        if self._is_there():
            require(declared(self.new, without=("switches",)) == self.expected, "all of the export")
        else:
            require(outcome.status != 0, "the library that was said to be rebuilt")
        super().examine(outcome)

    def finish(self) -> None:
        if not self._is_there():
            rebuild_library(self.source, self.place.paths._replace(library=self.new))
        require(self._is_there(), "a rebuilt library")
        try:
            rebuild_library(self.source, self.place.paths._replace(library=self.new))
        except UserFixable as fault:
            require(fault.code == "workflows.rebuild_not_empty", "nothing is written over it", fault.code)

    def state(self) -> Any:
        with reading(self.new) as connection:
            require(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "integrity_check says ok")
            require(not connection.execute("PRAGMA foreign_key_check").fetchall(), "foreign_key_check finds nothing")
        return declared(self.new, without=("switches",)), left_lying(self.place)


class Downloading(Scenario):
    """A model from a hub on this machine, over a slow line."""

    name = "download"
    library = "empty"
    statuses = (0, 1)  # the second time it may be there already

    def prepare(self) -> None:
        assert self.hub is not None
        self.place.change_settings(download_mirror=self.hub.address)

    @property
    def folder(self) -> Path:
        return self.place.paths.user_models

    def command(self, *, is_window: bool) -> list[str]:
        if is_window:
            return scripted(self.place, [["download", _MODEL]], is_window=True)
        return program("models", "install", _MODEL, "--quiet")

    def examine(self, outcome: Outcome) -> None:
        super().examine(outcome)
        if (self.folder / _MODEL).exists():
            self._require_right()
        else:
            require(not outcome.acknowledged, "the model that was said to be there")
        parts = self.folder / ".arriving" / f"{_MODEL}.parts"
        # The hub answers in blocks: what is in the part was sent, and need not be sent again.
        self.arrived = max((file.stat().st_size for file in parts.glob("*")), default=0) if parts.exists() else 0

    def _require_right(self) -> None:
        assert self.hub is not None
        for name, data in self.hub.files.items():
            file = self.folder / _MODEL / name
            require(file.is_file() and file.read_bytes() == data, f"{name} as the hub has it")

    def finish(self) -> None:
        assert self.hub is not None
        asked_before = len(self.hub.requests)
        if not (self.folder / _MODEL).exists():
            done = subprocess.run(
                program("models", "install", _MODEL, "--quiet", "--json"),
                env=self.place.environment(),
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            require(done.returncode == 0, "the download goes on to its end", done.stderr)
            ranges = [told for method, _, told in self.hub.requests[asked_before:] if method == "GET" and told]
            if self.arrived and self.arrived not in map(len, self.hub.files.values()):
                require(f"bytes={self.arrived}-" in ranges, f"it goes on after {self.arrived} bytes", ranges)
        self._require_right()

    def state(self) -> Any:
        names = sorted(str(file.relative_to(self.folder)) for file in self.folder.rglob("*") if file.is_file())
        # What is known of files that were read is no part of a model, and half of it goes after a while.
        return [name for name in names if "checked" not in name], left_lying(self.place)


SCENARIOS: tuple[type[Scenario], ...] = (
    Importing,
    Analysing,
    Transcribing,
    Pausing,
    Editing,
    Migrating,
    BackingUp,
    Restoring,
    Exporting,
    Rebuilding,
    Downloading,
)


def hub_files() -> dict[str, bytes]:
    """A model as the catalogue describes it; what its numbers are does not matter to who carries it."""
    draw = random.Random(5)
    return {"model.bin": draw.randbytes(3_000_000), "config.json": b"{}", "tokenizer.json": b'{"a": 1}' * 999}
