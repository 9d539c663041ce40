"""What a worker process runs: requests in, findings out.

Requests come on standard input, answers go to what was standard output (`jobs.messages`); what a library prints goes to
the log. The process ends when its input closes, opens no network connection, and writes only in its own folders.
Requests: `known` (moments that the next one may build on) and `piece` (bytes for it, such as a course), `analyse`,
`embed`, `play` (which `steer` steers, see `media.streaming`), `peaks`, `photo`, `train`, `time_training`, `unpack` and `try` (see
`workflows.training.training_worker`), `compare` (see `workflows.duplicates.comparing`), `learn`, `tell`, `lay_out`, `time`, `hardware`, `stop`, and
`rest`: how long to do nothing for each second of work. Answers to `analyse`: `facts`, findings (`of` names the analyser), `done` and `failed` per analyser;
each request ends with one `end`. Meanwhile a `beat` comes twice a second: its `pulse` grows only as long as the work
gets on, `at_ms` is how far into the media it is, and `setbacks` say why a network runs on less than its best `device`.
"""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import json
import logging
import os
import queue
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from media_assistant.errors import Cancelled, UserFixable, is_no_room
from media_assistant.items.findings import Finding, from_plain, to_plain
from media_assistant.items.item import facts_to_plain
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.items.sentence import sentence_of
from media_assistant.jobs.confinement import confine, refuse_network
from media_assistant.jobs.limits import NO_ROOM, limit_files, limit_memory, limit_work, step_back
from media_assistant.jobs.messages import MAX_DATA, read_message, write_message
from media_assistant.workflows.duplicates.comparing import answer_compare
from media_assistant.workflows.order.group_names import answer_words
from media_assistant.workflows.order.laying_out import answer_layout
from media_assistant.workflows.playback.photos import answer_photo
from media_assistant.workflows.teaching.learning_tags import answer_lesson
from media_assistant.workflows.training.network_time import answer_speed
from media_assistant.workflows.training.training_worker import answer_training, answer_trial, answer_unpacking

if TYPE_CHECKING:
    from media_assistant.inference.models import Models

log = logging.getLogger("media_assistant.worker")

Plain = dict[str, Any]

_BEAT_S = 0.5
_IDLE_NETWORKS_S = 300.0
_LEAST_WORK_S = 0.02
_LONGEST_REST_S = 5.0
_GONE = 70
"""Exit status when the program went away in the middle of an answer."""


