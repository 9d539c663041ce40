"""One file, one decode, every wanted analyser.

`run` opens the file, opens a pass for each analyser, decodes once and pushes every frame and block of sound to all
of them. One analyser's failure ends that analyser alone. Findings come out as they are made.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from media_assistant.analysis import registry
from media_assistant.analysis.analyser import Job, Pass, Spec
from media_assistant.analysis.remembering import BY_LINES, Remembering, remembering
from media_assistant.analysis.vocabulary import unified
from media_assistant.errors import Cancelled, UserFixable, is_no_room
from media_assistant.items.findings import Finding, Fingerprint, Vector
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment, Source
from media_assistant.items.sentence import Sentence, sentence_of
from media_assistant.media.registry import open_source
from media_assistant.media.source import MediaSource, Sound

if TYPE_CHECKING:
    from media_assistant.inference.models import Models

log = logging.getLogger(__name__)

_RATE_HZ = 16_000
"""Of the sound that passes hear."""

Option = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Done:
    """An analyser has said all. `problems` are codes of what was odd in the file but survivable."""

    analyser: str
    took_s: float = 0.0
    """Time in this analyser alone, without the decoding that all share."""
    model: str = ""
    revision: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """An analyser gave up; what it said before stands. `report` is a trace where the fault is ours, else empty."""

    analyser: str
    error: Sentence
    report: str = ""


Said = Finding | Done | Failed


@dataclass(slots=True)
class _Active:
    """A pass at work."""

    spec: Spec
    watching: Pass
    source: Source
    only_vectors: bool = False
    took_s: float = 0.0
    failed: Failed | None = None


@dataclass(slots=True)
class _Run:
    should_stop: Callable[[], bool]
    active: list[_Active] = field(default_factory=list)

    def step(self, one: _Active, work: Callable[[], Iterable[Finding]]) -> Iterator[tuple[str, Said]]:
        """Let one pass work and pass on what it finds; its faults stay with it."""
        if one.failed is not None:
            return
        clock = time.perf_counter
        started = clock()
        try:
            findings = work()
            if findings == ():  # most frames say nothing
                one.took_s += clock() - started
                return
            for finding in findings:
                one.took_s += clock() - started
                if not one.only_vectors or isinstance(finding, Vector | Fingerprint):
                    yield one.spec.name, _signed(finding, one.source)
                if self.should_stop():
                    raise Cancelled
                started = clock()
            one.took_s += clock() - started
        except (Cancelled, MemoryError, GeneratorExit):
            raise
        except Exception as fault:  # one analyser's border: the others go on
            if is_no_room(fault):
                raise  # no fault of the file's: it waits until there is
            one.failed = _failed(one.spec.name, fault)
            yield one.spec.name, one.failed


def run(
    path: Path,
    kind: Kind,
    names: Sequence[str],
    models: Models,
    *,
    start_ms: int = 0,
    end_ms: int = 0,
    known: Sequence[Moment] = (),
    options: Mapping[str, Option] | None = None,
    only_vectors: bool = False,
    courses: Sequence[bytes] = (),
    should_stop: Callable[[], bool] = lambda: False,
    reached: Callable[[int], None] = lambda _ms: None,
) -> Iterator[tuple[str, Said]]:
    """Analyse one file; yields `(analyser, finding)` as they come and ends each analyser with `Done` or `Failed`.

    From `start_ms` to `end_ms`, or to the end where that is 0. With `only_vectors` nothing else is told; those of spoken
    lines come from the `known` lines, and nothing is heard again for them.
    `options`: `languages` and `hotwords` are separated by commas; the rest is handed to the passes. `should_stop` is
    asked after every frame, every block of sound and every finding; when it says yes, Cancelled is raised.
    `reached` hears how far into the media the decoding is, in ms. A file that cannot be opened fails every analyser with the same sentence.
    """
    given = dict(options or {})
    source: MediaSource | None = None
    running = _Run(should_stop)
    wanted = set(names)
    specs = [
        remembering(spec) if only_vectors and spec.name in BY_LINES else spec
        for spec in registry.SPECS
        if spec.name in wanted
    ]
    for name in wanted.difference(spec.name for spec in specs):
        yield name, Failed(name, Sentence("error.analysis.unknown_analyser", {"analyser": name}))
    try:
        try:
            source = open_source(path, kind, threads=getattr(models, "threads", 2))
        except UserFixable as fault:
            for spec in specs:
                yield spec.name, _failed(spec.name, fault)
            return
        job = Job(
            path=path,
            kind=source.kind,
            source=source,
            models=models,
            start_ms=start_ms,
            known=tuple(known),
            languages=_listed(given.pop("languages", "")),
            hotwords=_listed(given.pop("hotwords", "")),
            courses=tuple(courses),
            options=given,
            should_stop=should_stop,
        )
        for spec in specs:
            if should_stop():
                raise Cancelled
            try:
                is_remembered = only_vectors and spec.name in BY_LINES
                watching = Remembering(job, spec.name) if is_remembered else registry.load(spec.name).open(job)
                running.active.append(_Active(spec, watching, _source_of(spec, models), only_vectors))
            except MemoryError:
                raise
            except Exception as fault:  # noqa: BLE001  one analyser's border: the others go on
                yield spec.name, _failed(spec.name, fault)
        yield from _feed(running, source, start_ms, end_ms, reached)
        for one in running.active:
            yield from running.step(one, one.watching.finish)
            if one.failed is None:
                yield (
                    one.spec.name,
                    Done(one.spec.name, one.took_s, one.source.model, one.source.revision, tuple(source.problems)),
                )
    finally:
        if source is not None:
            source.close()


def _feed(
    running: _Run, source: MediaSource, start_ms: int, end_ms: int, reached: Callable[[int], None]
) -> Iterator[tuple[str, Said]]:
    """Push the file's content to whoever wants it."""
    readers = [one for one in running.active if one.spec.wants_document]
    watchers = [one for one in running.active if one.spec.wants_frames]
    listeners = [one for one in running.active if one.spec.wants_sound]
    try:
        if readers and source.kind is Kind.TEXT:
            document = source.document()
            for one in readers:
                yield from running.step(one, lambda one=one: one.watching.document(document))  # type: ignore[misc]
        if source.kind is Kind.TEXT or not (watchers or listeners):
            return
        for part in source.play(frames=bool(watchers), sound=bool(listeners), start_ms=start_ms):
            if end_ms and part.at_ms >= end_ms:
                return
            if isinstance(part, Sound):
                heard = _until(part, end_ms)
                for one in listeners:
                    yield from running.step(one, lambda one=one, heard=heard: one.watching.sound(heard))  # type: ignore[misc]
            else:
                for one in watchers:
                    yield from running.step(one, lambda one=one, part=part: one.watching.frame(part))  # type: ignore[misc]
            reached(part.at_ms)
            if running.should_stop():
                raise Cancelled
            if all(one.failed is not None for one in running.active):
                return
    except UserFixable as fault:
        for one in (*readers, *watchers, *listeners):
            if one.failed is None:
                one.failed = _failed(one.spec.name, fault)
                yield one.spec.name, one.failed


