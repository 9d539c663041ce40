"""What is said, as a file that other programs read."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from media_assistant.analysis.analyser import Stage
from media_assistant.errors import Bug, Cancelled, UserFixable
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.sentence import fault_of
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import tracks
from media_assistant.jobs.worker_process import WorkerDied, WorkerProcess
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.workflows.models.installing import check_named, memory_limit_mb, models_config
from media_assistant.workflows.working import (
    Chunk,
    Ended,
    GaveUp,
    Probed,
    Request,
    limits_for,
    understand_answers,
)

FORMATS = ("srt", "vtt", "txt", "json", "lrc")
_HEARD = "speech"
"""The analyser that listens."""


def spoken_lines(library: Library, item_id: int, language: str = "") -> tuple[Moment, ...]:
    """The transcript that the library has, in `language` if there are several. Empty if there is none."""
    return _one_transcript([line for line in library.details(item_id).lines if is_spoken(line)], language)


def is_half(library: Library, item_id: int, lines: Iterable[Moment]) -> bool:
    """Whether these lines of the item are what a recogniser has heard so far, and it has not come to the end."""
    if all(line.source.analyser != _HEARD for line in lines):
        return False
    run = library.run(item_id, _HEARD)
    return run is not None and not run.is_complete


def lines_in(said: Sequence[Moment], language: str) -> tuple[Moment, ...]:
    """One transcript of these lines: where a `language` is asked for that one or none."""
    return tuple(tracks(said).get(language, ())) if language else _one_transcript(said, language)


def _one_transcript(said: Sequence[Moment], language: str) -> tuple[Moment, ...]:
    """Of lines that may be there in several languages: one after the other they would be no transcript."""
    side_by_side = tracks(said)
    return tuple(side_by_side.get(language) or next(iter(side_by_side.values()), ()))


def is_spoken(moment: Moment) -> bool:
    """Whether it is a line of a transcript."""
    return moment.layer is Layer.LINE and moment.sense is Sense.SAID and isinstance(moment.span, TimeSpan)


def export(library: Library, item_id: int, to: str, language: str = "") -> str:
    """The item's transcript as `srt`, `vtt`, `txt`, `json` or `lrc`. Raises UserFixable("workflows.no_transcript")."""
    lines = spoken_lines(library, item_id, language)
    if not lines:
        raise UserFixable("workflows.no_transcript")
    return format_lines(lines, to)


def format_lines(lines: Iterable[Moment], to: str) -> str:
    """Spoken moments in one of FORMATS. Raises UserFixable("workflows.unknown_format")."""
    from media_assistant.media import subtitles

    if to not in FORMATS:
        raise UserFixable("workflows.unknown_format", format=to)
    said = [line for line in lines if is_spoken(line)]
    language = next((line.language for line in said if line.language), "")
    timed = [
        subtitles.Line(line.span.start_ms, line.span.end_ms, line.text, line.words)
        for line in said
        if isinstance(line.span, TimeSpan)
    ]
    return subtitles.write(timed, to, language=language)


def transcribe(
    library: Library,
    path: Path,
    paths: Paths,
    settings: Settings,
    *,
    item_id: int | None = None,
    language: str = "",
    model: str = "",
    progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] = bool,
) -> tuple[Moment, ...]:
    """What is said in a file: the transcript that the library has of the item, else as `transcribe_file`.

    One in another `language` (a code or a name, `zh-CN`, `eng`) does not do, nor one that is still being written.
    """
    asked = _bare_code(language)
    if item_id is not None and not model:
        known = lines_in([line for line in library.details(item_id).lines if is_spoken(line)], asked)
        if known and not is_half(library, item_id, known):
            return known
    return transcribe_file(
        path,
        paths,
        settings,
        language=asked,
        model=model,
        names=library.spoken_names(),
        progress=progress,
        should_stop=should_stop,
    )


def _bare_code(language: str) -> str:
    """As transcripts and recognisers name it, `zh-CN` → `zh`; what is no language that we know by name as it stands."""
    from media_assistant.media.subtitles import language_code

    return language_code(language) or language


