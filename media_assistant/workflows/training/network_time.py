"""How long a network of one's own would take to train on this computer: from a short measurement, which is remembered."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from media_assistant.errors import Cancelled
from media_assistant.items.which_way import NetworkSpeed
from media_assistant.jobs.worker_process import Limits
from media_assistant.paths import Paths
from media_assistant.workflows.training.training_worker import ask

_LIMITS = Limits(memory_mb=8192, time_s=240.0, silence_s=180.0, goodbye_s=1.0)
_LEARNT, _STOPPED = 0.55, 0.2
"""Of all pictures, those that are learned from and those that decide when to stop (`training.parting`)."""
_FEWEST_ROUNDS, _MOST_ROUNDS = 7, 40
"""A training that finds nothing better stops after the first number (`training.fine_tuning`)."""


def answer_speed(
    request: dict[str, Any], send: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]
) -> None:
    """In a worker: measure, and say so by one `timed_training`."""
    from media_assistant.training.pack import use_site
    from media_assistant.training.speed import measure_speed

    if site := request.get("site"):
        use_site(Path(site))
    found = measure_speed(request["backbone"], request["threads"], Path(request["scratch"]), should_stop)
    send({"is": "timed_training", "speed": asdict(found)})


def ask_speed(
    paths: Paths, site: Path | None, backbone: str, threads: int, should_stop: Callable[[], bool]
) -> NetworkSpeed:
    """Have a worker measure, with the training pack in `site`. Raises UserFixable("training.…", "jobs.…") and Cancelled."""
    request = {"do": "time_training", "site": str(site or ""), "backbone": backbone, "threads": threads}
    with tempfile.TemporaryDirectory(prefix="speed-") as scratch:
        request["scratch"] = scratch
        log_file = paths.logs / "worker-training.log"
        answer = ask(request, log_file, (Path(scratch),), lambda _: None, should_stop, _LIMITS)
    if not answer:
        raise Cancelled
    return NetworkSpeed(**answer["speed"])


def expected_time(speed: NetworkSpeed, pictures: int) -> tuple[float, float]:
    """(shortest, longest) in seconds for so many pictures, from what is brought in before to the network that is exported: the
    head first, then from few rounds to all of them. Left out is how long it takes to read the pictures.
    """
    learnt, stopped = _LEARNT * pictures, _STOPPED * pictures
    held_back = pictures - learnt - stopped
    # Each picture and its mirror image for the head; those that judge it before and after.
    once = speed.looking_s * (2 * learnt + 2 * stopped + 2 * held_back) + speed.starting_s + speed.ending_s
    a_round = speed.learning_s * learnt + speed.looking_s * stopped + speed.keeping_s
    return once + _FEWEST_ROUNDS * a_round, once + _MOST_ROUNDS * a_round