class Worker:
    """Answers one request at a time. A thread of its own reads, so that `stop` and the end of the input are heard at once."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source = source
        self._sink = sink
        self._write_lock = threading.Lock()
        self._requests: queue.SimpleQueue[Plain] = queue.SimpleQueue()
        self._stopped: set[int] = set()
        self._steering: queue.SimpleQueue[Plain] = queue.SimpleQueue()
        """What steers the newest request to play; made when that is read, so that nothing said after it is lost."""
        self._pulse = 0
        self._number = 0
        self._is_busy = False
        self._at_ms = 0
        self._began = 0.0
        self._rest = 0.0
        self._worked_since = time.monotonic()
        self._known: list[Moment] = []
        self._pieces: list[bytes] = []
        self._models: Models | None = None
        self._models_wanted: Plain = {}
        self._answers: dict[str, Callable[[Plain], None]] = {
            "analyse": self._analyse,
            "embed": self._embed,
            "play": self._play,
            "peaks": self._measure_peaks,
            "photo": lambda request: answer_photo(request, self._send),
            "compare": lambda request: answer_compare(request, self._send, self._should_stop),
            "train": lambda request: answer_training(request, self._send, self._should_stop),
            "time_training": lambda request: answer_speed(request, self._send, self._should_stop),
            "unpack": lambda request: answer_unpacking(request, self._send, self._should_stop),
            "try": lambda request: answer_trial(request, self._send, self._should_stop),
            "learn": lambda _request: self._send({"is": "learnt"}, answer_lesson(self._pieces)),
            "tell": lambda _request: self._send({"is": "learnt"}, answer_words(self._pieces)),
            "lay_out": lambda request: answer_layout(request, self._pieces, self._send, self._should_stop),
            "time": self._time,
            "hardware": self._hardware,
        }

    def run(self) -> None:
        """Work until the input closes; that ends the process."""
        threading.Thread(target=self._read, name="requests", daemon=True).start()
        threading.Thread(target=self._beat, name="beat", daemon=True).start()
        while True:
            try:
                request = self._requests.get(timeout=_IDLE_NETWORKS_S / 4)
            except queue.Empty:
                if self._models is not None:
                    self._models.free_idle(_IDLE_NETWORKS_S)
                continue
            self._answer(request)

    def _read(self) -> None:
        """Runs on its own thread. When the program is gone there is nobody to work for."""
        try:
            while (message := read_message(self._source)) is not None:
                request, data = message
                if request["do"] == "stop":
                    self._stopped.add(request["number"])
                elif request["do"] == "steer":
                    self._steering.put(request)
                elif request["do"] == "rest":
                    self._rest = float(request["rest"])
                else:
                    request["data"] = data
                    if request["do"] == "play":
                        request["steering"] = self._steering = queue.SimpleQueue()
                    self._requests.put(request)
        except (ValueError, OSError):
            log.exception("the request could not be read")
        os._exit(0)

    def _beat(self) -> None:
        while True:
            time.sleep(_BEAT_S)
            if self._is_busy:
                beat: Plain = {"is": "beat", "pulse": self._pulse, "at_ms": self._at_ms}
                if self._models is not None:
                    beat["device"] = self._models.device(self._began)
                    beat["setbacks"] = [note.to_plain() for note in self._models.setbacks(self._began)]
                self._send(beat)

    def _answer(self, request: Plain) -> None:
        if request["do"] == "piece":
            self._pieces.append(request["data"])
            return
        if request["do"] == "known":
            self._known.extend(
                moment for plain in request["moments"] if isinstance(moment := from_plain(plain, b""), Moment)
            )
            return
        self._number = request["number"]
        self._at_ms = int(request.get("start_ms", 0))
        self._began = self._worked_since = time.monotonic()
        limit_work(request["time_s"])
        self._is_busy = True
        end: Plain = {"is": "end"}
        try:
            self._answers[request["do"]](request)
        except Cancelled:
            end["stopped"] = True
        except UserFixable as fault:
            end["error"] = sentence_of(fault).to_plain()
        except MemoryError:
            end["error"] = {"code": "error.jobs.memory"}
        except Exception as fault:  # the border of the process: logged, told, and the next request is answered
            log.exception("request failed: %s", {key: request.get(key) for key in ("do", "path", "analysers")})
            if is_no_room(fault):
                end["error"] = {"code": f"error.{NO_ROOM}", "folder": tempfile.gettempdir()}
            else:
                end["report"] = traceback.format_exc(limit=20)[-8000:]
        finally:
            self._is_busy = False
            self._known, self._pieces = [], []
            if self._number in self._stopped:
                self._stopped.discard(self._number)
                end["stopped"] = True
            self._send(end)

    def _should_stop(self) -> bool:
        self._pulse += 1
        worked_s = time.monotonic() - self._worked_since
        if worked_s > _LEAST_WORK_S:
            time.sleep(min(_LONGEST_REST_S, worked_s * self._rest))
            self._worked_since = time.monotonic()
        return self._number in self._stopped

    def _reached(self, at_ms: int) -> None:
        self._at_ms = at_ms

    def _analyse(self, request: Plain) -> None:
        from media_assistant.analysis import run as analysis

        path, kind = Path(request["path"]), Kind(request["kind"])
        if request.get("wants_facts"):
            from media_assistant.media.probe import examine

            probed = examine(path, kind)
            # A thousand chapters have titles: too long for a header.
            facts = json.dumps(facts_to_plain(probed.facts), ensure_ascii=False).encode("utf-8", "replace")
            self._send({"is": "facts", "kind": probed.kind.value}, facts)
            kind = probed.kind
            self._pulse += 1
        if not request["analysers"]:
            return
        models = self._prepare_models(request["models"])
        before = models.thought_s()
        for name in request["analysers"]:
            self._send({"is": "begin", "of": name, "model": _card_words(name, models)})
        for name, said in analysis.run(
            path,
            kind,
            request["analysers"],
            models,
            start_ms=request.get("start_ms", 0),
            end_ms=request.get("end_ms", 0),
            known=tuple(self._known),
            options=request.get("options", {}),
            only_vectors=request.get("only_vectors", False),
            courses=tuple(self._pieces),
            should_stop=self._should_stop,
            reached=self._reached,
        ):
            self._pulse += 1
            if isinstance(said, analysis.Done):
                done = {"took_s": said.took_s, "model": said.model, "revision": said.revision}
                thought = {one: spent - before.get(one, 0.0) for one, spent in models.thought_s().items()}
                problems = list(said.problems)
                self._send({"is": "done", "of": name, **done, "problems": problems, "thought_s": thought})
            elif isinstance(said, analysis.Failed):
                if said.report:
                    log.error("%s failed on %r:\n%s", name, path.name, said.report)
                self._send({"is": "failed", "of": name, "error": said.error.to_plain()})
            else:
                self._send_finding(name, said)

    def _embed(self, request: Plain) -> None:
        """A query in every space that takes words: one `vectors` per space, float32 rows as data. `spaces` are those that
        hold something: a picture network that is not the best any more is asked for the sake of what it saw.
        """
        import numpy as np

        models = self._prepare_models(request["models"])
        texts: list[str] = request["texts"]
        spaces: list[tuple[str, Callable[[], Any]]] = [
            (network.space, functools.partial(network.embed, texts, "query")) for network in models.texts()
        ]
        try:
            pictures = models.image_texts(request.get("spaces", ()))
        except UserFixable as fault:
            if fault.code != "model.missing":
                self._send({"is": "hint", "says": sentence_of(fault).to_plain()})
        else:
            spaces += [(each.space, functools.partial(each.embed_texts, texts, "query")) for each in pictures]
        for space, embed in spaces:
            vectors = np.ascontiguousarray(embed(), "<f4")
            self._pulse += 1
            if self._should_stop():
                raise Cancelled
            self._send({"is": "vectors", "space": space, "shape": list(vectors.shape)}, vectors.tobytes())

    def _play(self, request: Plain) -> None:
        """Pictures into shared memory, sound as data, until stopped."""
        from media_assistant.jobs.shared import attach_memory
        from media_assistant.media.streaming import Wish, stream

        plain = {name: request[name] for name in ("slots", "slot_bytes", "width", "height", "start_ms", "rate")}
        memory = attach_memory(request["memory"])
        try:
            assert memory.buf is not None
            wish = Wish(Path(request["path"]), wants_sound=request["wants_sound"], **plain)
            stream(wish, memory.buf, request["steering"], self._send, self._should_stop)
        finally:
            with contextlib.suppress(BufferError):
                memory.close()

    def _measure_peaks(self, request: Plain) -> None:
        """How loud a film or a sound is over time: one `peaks` with a byte for each of `count` stretches."""
        from media_assistant.media.waveform import peaks_of_file

        found = peaks_of_file(Path(request["path"]), Kind(request["kind"]), request["count"], self._should_stop)
        self._send({"is": "peaks"}, found)

    def _time(self, request: Plain) -> None:
        """How fast a network of each of these shapes would be here: one `timed` per shape, in their order."""
        from media_assistant.inference import stand_in

        models = self._prepare_models(request["models"])
        for table in request["shapes"]:
            shape = stand_in.shape_from(table)
            conditions = models.hardware, models.threads, self._should_stop
            if isinstance(shape, stand_in.SpeechShape):
                self._send({"is": "timed", "seconds": stand_in.time_speech(shape, *conditions)})
            else:
                self._send({"is": "timed", "seconds": stand_in.time_shape(shape, *conditions)})
            self._pulse += 1

    def _hardware(self, request: Plain) -> None:
        """What the networks run on."""
        found = self._prepare_models(request["models"]).hardware
        answer: Plain = {"is": "hardware", "memory_mb": found.memory_mb, "cores": found.cores, "has_gpu": found.has_gpu}
        self._send({**answer, "card": found.card, "card_memory_mb": found.card_memory_mb})

    def _prepare_models(self, wanted: Plain) -> Models:
        """The networks by the person's settings; kept from request to request until those change."""
        if self._models is None or wanted != self._models_wanted:
            from media_assistant.inference.hardware import detect
            from media_assistant.inference.models import Models
            from media_assistant.inference.store import store_from

            self._models = Models(
                store_from(wanted),
                detect(),
                chosen=wanted["chosen"],
                languages=tuple(wanted["languages"]),
                threads=wanted["threads"],
                speeds=wanted.get("speeds"),
            )
            self._models_wanted = wanted
        return self._models

    def _send_finding(self, name: str, finding: Finding) -> None:
        header, data = to_plain(finding)
        if len(data) > MAX_DATA:
            log.warning("%s: a finding of %d bytes is left out", name, len(data))
            return
        try:
            self._send({**header, "of": name}, data)
        except ValueError:
            # A very long line does not fit a header; it travels as data instead.
            long = json.dumps(header, ensure_ascii=False).encode("utf-8", "surrogateescape")
            if data or len(long) > MAX_DATA:
                log.warning("%s: a finding of %d bytes is left out", name, len(long))
                return
            self._send({"is": "long", "of": name}, long)

    def _send(self, header: Plain, data: bytes = b"") -> None:
        try:
            with self._write_lock:
                write_message(self._sink, {**header, "number": self._number}, data)
        except OSError:
            os._exit(_GONE)


def _card_words(name: str, models: Models) -> tuple[str, str]:
    """Model and revision that an analyser is going to use; empty for a built-in one."""
    from media_assistant.analysis import registry

    spec = registry.spec_of(name)
    for task in (spec.task, spec.or_task):
        if task:
            try:
                card = models.card(task)
            except UserFixable:
                continue
            return card.id, card.revision
    return "", ""


def main() -> None:
    """Run as a worker. The pipe is kept apart, so that nothing that is printed gets between the messages."""
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker %(process)d %(levelname)s %(name)s: %(message)s")
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    refuse_network()
    if "MEDIA_ASSISTANT_WORKER_GENTLE" in os.environ:
        step_back()
    limit_memory(int(os.environ.get("MEDIA_ASSISTANT_WORKER_MEMORY_MB", "4096")))
    limit_files()
    folders = [Path(folder) for folder in json.loads(os.environ.get("MEDIA_ASSISTANT_WORKER_FOLDERS", "[]"))]
    walls = confine(folders)
    log.info(
        "network %s, writing %s", *(f"open: {why}" if why else "walled in" for why in (walls.network, walls.files))
    )
    Worker(source, sink).run()


if __name__ == "__main__":
    main()