def transcribe_file(
    path: Path,
    paths: Paths,
    settings: Settings,
    *,
    language: str = "",
    model: str = "",
    names: Sequence[str] = (),
    stretch: TimeSpan | None = None,
    progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] = bool,
) -> tuple[Moment, ...]:
    """What is said in a file that need not be in the library; nothing is stored.

    Subtitles that come with the file are its transcript, unless a `model` is named or a `stretch`, or a `language` that
    they are not in: then that alone is listened to. `names` are told to the recogniser. `progress(done_ms, all_ms)`.
    Raises UserFixable where the file or the model cannot be read, or "workflows.nothing_to_hear" for a text or photo.
    """
    from media_assistant.media.sniff import sniff

    found = sniff(path)
    if found is None or found.kind not in (Kind.VIDEO, Kind.MUSIC):
        raise UserFixable("workflows.nothing_to_hear", file=path.name)
    wishes = settings
    if model:
        wishes = wishes._replace(chosen_models={**wishes.chosen_models, "speech-recognition": model})
    if language:
        wishes = wishes._replace(spoken_languages=(language,))
    config = models_config(paths, wishes, whole_machine=True)
    if model:
        check_named(model, "speech-recognition", config)
    options = analysis_options(wishes, names)
    worker = WorkerProcess(paths.logs / "worker.log", folders=paths.worker_folders)
    try:
        request = Request(path.absolute(), found.kind, Stage.PREVIEW, ("subtitles",), config, options=options)
        facts, lines = _listen(worker, request, Facts(), settings, None, should_stop)
        if not model and stretch is None and (read := lines_in(lines, language)):
            return read
        start_ms, end_ms = (stretch.start_ms, stretch.end_ms) if stretch else (0, 0)
        request = Request(
            path.absolute(), found.kind, Stage.TRANSCRIBE, ("speech",), config, start_ms, (), options, end_ms
        )
        _, lines = _listen(worker, request, facts, settings, progress, should_stop)
        return lines
    finally:
        worker.close()


def analysis_options(settings: Settings, names: Iterable[str] = (), written: Collection[str] = ()) -> dict[str, str]:
    """What the analysers are told of the person's wishes: `names` are the library's.

    `written` are the hashes of subtitle files that we wrote of what was heard: they tell nothing new.
    """
    told = {
        "languages": ",".join(settings.spoken_languages),
        "hotwords": ",".join(names),
    }
    if written:
        told["written"] = json.dumps(sorted(written))
    return told


def _listen(
    worker: WorkerProcess,
    request: Request,
    facts: Facts,
    settings: Settings,
    progress: Callable[[int, int], None] | None,
    should_stop: Callable[[], bool],
) -> tuple[Facts, tuple[Moment, ...]]:
    lines: list[Moment] = []
    limits = limits_for(request.stage, facts, request.path.stat().st_size, memory_limit_mb(settings, request.models))
    try:
        for answer in understand_answers(worker.request(request.messages(), limits, is_closing=should_stop)):
            match answer:
                case Probed():
                    facts = answer.facts
                case Chunk():
                    lines += [found for found in answer.findings if isinstance(found, Moment) and is_spoken(found)]
                    if progress is not None and answer.position_ms is not None:
                        progress(answer.position_ms, facts.duration_ms)
                case GaveUp(_, error):
                    raise fault_of(error)
                case Ended(was_stopped, error, report):
                    if was_stopped:
                        raise Cancelled
                    if error:
                        raise fault_of(error)
                    if report:
                        raise Bug(report)
                case _:
                    pass
    except WorkerDied as died:
        if died.code == "stopped":
            raise Cancelled from died
        raise UserFixable(f"jobs.{died.code}") from died
    return facts, sorted_by_time(lines)


def sorted_by_time(lines: Sequence[Moment]) -> tuple[Moment, ...]:
    """In the order in which they are said."""
    return tuple(sorted(lines, key=lambda line: line.span if isinstance(line.span, TimeSpan) else TimeSpan(0, 0)))
