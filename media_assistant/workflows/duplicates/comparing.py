"""Comparing duplicates in a process of its own: the worker's side, and the program's.

The worker reads the library and writes only the files of `library.kept_prints`; what it finds is sent and saved round by round.
Answers: `reached` (`done`, `all`), `compared` and `pairs` (both JSON, in pieces), and after each round `round`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.duplicates import Agreement, LikelyPair
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.workflows.duplicates.finding_duplicates import Progress, Round, compare_rounds

Plain = dict[str, Any]

_LIMITS = Limits(time_s=24 * 3600.0)
_TELL_S = 0.2
_PIECE = 128
"""Pairs or items in a message: decoding one holds the interpreter's lock for well under a millisecond."""


def answer_compare(request: Plain, send: Callable[..., None], should_stop: Callable[[], bool]) -> None:
    """What the worker does."""
    from media_assistant.analysis.same_picture import compare_on_one_thread

    compare_on_one_thread()
    told_at = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at > _TELL_S:
            told_at = time.monotonic()
            send({"is": "reached", "done": done, "all": total})

    library = Library.open(Path(request["library"]), read_only=True)
    try:
        for found in compare_rounds(library, Path(request["prints"]), progress=tell, should_stop=should_stop):
            compared = list(found.compared.items())
            pairs = [[p.first_id, p.second_id, p.sureness, p.agreement.to_plain()] for p in found.pairs]
            for name, rows in (("compared", compared), ("pairs", pairs)):
                for start in range(0, len(rows), _PIECE):
                    send({"is": name}, json.dumps(rows[start : start + _PIECE]).encode())
            send({"is": "round"})
    finally:
        library.close()


def rounds_of_worker(
    paths: Paths, progress: Progress, is_closing: Callable[[], bool], *, is_gentle: bool
) -> Generator[Round]:
    """What a worker found, as it comes. Raises UserFixable("workflows.not_compared") if it died."""
    worker = WorkerProcess(
        paths.logs / "worker-duplicates.log",
        # Reading a library that is open needs its `-shm` beside it.
        folders=(*paths.worker_folders[:1], paths.prints, paths.library.parent),
        environment={"MEDIA_ASSISTANT_WORKER_GENTLE": "1"} if is_gentle else {},
    )
    request = {"do": "compare", "library": str(paths.library), "prints": str(paths.prints)}
    compared: dict[int, int] = {}
    pairs: list[LikelyPair] = []
    try:
        for header, data in worker.request([(request, b"")], _LIMITS, is_closing=is_closing):
            match header["is"]:
                case "reached":
                    progress(header["done"], header["all"])
                case "compared":
                    compared.update(json.loads(data))
                case "pairs":
                    pairs += [LikelyPair(a, b, sure, Agreement.from_plain(how)) for a, b, sure, how in json.loads(data)]
                case "round":
                    yield Round(compared, pairs)
                    compared, pairs = {}, []
                case "end" if "error" in header or "report" in header:
                    raise UserFixable("workflows.not_compared")
                case _:
                    pass
    except WorkerDied as died:
        if is_closing():
            raise Cancelled from died
        raise UserFixable("workflows.not_compared") from died
    finally:
        worker.close(patience_s=0.5)
