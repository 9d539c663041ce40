"""How long a network of one's own would take to train on this computer: from a short measurement, which is remembered."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from media_assistant.errors import Bug, Cancelled, UserFixable
from media_assistant.items.sentence import sentence_from_json
from media_assistant.items.which_way import NetworkSpeed
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess
from media_assistant.paths import Paths

_LIMITS = Limits(memory_mb=8192, time_s=120.0, silence_s=90.0, goodbye_s=1.0)
_LEARNT, _STOPPED = 0.55, 0.2
"""Of all pictures, those that are learned from and those that decide when to stop (`training.parting`)."""
_FEWEST_ROUNDS, _MOST_ROUNDS = 7, 40
"""A training that finds nothing better stops after the first number (`training.fine_tuning`)."""


def answer_speed(
    request: dict[str, Any], send: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]
) -> None:
    """In a worker: measure, and say so by one `timed_training`."""
    from media_assistant.training.speed import measure_speed

    found = measure_speed(request["backbone"], request["threads"], should_stop)
    send({"is": "timed_training", "speed": asdict(found)})


def ask_speed(paths: Paths, backbone: str, threads: int, should_stop: Callable[[], bool]) -> NetworkSpeed:
    """Have a worker measure. Raises UserFixable("training.…", "jobs.…") and Cancelled."""
    limits = {"MEDIA_ASSISTANT_WORKER_GENTLE": "1", "MEDIA_ASSISTANT_WORKER_MEMORY_MB": str(_LIMITS.memory_mb)}
    found: NetworkSpeed | None = None
    scratch = tempfile.TemporaryDirectory(prefix="speed-")
    worker = WorkerProcess(paths.logs / "worker-training.log", folders=(Path(scratch.name),), environment=limits)
    try:
        request = {"do": "time_training", "backbone": backbone, "threads": threads}
        for header, _ in worker.request([(request, b"")], _LIMITS, is_closing=should_stop):
            match header["is"]:
                case "timed_training":
                    found = NetworkSpeed(**header["speed"])
                case "end" if header.get("stopped"):
                    raise Cancelled
                case "end" if error := header.get("error"):
                    sentence = sentence_from_json(json.dumps(error))
                    raise UserFixable(sentence.code.removeprefix("error."), **sentence.parameters)
                case "end" if header.get("report"):
                    raise Bug(header["report"])
                case _:
                    pass
    except WorkerDied as died:
        if died.code == "stopped":
            raise Cancelled from died
        raise UserFixable(f"jobs.{died.code}") from died
    finally:
        worker.close()
        scratch.cleanup()
    if found is None:
        raise Cancelled
    return found


def expected_time(speed: NetworkSpeed, pictures: int) -> tuple[float, float]:
    """(shortest, longest) in seconds for so many pictures: the head first, then from few rounds to all of them."""
    learnt, stopped = _LEARNT * pictures, _STOPPED * pictures
    held_back = pictures - learnt - stopped
    # Each picture and its mirror image for the head; those that judge it before and after.
    once = speed.looking_s * (2 * learnt + 2 * stopped + 2 * held_back)
    a_round = speed.learning_s * learnt + speed.looking_s * stopped
    return once + _FEWEST_ROUNDS * a_round, once + _MOST_ROUNDS * a_round
