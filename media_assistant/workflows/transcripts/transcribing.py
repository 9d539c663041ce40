"""What is said in a file, asked of a worker: of one that is in no library, or again with other wishes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from media_assistant.analysis.analyser import Stage
from media_assistant.errors import Bug, Cancelled, UserFixable
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.items.sentence import fault_of
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import is_spoken, span_of
from media_assistant.jobs.worker_process import WorkerDied, WorkerProcess
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.workflows.analysis_request import (
    Chunk,
    Ended,
    GaveUp,
    Probed,
    Request,
    analysis_options,
    limits_for,
    understand_answers,
)
from media_assistant.workflows.models.installing import check_named, memory_limit_mb, models_config
from media_assistant.workflows.transcripts.transcripts import is_half, lines_in


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
    return facts, tuple(sorted(lines, key=span_of))