def _until(sound: Sound, end_ms: int) -> Sound:
    """The block up to `end_ms`, or all of it where that is 0."""
    lasts_ms = end_ms - sound.at_ms
    if not end_ms or lasts_ms * _RATE_HZ >= len(sound.mono) * 1000:
        return sound
    mono, native = sound.mono[: lasts_ms * _RATE_HZ // 1000], sound.native[:, : lasts_ms * sound.native_rate_hz // 1000]
    return replace(sound, mono=mono, native=native)


def _signed(finding: Finding, source: Source) -> Finding:
    """A moment says who says so (a pass need not, unless it used another model than its task's), in shared words."""
    if not isinstance(finding, Moment):
        return finding
    concept = finding.concept if finding.concept is None else unified(finding.concept)
    return replace(finding, source=finding.source if finding.source.analyser else source, concept=concept)


def _source_of(spec: Spec, models: Models) -> Source:
    for task in (spec.task, spec.or_task):
        if task:
            try:
                card = models.card(task)
            except UserFixable:
                continue
            return Source(spec.name, card.id, card.revision)
    return Source(spec.name)


def _failed(name: str, fault: Exception) -> Failed:
    if isinstance(fault, UserFixable):
        return Failed(name, sentence_of(fault))
    log.error("%s failed", name, exc_info=fault)
    report = "".join(traceback.format_exception(fault, limit=20))
    return Failed(name, Sentence("error.analysis.fault", {"analyser": name}), report[-8000:])


def _listed(words: Option) -> tuple[str, ...]:
    return tuple(word.strip() for word in str(words).split(",") if word.strip())
