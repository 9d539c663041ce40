"""The one interface of window and command line: builds the parts once and holds them; no logic of its own.

Whatever takes time is a future; whatever is quick is a read on the caller's thread. Networks and decoders never run in
the caller's process: files go to worker processes, and the words of a search to one that stays.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from media_assistant import sentences
from media_assistant.errors import Cancelled, UserFixable, why_of
from media_assistant.items.answers import ImportReport, QueueProgress, SearchAnswer
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.moment import Moment, Sense
from media_assistant.items.tag import TagState
from media_assistant.jobs.claim import Claim, claim_library
from media_assistant.jobs.threads import UnwaitedPool, make_pool
from media_assistant.library.library import Library
from media_assistant.paths import Paths, bundled
from media_assistant.settings import Settings, turn_to_save
from media_assistant.workflows.collecting import Collecting
from media_assistant.workflows.duplicates.duplicates import Duplicates
from media_assistant.workflows.feed import Feed
from media_assistant.workflows.for_you.for_you import Suggestions
from media_assistant.workflows.intake.bringing_in import bring_in
from media_assistant.workflows.intake.relinking import Relinking
from media_assistant.workflows.intake.watching import Folders
from media_assistant.workflows.keeping.backing_up import BackingUp
from media_assistant.workflows.keeping.open_exports import OpenExports
from media_assistant.workflows.keeping.remembering import Remembering
from media_assistant.workflows.likeness.examples import Similarity
from media_assistant.workflows.measurement.modelling import Modelling
from media_assistant.workflows.models import installing
from media_assistant.workflows.models.embedding import TextEmbedder
from media_assistant.workflows.order.grouping import Groups
from media_assistant.workflows.order.mapping import Mapping
from media_assistant.workflows.order.mixing import Mixes
from media_assistant.workflows.playback.playing import Playing
from media_assistant.workflows.tags import tagging
from media_assistant.workflows.tags.tag_verbs import TagVerbs
from media_assistant.workflows.teaching.teaching import Teaching
from media_assistant.workflows.training.training import Training
from media_assistant.workflows.transcripts import transcribing, transcripts
from media_assistant.workflows.transcripts.editing import TranscriptEditing
from media_assistant.workflows.understanding import analysing
from media_assistant.workflows.understanding.previews import preview_file
from media_assistant.workflows.understanding.queue_face import QueueFace

if TYPE_CHECKING:
    from media_assistant.workflows.intake.importing import ImportProgress
    from media_assistant.workflows.search.liking import OutsideExamples

Unsubscribe = Callable[[], None]
log = logging.getLogger(__name__)

READABLE = ("jobs.library_in_use", "jobs.folder_not_writable", "library.read_only", "library.locked")
"""Faults with which a library can still be looked at."""


class Assistant(QueueFace, Modelling):
    """Everything a person can ask for.

    Events: `subscribe` tells what a write changed, `on_progress` how far the queue is; both call on the engine's own
    thread, changes gathered for a moment. Futures are settled on threads of the engine as well.
    """

    def __init__(
        self, paths: Paths, settings: Settings, library: Library, claim: Claim | None, *, is_foreground: bool
    ) -> None:
        """Use `Assistant.open`."""
        self.paths = paths
        self.settings = settings
        self.library = library
        """For quick reads on the caller's thread: items, counts, item_ids, details."""
        self._claim = claim
        self._feed = Feed()
        self._progress_feed: list[Callable[[QueueProgress], None]] = []
        self._stop_imports = threading.Event()
        self._is_closing = threading.Event()
        self._previews = paths.previews
        library.finding.matrices = paths.matrices
        self._store = installing.open_store(paths)
        self._queue = analysing.Queue(
            library,
            paths,
            settings,
            tell=self._feed.publish,
            tell_progress=self._tell_progress,
            is_foreground=is_foreground,
        )
        self._embedder = TextEmbedder(paths, settings, lambda: library.finding.vectors.spaces())  # noqa: PLW0108  opened late
        self._edits = make_pool(1, "engine-edits")
        self._plans = make_pool(1, "engine-plans")
        self.backups = BackingUp(library, self._previews, self._feed.publish, is_foreground=is_foreground)
        self.tags = TagVerbs(library, self._store, self._write)
        self.duplicates = Duplicates(library, paths, self._write, self._feed, is_foreground=is_foreground)
        self.teaching = Teaching(library, self._write, self._feed, paths)
        self._files = UnwaitedPool(2, "engine-files")
        self._imports = make_pool(1, "engine-import")
        self._questions = make_pool(2, "engine-questions")
        self._outside: OutsideExamples | None = None
        self.playing = Playing(library, paths, self._edits, self._feed.publish)
        self.past = Remembering(library, paths, self._edits, self.backups, self._feed.publish)
        self.collections = Collecting(library, self._write, self._files.submit)
        self.folders = Folders(library, self._write, self._imports.submit, self._queue.plan, self._feed)
        self.relinking = Relinking(library, self._write, self._queue.plan, self._feed.publish)
        self.transcripts = TranscriptEditing(library, paths, lambda: self.settings, self._write, self._files)
        self.similarity = Similarity(
            library, self._store, paths, lambda: self.settings, self._questions.submit, self._is_closing.is_set
        )
        self.suggestions = Suggestions(library, self._write, self._questions.submit, self._feed)
        self.map = Mapping(library, paths, self._feed)
        self.exports = OpenExports(library, lambda: sentences.choose_language(self.settings.language))
        self._open_models()
        self.mixes = Mixes(library, self._questions.submit)
        self.groups = Groups(library, paths, self.mixes.fused, self._write, self._feed)
        self.training = Training(library, paths, self._model_arrived)

    @classmethod
    def open(
        cls,
        paths: Paths,
        settings: Settings,
        *,
        works: bool = True,
        is_read_only: bool = False,
        is_foreground: bool = False,
    ) -> Assistant:
        """Open the library and, with `works`, start working off its queue.

        One program writes to a library at a time: raises UserFixable("jobs.library_in_use") when another one has it
        open, unless `is_read_only`. `is_foreground` uses the whole machine, as a person does who waits for a command.
        """
        with ExitStack() as undone:
            # Whatever fails here, the library is free again: the next try, and a backup in its place, need it so.
            claim = None if is_read_only else claim_library(paths.library)
            if claim is not None:
                undone.callback(claim.release)
            library = Library.open(paths.library, read_only=is_read_only)
            undone.callback(library.close)
            assistant = cls(paths, settings, library, claim, is_foreground=is_foreground)
            undone.callback(assistant.close)
            if works and not is_read_only:
                assistant._queue.start()
                if not is_foreground:
                    # A newer program or a new model may understand more than the last one did.
                    assistant.analyse()
                    assistant.folders.start()
                    assistant.backups.start()
                    assistant.past.go_on()
                    for start in (assistant.duplicates.start, assistant.teaching.start, assistant.groups.start):
                        start()
            undone.pop_all()
        return assistant

    def close(self) -> None:
        """Stop the work (it goes on from its last checkpoint next time), end the workers, close the library."""
        self._is_closing.set()
        self._stop_imports.set()
        for end in (self.map.close, self.folders.close, self.relinking.close, self.training.close, self._close_models):
            end()
        self._queue.stop()
        for end in (self.playing.close, self.duplicates.close, self.teaching.close, self.transcripts.close):
            end()
        self.exports.close()
        for pool in (self._imports, self._questions):
            pool.shutdown(wait=True, cancel_futures=True)
        # What a person decided a moment ago is still written.
        for pool in (self._edits, self._plans):
            pool.shutdown(wait=True)
        for end in (self.groups.close, self.past.close, self.backups.close, self._embedder.close, self._feed.close):
            end()
        self.library.finding.close()
        self.library.close()
        if self._claim is not None:
            self._claim.release()

    # Events

    def subscribe(self, callback: Callable[[LibraryChanges], None]) -> Unsubscribe:
        """Call `callback` on the engine's thread with what has changed, gathered over a few milliseconds."""
        return self._feed.subscribe(callback)

    # What a person has

    def import_paths(
        self,
        paths: Iterable[Path],
        *,
        analyse: bool = True,
        progress: Callable[[ImportProgress], None] | None = None,
    ) -> Future[ImportReport]:
        """Bring files, folders and playlists in; with `analyse` their analyses are queued. `progress` is called on the engine's thread."""
        if self._stop_imports.is_set():
            # What was stopped stays so, though it may not have heard of it yet.
            self._stop_imports = threading.Event()
        plan, tell, should_stop = self._queue.plan if analyse else None, self._feed.publish, self._stop_imports.is_set
        return self._imports.submit(bring_in, self.library, tuple(paths), plan, tell, progress, should_stop)

    def cancel_import(self) -> None:
        """Stop bringing files in; those already in stay."""
        self._stop_imports.set()

    def try_samples(self) -> Future[ImportReport]:
        """Import the samples that come with the program."""
        return self.import_paths([bundled("resources") / "samples"])

    def remove_items(self, item_ids: Sequence[int]) -> Future[LibraryChanges]:
        """Out of the library; the files stay where they are."""
        return self._write(lambda: self.library.remove_items(list(item_ids)))

    # Finding

    def search(
        self,
        query: str,
        limit: int = 200,
        *,
        is_half_typed: bool = True,
        patience_s: float | None = None,
        shows_all: bool = False,
        is_exact: bool = False,
        senses: frozenset[Sense] = frozenset(Sense),
        should_stop: Callable[[], bool] = bool,
    ) -> Future[SearchAnswer]:
        """Moments by words and meaning, grouped by item, best first.

        `is_half_typed` lets the last word be the beginning of one; without the meaning networks after `patience_s` the
        answer is by words, which a hint says. `shows_all` goes on beyond relevance, `is_exact` knows no other spelling, and
        only moments of the `senses` are shown. Cancelled soon after `should_stop`.
        """

        def is_over() -> bool:
            return self._is_closing.is_set() or should_stop()

        def work() -> SearchAnswer:
            if is_over():
                raise Cancelled
            from media_assistant.workflows.search.liking import OutsideExamples
            from media_assistant.workflows.search.searching import search

            if self._outside is None:
                self._outside = OutsideExamples(self.similarity.portrait, self.similarity.understood_by)
            return search(
                self.library,
                self._embedder,
                query,
                limit,
                patience_s=patience_s,
                is_half_typed=is_half_typed,
                shows_all=shows_all,
                outside=self._outside,
                is_exact=is_exact,
                groups=self.groups.find,
                senses=senses,
                should_stop=is_over,
            )

        return self._questions.submit(work)

    def transcribe(
        self,
        path: Path,
        item_id: int | None = None,
        *,
        language: str = "",
        model: str = "",
        progress: Callable[[int, int], None] | None = None,
    ) -> Future[tuple[Moment, ...]]:
        """What is said in a file: the library's transcript if it has a whole one (in this language), else made now, not stored.

        `progress(done_ms, all_ms)` is called on the engine's thread.
        """

        def work() -> tuple[Moment, ...]:
            return transcribing.transcribe(
                self.library,
                path,
                self.paths,
                self.settings,
                item_id=item_id,
                language=language,
                model=model,
                progress=progress,
                should_stop=self._is_closing.is_set,
            )

        return self._questions.submit(work)

    def format_transcript(self, lines: Iterable[Moment], to: str) -> str:
        """Spoken moments as `srt`, `vtt`, `txt`, `lrc` or `json`."""
        return transcripts.format_lines(lines, to)

    def preview(self, item_id: int, name: str) -> Path | None:
        """The file of a small picture (`thumbnail`, `storyboard`, `waveform`) if it is there."""
        return preview_file(self._previews, item_id, name)

    # The person's words

    def decide_tag(
        self, item_ids: Sequence[int], concept: Concept | str, state: TagState | None
    ) -> Future[LibraryChanges]:
        """Accept or refuse a tag, or with None take the decision back."""
        return self._write(lambda: tagging.decide(self.library, item_ids, concept, state))

    def decide_proposed(self, item_ids: Sequence[int], concept: Concept, state: TagState) -> Future[LibraryChanges]:
        """Accept or refuse a tag on those of the items on which it is proposed: one step of undo."""
        return self._write(lambda: tagging.decide_proposed(self.library, item_ids, concept, state))

    def take_off_tag(self, item_ids: Sequence[int], concept: Concept) -> Future[LibraryChanges]:
        """Take a tag off those of the items that carry it: one step of undo."""
        return self._write(lambda: tagging.take_off(self.library, item_ids, concept))

    def add_tag(self, item_ids: Sequence[int], name: str) -> Future[LibraryChanges]:
        """A tag by its name in either language; an unknown name becomes the person's own."""
        return self._write(lambda: tagging.add(self.library, item_ids, name))

    def remove_tag(self, item_ids: Sequence[int], tag: Concept | str) -> Future[LibraryChanges]:
        """Take a tag off; one that a model proposed is refused."""
        return self._write(lambda: tagging.remove(self.library, item_ids, tag))

    def rate(self, item_ids: Sequence[int], stars: int | None) -> Future[LibraryChanges]:
        """Give 0 to 5 stars, or with None take them back."""
        return self._write(lambda: self.library.rate(item_ids, stars))

    def undo(self) -> Future[LibraryChanges]:
        """Take the last edit back."""
        return self._write(lambda: self._turned(self.library.undo()))

    def redo(self) -> Future[LibraryChanges]:
        """Do the last undone edit again."""
        return self._write(lambda: self._turned(self.library.redo()))

    def take_back(self, step: int) -> Future[LibraryChanges]:
        """Take one step of the journal back although others came after it; see `Library.take_back` for what is refused."""
        return self._write(lambda: self._turned(self.library.take_back(step)))

    def undo_to(self, step: int) -> Future[LibraryChanges]:
        """Take back this step and everything after it."""
        return self._write(lambda: self._turned(self.library.undo_to(step)))

    def redo_to(self, step: int) -> Future[LibraryChanges]:
        """Do again everything that was undone, up to this step."""
        return self._write(lambda: self._turned(self.library.redo_to(step)))

    def _turned(self, changes: LibraryChanges) -> LibraryChanges:
        """An item may stand for another file again."""
        if changes.changed:
            self._queue.plan(changes.changed, keeps_stale=True)
        return changes

    # Settings

    def set_settings(self, settings: Settings) -> Future[None]:
        """Keep them, and work by them from the next analysis on. They count at once: the next change builds on this one."""
        self.settings = settings
        save = turn_to_save(settings, self.paths.config / "settings.json")

        def work() -> None:
            self._embedder.configure(settings)
            if self._queue.configure(settings):
                self.analyse()
            try:
                save()
            except OSError as fault:
                raise UserFixable("workflows.settings_not_kept", why=why_of(fault)) from fault

        return self._edits.submit(work)

    def say(self, code: str, **parameters: str | int | float) -> str:
        """A sentence in the person's language."""
        return sentences.say(sentences.choose_language(self.settings.language), code, **parameters)

    def _write(self, edit: Callable[[], LibraryChanges]) -> Future[LibraryChanges]:
        def work() -> LibraryChanges:
            changes = self.backups.around(edit)
            self._feed.publish(changes)
            return changes

        return self._edits.submit(work)
