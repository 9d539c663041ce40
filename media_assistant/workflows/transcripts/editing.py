"""What a person does with transcripts: the door for window and command line. Every edit is one step of undo."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from media_assistant.errors import Cancelled
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.moment import Moment
from media_assistant.items.replacing import Count, Wanted, count, replacer
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import Rewrite
from media_assistant.jobs.threads import UnwaitedPool, make_pool
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.workflows.transcripts.saving_transcripts import Saved

Write = Callable[[Callable[[], LibraryChanges]], Future[LibraryChanges]]
Progress = Callable[[int, int], None]
SAVING_S = 10.0
"""So long the end waits for files that a person asked for, but for no drive that does not answer."""


class TranscriptEditing:
    """Held by the assistant. Futures are settled on the engine's threads; `progress` is called on them.

    Files are read and written on `files`: no listening holds them up, and a drive that does not answer holds up nothing
    else.
    """

    def __init__(
        self, library: Library, paths: Paths, settings: Callable[[], Settings], write: Write, files: UnwaitedPool
    ) -> None:
        self._library = library
        self._paths = paths
        self._settings = settings
        self._write = write
        self._work = make_pool(1, "engine-transcripts")
        self._files = files
        self._is_closing = threading.Event()
        self._stops: dict[int, threading.Event] = {}

    def close(self) -> None:
        """Stop what listens; nothing of it is kept half. What is being read and written comes to its end."""
        for stop in tuple(self._stops.values()):
            stop.set()
        self._files.close(SAVING_S)
        self._is_closing.set()
        self._work.shutdown(wait=True, cancel_futures=True)

    # Lines

    def rewrite(
        self, item_id: int, out: Sequence[Moment], put: Sequence[Moment], verb: str = "edit_line"
    ) -> Future[LibraryChanges]:
        """These lines give way to those. `verb` names the step in the journal."""
        change = Rewrite(item_id, tuple(out), tuple(put))
        return self._write(lambda: self._library.rewrite_lines([change], verb))

    def count(
        self, wanted: Wanted, item_ids: Sequence[int] | None = None, should_stop: Callable[[], bool] = bool
    ) -> Count:
        """How often it stands in the transcripts of these items (None: of all). On the caller's thread.

        Raises UserFixable: `workflows.wrong_pattern` and `workflows.slow_pattern`; and Cancelled.
        """
        matcher = wanted.compiled()

        def texts() -> object:
            for number, (item_id, _, text) in enumerate(self._library.spoken_texts(item_ids)):
                if not number % 500 and should_stop():
                    raise Cancelled
                yield item_id, text

        return count(texts(), matcher) if wanted.text else Count()  # type: ignore[arg-type]

    def replace(
        self, wanted: Wanted, replacement: str, item_ids: Sequence[int] | None = None
    ) -> Future[LibraryChanges]:
        """Everywhere in the transcripts of these items (None: of all), as one step. A line that becomes empty goes.

        Raises UserFixable as `count` does; then nothing is changed.
        """

        def work() -> LibraryChanges:
            put, matcher = replacer(wanted, replacement), wanted.compiled()
            by_item: dict[int, list[int]] = {}
            for item_id, moment_id, text in self._library.spoken_texts(item_ids) if wanted.text else ():
                if matcher.places(text):
                    by_item.setdefault(item_id, []).append(moment_id)
            rewrites: list[Rewrite] = []
            for item_id, moment_ids in by_item.items():
                pairs = [(line, put(line)) for line in self._library.moments_by_id(moment_ids).values()]
                changed = [(old, new) for old, new in pairs if new is not old]
                rewrites.append(
                    Rewrite(item_id, tuple(old for old, _ in changed), tuple(new for _, new in changed if new.text))
                )
            return self._library.rewrite_lines(rewrites, "replace_words")

        return self._write(work)

    def set_names(self, names: Sequence[str]) -> Future[LibraryChanges]:
        """What speech recognition is told to expect in this library, from the next transcription on."""
        return self._write(lambda: self._library.set_names(names))

    # Longer work

    def listen_again(
        self,
        item_id: int,
        stretch: TimeSpan | None,
        *,
        track: str = "",
        language: str = "",
        model: str = "",
        progress: Progress | None = None,
    ) -> Future[LibraryChanges]:
        """Recognise a stretch (None: all) anew; a person's own lines stay. `stop_listening` makes it raise Cancelled."""
        stop = self._stops.setdefault(item_id, threading.Event())
        stop.clear()

        def work() -> LibraryChanges:
            from media_assistant.workflows.transcripts.listening_again import listen_again

            change = listen_again(
                self._library,
                self._paths,
                self._settings(),
                item_id,
                stretch,
                track=track,
                language=language,
                model=model,
                progress=progress,
                should_stop=stop.is_set,
            )
            return self._write(lambda: self._library.rewrite_lines([change], "listen_again")).result()

        return self._work.submit(work)

    def stop_listening(self, item_id: int) -> None:
        """What was there stays."""
        if item_id in self._stops:
            self._stops[item_id].set()

    def read_file(self, item_id: int, file: Path) -> Future[LibraryChanges]:
        """A transcript file takes the place of the item's lines in its language."""

        def work() -> LibraryChanges:
            from media_assistant.workflows.transcripts.reading_transcripts import read_into

            change = read_into(self._library, item_id, file)
            return self._write(lambda: self._library.rewrite_lines([change], "read_transcript")).result()

        return self._files.submit(work)

    def save(
        self,
        item_ids: Sequence[int],
        to: str,
        *,
        folder: Path | None = None,
        language: str = "",
        progress: Progress | None = None,
    ) -> Future[Saved]:
        """Write transcripts beside their files, or into a folder; never over a file that we did not write."""

        def work() -> Saved:
            from media_assistant.workflows.transcripts.saving_transcripts import save_transcripts

            return save_transcripts(
                self._library,
                item_ids,
                to,
                folder=folder,
                language=language,
                progress=progress or (lambda _done, _all: None),
                should_stop=self._is_closing.is_set,
            )

        return self._files.submit(work)

    def save_as(self, item_id: int, to: str, target: Path, language: str = "") -> Future[Path]:
        """Write one transcript to a file that the person named."""

        def work() -> Path:
            from media_assistant.workflows.transcripts.saving_transcripts import save_as

            return save_as(self._library, item_id, to, target, language)

        return self._files.submit(work)
