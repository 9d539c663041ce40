"""Subtitles and lyrics that lie beside the file or in it, as spoken lines."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from media_assistant.analysis.analyser import Job, Pass
from media_assistant.analysis.languages import language_of
from media_assistant.analysis.meaning import Meaning, grouped
from media_assistant.analysis.registry import spec_of
from media_assistant.errors import UserFixable
from media_assistant.items.findings import Finding
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.span import TimeSpan
from media_assistant.media.identity import full_hash
from media_assistant.media.subtitles import Subtitles, embedded, find_sidecars, read_sidecar

SOURCE = Source("subtitles")


class SubtitlesAnalyser:
    """Built in."""

    def __init__(self) -> None:
        self.spec = spec_of("subtitles")

    def open(self, job: Job) -> Pass:
        """A pass that reads the files beside it, then the file's own subtitle streams and lyrics."""
        return _Reading(job)


def analyser() -> SubtitlesAnalyser:
    """What the registry asks for."""
    return SubtitlesAnalyser()


class _Reading(Pass):
    def __init__(self, job: Job) -> None:
        self._job = job

    def finish(self) -> Iterator[Finding]:
        found = beside(self._job.path, json.loads(str(self._job.options.get("written", "[]"))))
        try:
            # A person who laid a file beside the film means that one; the film may add other languages.
            found += embedded(self._job.path, self._job.should_stop)
        except UserFixable as fault:
            if fault.code != "media.subtitles_damaged":
                raise
        meaning = Meaning(self._job.models)
        for subtitles in each_language_once(found):
            lines = lines_to_moments(subtitles)
            yield from lines
            pairs = list(grouped(lines))
            for start in range(0, len(pairs), 64):
                yield from meaning.of_texts(pairs[start : start + 64])


def beside(path: Path, written: Collection[str] = ()) -> list[Subtitles]:
    """What the files beside it say, the most trusted file first; damaged ones are passed over, and those that we wrote
    of what was heard (their hashes), whatever they are called, unless somebody changed them since.
    """
    found: list[Subtitles] = []
    for sidecar in find_sidecars(path):
        with contextlib.suppress(UserFixable):
            if written and full_hash(sidecar.path) in written:
                continue
            found.append(read_sidecar(sidecar))
    return found


def each_language_once(found: Iterable[Subtitles]) -> list[Subtitles]:
    """Of several in one language what is whole, then what has times, then the first; with the language where nobody said."""
    kept: dict[str, Subtitles] = {}
    for subtitles in sorted(found, key=lambda each: (each.is_partial, not each.is_timed)):
        language = _language(subtitles)
        kept.setdefault(language, replace(subtitles, language=language))
    return list(kept.values())


def _language(subtitles: Subtitles) -> str:
    return subtitles.language or language_of("\n".join(line.text for line in subtitles.lines[:400]))


def lines_to_moments(subtitles: Subtitles, source: Source = SOURCE) -> list[Moment]:
    """One spoken line per subtitle; its language is found where nobody said. Empty lines and marks are left out.

    Partial ones are what is to be read in the picture: as a transcript they would stand for all that is said.
    """
    language = _language(subtitles)
    return [
        Moment(
            TimeSpan(max(0, line.start_ms), max(0, line.start_ms, line.end_ms)),
            Sense.WRITTEN if subtitles.is_partial else Sense.SAID,
            Layer.LINE,
            text=line.text.strip(),
            language=language,
            words=line.words,
            source=source,
        )
        for line in subtitles.lines
        if any(letter.isalnum() for letter in line.text)
    ]
