"""A minute of measuring: how long each model takes on this computer, for the kinds of files that this library holds.

A model that is here runs on a few items of the library itself, or on stretches of them, through a lane, a worker and
threads like the queue's. They are drawn in proportion to their weight, so that a few speak for all (`sampling.py`). Of
a model that is not here only its network's share is reckoned, from a graph of its shape (`inference/stand_in.py`);
reading the files costs what was measured. When the minute is over, what is known by then is what is told.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from media_assistant.errors import Cancelled
from media_assistant.inference.catalogue import CatalogueEntry
from media_assistant.inference.store import ModelStore, State
from media_assistant.items.advice import ANALYSERS, PARTS, TASKS, Machine, Measured, Part, Rate, Work
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment
from media_assistant.items.span import TimeSpan
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess
from media_assistant.library.library import Library
from media_assistant.paths import Paths, bundled
from media_assistant.settings import Settings
from media_assistant.workflows.intake import importing
from media_assistant.workflows.measurement.sampling import Sample, draw
from media_assistant.workflows.measurement.trial import Took, Trial
from media_assistant.workflows.models.installing import memory_limit_mb, models_config
from media_assistant.workflows.models.machine import processor
from media_assistant.workflows.models.weighing import NOTHING_TO_DO, TOKENS_PER_THOUSAND, Weight, part_of, weigh

log = logging.getLogger(__name__)

BUDGET_S = 60.0
_SHARE_HERE, _MOST_HERE = 0.6, 0.8
"""Of the time, for models that are here: as it is meant, and at most. The rest is for those that could be."""
_LEAST_SAMPLES, _MOST_SAMPLES = 6, 48
_PATIENCE = 1.5
"""Of its share of the time, for a model that has seen fewer than the least by then."""
_STRETCH_S = {Part.FILM: 16.0, Part.SOUND: 60.0}
_LONGEST_S = {Part.FILM: 60.0, Part.SOUND: 240.0}
_SPEECH_STRETCH_S, _SPEECH_LONGEST_S = 32.0, 128.0
_LIMITS = Limits(time_s=600.0, silence_s=120.0, goodbye_s=1.0)
"""Its memory is what the networks that are here may take."""
_PROXIES = {"sights": "pictures", "sounds": "voice", "speech": "voice"}
"""Built-in analysers that read a file in the same way, where no network of the task is here."""
_QUESTIONS = 1706
"""What an image-text network is asked about once, before its first picture; each is a short text."""

Progress = Callable[[float, str], None]
"""Called with how far it is (0..1) and the task that is measured now."""
ShouldStop = Callable[[], bool]


def measure(
    library: Library,
    store: ModelStore,
    paths: Paths,
    settings: Settings,
    worker: WorkerProcess,
    *,
    whole_machine: bool,
    budget_s: float = BUDGET_S,
    progress: Progress | None = None,
    should_stop: ShouldStop = bool,
) -> Machine:
    """Measure every model that is here or in the catalogue. The worker is the caller's to close. Raises Cancelled.

    A model whose every sample fails is left out; the reason is in the log and on its card once it is used. So is one
    whose turn did not come in time.
    """
    with tempfile.TemporaryDirectory(prefix="trial-") as name:
        trial = Trial(Path(name), settings, worker, should_stop)
        config = models_config(paths, settings, whole_machine=whole_machine)
        try:
            limits = replace(_LIMITS, memory_mb=memory_limit_mb(settings, config))
            return _Measuring(trial, library, store, config, worker, limits, budget_s, progress, should_stop).all()
        finally:
            trial.close()


class _Measuring:
    def __init__(
        self,
        trial: Trial,
        library: Library,
        store: ModelStore,
        config: dict[str, Any],
        worker: WorkerProcess,
        limits: Limits,
        budget_s: float,
        progress: Progress | None,
        should_stop: ShouldStop,
    ) -> None:
        self._trial, self._store = trial, store
        self._config, self._worker, self._limits = config, worker, limits
        self._budget_s, self._progress, self._should_stop = budget_s, progress, should_stop
        self._until = float("inf")
        self._share = 0.0
        self._works = {work.item_id: work for work in library.work()}
        self._own = library
        self._samples: dict[tuple[str, Part], Sample] = {}
        self._analysers: dict[str, str] = {}
        self._timed: list[tuple[Mapping[str, Any], Any]] = []

    def all(self) -> Machine:
        hardware = self._ask_hardware()
        # Only now: on a slow computer the worker's start would take the first model's share of the time.
        self._until = self._trial.until = time.monotonic() + self._budget_s
        self._borrow_samples()
        here = [state for state in self._store.states() if state.state is State.READY and state.task in TASKS]
        self._analysers = {state.id: ANALYSERS[state.task] for state in here}
        plans = [(state, part) for state in here for part in PARTS[state.task]]
        measured: dict[str, Measured] = {}
        until = self._until - (1 - _SHARE_HERE) * self._budget_s
        self._trial.until = self._until - (1 - _MOST_HERE) * self._budget_s
        for number, (state, part) in enumerate(plans):
            self._tell(_SHARE_HERE * number / len(plans), state.task)
            # What one did not need is for those that follow; what it took too long, they lack.
            each_s = max(0.0, until - time.monotonic()) / (len(plans) - number)
            sample = self._sample(state.task, state.id, part, each_s)
            if not sample.readings:
                continue
            self._samples.setdefault((state.task, part), sample)
            before = measured.get(state.id)
            rates = {**(before.rates if before else {}), part: sample.rate(state.id)}
            # What is asked of a network once and kept, it was only asked the first time.
            opening = min(sample.opening_s, before.opening_s) if before else sample.opening_s
            revision = self._store.card(state.id).revision
            measured[state.id] = Measured(state.id, state.task, revision, rates, opening)
        self._trial.until = self._until
        missing = [entry for entry in self._store.catalogue().values() if entry.id not in measured and entry.shape]
        entries = sorted(missing, key=lambda entry: _turn(entry, missing))
        for number, entry in enumerate(entries):
            self._tell(_SHARE_HERE + (1 - _SHARE_HERE) * number / len(entries), entry.task)
            if (derived := self._derive(entry, hardware)) is not None:
                measured[entry.id] = derived
        self._tell(1.0, "")
        return Machine(
            at=time.strftime("%Y-%m-%dT%H:%M:%S"),
            device=processor(),
            cores=int(hardware["cores"]),
            threads=int(self._config["threads"]),
            memory_mb=int(hardware["memory_mb"]),
            has_gpu=bool(hardware["has_gpu"]),
            card=str(hardware.get("card", "")),
            card_memory_mb=int(hardware.get("card_memory_mb", 0)),
            models=measured,
        )

    # Models that are here

    def _sample(self, task: str, model_id: str, part: Part, budget_s: float) -> Sample:
        """As many items as fit into the time, some at least."""
        analyser = ANALYSERS[task]
        for (other, known), sample in self._samples.items():
            if known is part and ANALYSERS[other] == analyser and model_id in sample.thoughts:
                return sample  # an analyser that asks several networks was watched with all of them
        works = [work for work in self._works.values() if part_of(work, task) is part]
        self._trial.config = {**self._config, "chosen": {**self._config["chosen"], task: model_id}}
        self._trial.start_anew()
        return self._go_through(works, task, part, (analyser,), budget_s)

    def _go_through(
        self, works: Sequence[Work], task: str, part: Part, analysers: tuple[str, ...], budget_s: float
    ) -> Sample:
        found = Sample()
        seconds = _SPEECH_STRETCH_S if task == "speech-recognition" else _STRETCH_S.get(part, 0.0)
        longest = _SPEECH_LONGEST_S if task == "speech-recognition" else _LONGEST_S.get(part, 0.0)
        began = time.monotonic()
        is_warm = False
        for work in draw(works, lambda each: weigh(each, task).size, _MOST_SAMPLES):
            gone_s = time.monotonic() - began
            seen = len(found.readings)
            is_enough = seen and gone_s > budget_s * (1 if seen >= _LEAST_SAMPLES else _PATIENCE)
            if is_enough or time.monotonic() > self._trial.until:
                break
            took, weight = self._try(work, task, analysers, seconds)
            if took is not None and not is_warm:
                # The first one opened the networks: once more, for what it takes when they are open.
                is_warm, cold = True, took
                took, weight = self._try(work, task, analysers, seconds)
                found.first_s = max(0.0, cold.wall_s - took.wall_s) if took is not None else 0.0
            if took is None:
                continue
            # A text network that reads what was said is part of what speech costs, whichever recogniser hears it.
            own = {one: spent for one, spent in took.thought_s.items() if self._analysers.get(one) == ANALYSERS[task]}
            # Pictures stand in for another analyser that looks at the same frames.
            proxy_s = took.analysers_s["pictures"] if "pictures" in analysers else 0.0
            found.note(weight, took.wall_s - sum(own.values()) - proxy_s, own)
            self._tell(0.0, task)
            if longest:
                # Longer stretches say more; one takes an eighth of the time or so.
                factor = min(2.0, max(0.5, budget_s / 8 / max(took.wall_s, 1e-3)))
                seconds = min(longest, seconds * factor)
        return found

    def _try(self, work: Work, task: str, analysers: tuple[str, ...], seconds: float) -> tuple[Took | None, Weight]:
        item = self._item(work.item_id)
        if item is None:
            return None, NOTHING_TO_DO
        # From the beginning: to look for a place in the middle would cost what the real work does not.
        end_ms = round(1000 * seconds) if seconds and work.duration_s > 1.5 * seconds else 0
        shots: tuple[Moment, ...] = ()
        if work.kind is Kind.VIDEO and "sights" in analysers:
            shots = tuple(self._own.moments(item.id, Layer.SHOT)) if work.shots else ()
            if work.shots is None:
                analysers = ("shots", *analysers)
        took = self._trial.run(item, analysers, shots, end_ms=end_ms)
        if took is not None and analysers[0] == "shots":
            took = replace(took, wall_s=max(0.0, took.wall_s - took.analysers_s["shots"]))
        return took, weigh(self._beginning(work, end_ms / 1000) if end_ms else work, task)

    def _beginning(self, work: Work, seconds: float) -> Work:
        """The first seconds as an item of their own, with the shots, the speech and the music that lie in them."""
        library = self._own if work.item_id > 0 else self._trial.library
        shots, speech_s, music_s = work.shots, work.speech_s, work.music_s
        if shots is not None:
            spans = [moment.span for moment in library.moments(abs(work.item_id), Layer.SHOT)]
            shots = sum(isinstance(span, TimeSpan) and span.start_ms < 1000 * seconds for span in spans)
        if speech_s is not None:
            heard = dict.fromkeys(("speech", "music"), 0.0)
            for moment in library.moments(abs(work.item_id), Layer.LABEL, "voice"):
                if moment.concept is not None and moment.concept.id in heard and isinstance(moment.span, TimeSpan):
                    end_s = min(moment.span.end_ms / 1000, seconds)
                    heard[moment.concept.id] += max(0.0, end_s - moment.span.start_ms / 1000)
            speech_s, music_s = heard["speech"], heard["music"]
        return replace(work, duration_s=seconds, shots=shots, speech_s=speech_s, music_s=music_s)

    # Models that are not here

    def _derive(self, entry: CatalogueEntry, hardware: Mapping[str, Any]) -> Measured | None:
        needed = entry.card.get("memory_mb", 0)
        if needed and needed > hardware["memory_mb"]:
            return None
        timed = [self._time(shape) for shape in (entry.shape, entry.text_shape) if shape]
        if None in timed:
            return None
        thinking, preparing = self._thinking(entry, timed)
        rates: dict[Part, Rate] = {}
        for part in PARTS[entry.task]:
            sample = self._reading_of(entry.task, part)
            if sample is not None and sample.readings:
                rates[part] = sample.rate_of(thinking)
        return Measured(entry.id, entry.task, "", rates, 0.0, preparing, is_derived=True) if rates else None

    def _time(self, shape: Mapping[str, Any]) -> Any:
        """Of a graph of this shape; once the time is over, of the most alike that was timed, by their work."""
        from media_assistant.workflows.measurement.scaling import scaled

        if time.monotonic() < self._until:
            answers = self._ask({"do": "time", "shapes": [dict(shape)]})
            seconds = next((each["seconds"] for each in answers if each["is"] == "timed"), None)
            if seconds is not None:
                self._timed.append((shape, seconds))
                return seconds
        return scaled(shape, self._timed)

    @staticmethod
    def _thinking(entry: CatalogueEntry, timed: Sequence[Any]) -> tuple[float, float]:
        """Seconds per unit of thinking, and once before the first."""
        from media_assistant.inference.stand_in import TOKENS_PER_S
        from media_assistant.workflows.models.weighing import SPEECH_WINDOW_S

        match entry.task:
            case "speech-recognition":
                window_s, step_s = timed[0]
                return float(window_s / SPEECH_WINDOW_S + TOKENS_PER_S * step_s), 0.0
            case "text-embedding":
                tokens = float(entry.shape["tokens"])
                return float(timed[0]) * TOKENS_PER_THOUSAND / tokens, 0.0
            case "image-text-embedding":
                return float(timed[0]), _QUESTIONS * float(timed[1]) if len(timed) > 1 else 0.0
            case _:
                return float(timed[0]) / float(entry.card["input"]["hop_s"]), 0.0

    def _reading_of(self, task: str, part: Part) -> Sample | None:
        """What reading costs: measured with another model of the task, or of the same analyser, or by a stand-in."""
        analyser = ANALYSERS[task]
        for (other, known), sample in self._samples.items():
            if known is part and ANALYSERS[other] == analyser and sample.readings:
                return sample
        if (proxy := _PROXIES.get(analyser)) is None:
            return None
        works = [work for work in self._works.values() if part_of(work, task) is part]
        self._trial.config = self._config
        found = self._go_through(works, task, part, (proxy,), 0.05 * self._budget_s)
        self._samples[task, part] = found
        return found

    # What is asked, and of whom

    def _ask_hardware(self) -> dict[str, Any]:
        unknown = {"memory_mb": 0, "cores": 1, "has_gpu": False}
        return next((each for each in self._ask({"do": "hardware"}) if each["is"] == "hardware"), unknown)

    def _ask(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if self._should_stop():
            raise Cancelled
        message = ({**request, "models": self._config}, b"")
        try:
            for header, _ in self._worker.request([message], self._limits, is_closing=self._trial.must_stop):
                if header["is"] == "end" and (header.get("error") or header.get("report")):
                    log.warning("measuring: %s", header.get("error") or header.get("report"))
                yield header
        except WorkerDied as died:
            if died.code != "stopped":
                log.warning("measuring: %s", died)
        if self._should_stop():
            raise Cancelled

    def _item(self, item_id: int) -> Item | None:
        return self._own.item(item_id) if item_id > 0 else self._trial.library.item(-item_id)

    def _borrow_samples(self) -> None:
        """Where the library holds nothing of a kind, what the program brings along stands for it."""
        missing = set(Kind) - {work.kind for work in self._works.values() if work.duration_s or work.size_bytes}
        if not missing:
            return
        scratch = self._trial.library
        importing.import_paths(
            scratch,
            [bundled("resources") / "samples"],
            plan=self._plan_previews,
            tell=self._trial.tell,
            should_stop=self._should_stop,
        )
        self._trial.config = self._config
        self._trial.work_off()
        for work in scratch.work():
            if work.kind in missing:
                self._works[-work.item_id] = replace(work, item_id=-work.item_id)

    def _plan_previews(self, item_ids: Iterable[int]) -> int:
        from media_assistant.library.library import JobRow

        rows = [JobRow(int(item_id), "preview", 0, 0) for item_id in item_ids]
        self._trial.library.enqueue(rows)
        return len(rows)

    def _tell(self, share: float, task: str) -> None:
        if self._should_stop():
            raise Cancelled
        if self._progress is not None:
            by_the_clock = 1 - max(0.01, (self._until - time.monotonic()) / self._budget_s)
            self._share = max(self._share, share, by_the_clock)
            self._progress(self._share, task)


def _turn(entry: CatalogueEntry, entries: Sequence[CatalogueEntry]) -> int:
    """One of each task first, so that nothing is left without a figure to reckon from when the time is short."""
    return [each for each in entries if each.task == entry.task].index(entry)
