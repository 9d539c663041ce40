"""The worker process that trains, from both of its sides: what is asked of it, and how it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from media_assistant.errors import Bug, Cancelled, UserFixable
from media_assistant.items.sentence import fault_of, sentence_from_plain
from media_assistant.items.training import Phase
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess

LIMITS = Limits(memory_mb=8192, time_s=7 * 24 * 3600.0, silence_s=1800.0, goodbye_s=30.0)

Plain = dict[str, Any]


def ask(
    request: Plain,
    log_file: Path,
    folders: Sequence[Path],
    progress: Callable[[Phase], None],
    should_stop: Callable[[], bool],
    limits: Limits = LIMITS,
) -> Plain:
    """What a worker of its own answers, which may write in `folders` alone; empty where it only had to do something.

    Raises what the worker raised: UserFixable, Cancelled, Bug; UserFixable("jobs.…") when it died.
    """
    worker = WorkerProcess(log_file, folders=folders, environment={"MEDIA_ASSISTANT_WORKER_GENTLE": "1"})
    answer: Plain = {}
    try:
        for header, _ in worker.request([(request, b"")], limits, is_closing=should_stop):
            match header["is"]:
                case "phase":
                    progress(Phase(**{key: header[key] for key in Phase.__dataclass_fields__}))
                case "end" if header.get("stopped"):
                    raise Cancelled
                case "end" if error := header.get("error"):
                    raise fault_of(sentence_from_plain(error))
                case "end" if header.get("report"):
                    raise Bug(header["report"])
                case "end":
                    pass
                case _:
                    answer = header
    except WorkerDied as died:
        if died.code == "stopped":
            raise Cancelled from died
        raise UserFixable(f"jobs.{died.code}") from died
    finally:
        worker.close()
    return answer


def answer_training(request: Plain, send: Callable[..., None], should_stop: Callable[[], bool]) -> None:
    """What the worker does: a network from the plan in a folder; `phase` as it goes on, then one `trained`."""
    from dataclasses import asdict

    from media_assistant.analysis.training_run import run_training
    from media_assistant.training.pack import use_site

    if site := request.get("site"):
        use_site(Path(site))
    folder, weights = Path(request["folder"]), Path(request["weights"])
    report, notes = run_training(folder, weights, lambda phase: send(_told(phase)), should_stop)
    send({"is": "trained", "report": asdict(report), "notes": [note.to_plain() for note in notes]})


def answer_unpacking(request: Plain, send: Callable[..., None], should_stop: Callable[[], bool]) -> None:
    """What the worker does: the wheels of a pack into a folder, `phase` as it goes on."""
    from media_assistant.training.unpacking import unpack

    wheels, site = [Path(wheel) for wheel in request["wheels"]], Path(request["site"])
    unpack(wheels, site, lambda phase: send(_told(phase)), should_stop)


def answer_trial(request: Plain, send: Callable[..., None], _should_stop: Callable[[], bool]) -> None:
    """What the worker does: train a tiny network with what was unpacked, `phase` as it goes on."""
    from media_assistant.training.pack import use_site
    from media_assistant.training.trying import try_out

    use_site(Path(request["site"]))
    try_out(Path(request["scratch"]), request["threads"], lambda phase: send(_told(phase)))


def _told(phase: Phase) -> Plain:
    from dataclasses import asdict

    return {"is": "phase", **asdict(phase)}
