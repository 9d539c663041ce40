"""Laying the map out in a process of its own: the worker's side, and the program's.

A request `lay_out` comes behind `piece`s of arrays (`points`, `start`). Answers: `reached` with the share that is `done`,
and behind some of them in `piece`s the layout as it is now (`last` of them says so), the whole one at the end.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess
from media_assistant.paths import Paths

if TYPE_CHECKING:
    from media_assistant.learning.things import Floats

Plain = dict[str, Any]

_PIECE = 60_000
_LIMITS = Limits(time_s=2 * 3600.0, silence_s=300.0, goodbye_s=3.0)
_TELL_S, _SHOW_S = 0.3, 1.5
"""So often it is told how far it is, and how it looks."""


def answer_layout(
    request: Plain, pieces: Sequence[bytes], send: Callable[..., None], should_stop: Callable[[], bool]
) -> None:
    """What the worker does."""
    from media_assistant.learning.layout import refined
    from media_assistant.learning.things import from_bytes

    arrays = from_bytes(b"".join(pieces))
    told_at = shown_at = time.monotonic()

    def tell(done: float, now: Floats | None) -> None:
        nonlocal told_at, shown_at
        if time.monotonic() - told_at < _TELL_S:
            return
        told_at = time.monotonic()
        send({"is": "reached", "done": round(done, 4)})
        if now is not None and told_at - shown_at > _SHOW_S:
            shown_at = told_at
            _send_layout(send, now)

    points, start = arrays["points"].astype("float32"), arrays["start"].astype("float32")
    jobs = max(1, (os.cpu_count() or 2) // 2)
    laid = refined(points, start, tell, should_stop, is_warm=request["is_warm"], jobs=jobs)
    if laid is None:
        raise Cancelled
    _send_layout(send, laid)


def _send_layout(send: Callable[..., None], laid: Floats) -> None:
    data = laid.astype("<f4").tobytes()
    for begin in range(0, len(data), _PIECE):
        send({"is": "laid", "last": begin + _PIECE >= len(data)}, data[begin : begin + _PIECE])


def layouts_of_worker(
    paths: Paths, points: Floats, start: Floats, *, is_warm: bool, should_stop: Callable[[], bool]
) -> Generator[tuple[float, Floats | None]]:
    """How much is done, and layouts as they come; the last one, done 1, is the whole. Raises Cancelled, and
    UserFixable("workflows.not_laid_out") if the worker died.
    """
    import numpy as np

    from media_assistant.learning.things import to_bytes

    data = to_bytes({"points": points.astype(np.float16), "start": start.astype(np.float32)})
    pieces = [({"do": "piece"}, data[begin : begin + _PIECE]) for begin in range(0, len(data), _PIECE)]
    worker = WorkerProcess(paths.logs / "worker-map.log", folders=paths.worker_folders[:1])
    request = {"do": "lay_out", "is_warm": is_warm}
    done, parts = 0.0, list[bytes]()
    try:
        with closing(worker.request([*pieces, (request, b"")], _LIMITS, is_closing=should_stop)) as answers:
            for header, body in answers:
                match header["is"]:
                    case "reached":
                        done = header["done"]
                        yield done, None
                    case "laid":
                        parts.append(body)
                        if header["last"]:
                            yield done, np.frombuffer(b"".join(parts), "<f4").reshape(-1, 2)
                            parts = []
                    case "end" if header.get("stopped"):
                        raise Cancelled
                    case "end" if "error" in header or "report" in header:
                        raise UserFixable("workflows.not_laid_out")
                    case _:
                        pass
    except WorkerDied as died:
        if should_stop():
            raise Cancelled from died
        raise UserFixable("workflows.not_laid_out") from died
    finally:
        worker.close(patience_s=0.5)
