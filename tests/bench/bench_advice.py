"""How near the minute of measuring comes to what the work then takes: predicted / actual, task by task.

Two libraries: the labelled media, and a generated one of another mix (`mixed_library.py`). In each, what is quick and
built in is understood first, as it is when a person looks at the Models page; then the computer is measured, then each
analyser really goes through the library, as the queue does it. What other programs had of the processor meanwhile is
taken out on both sides (`inference/waiting.py`), so that a busy machine tells the same. Without the test material the
program's samples and its built-in network are all there is.

    python tests/bench/bench_advice.py [SECONDS] [labelled|mixed]
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from material import find_material
from mixed_library import make_mixed_library

from media_assistant.assistant import Assistant
from media_assistant.inference.store import ModelState, State
from media_assistant.inference.waiting import turns
from media_assistant.items.advice import ANALYSERS, Machine, Work
from media_assistant.paths import bundled, find_paths
from media_assistant.settings import Settings
from media_assistant.workflows.models.advising import _handling_s, few_seconds
from media_assistant.workflows.models.weighing import part_of, weigh

FIRST = ("preview", "subtitles", "shots", "voice")
THEN = ("speech", "sights", "sounds", "music", "words")
TARGET = 0.25


def forecast_analyser(
    states: Sequence[ModelState], works: Sequence[Work], machine: Machine, analyser: str
) -> float | None:
    """Seconds until an analyser has done all that it lacks, with every model that it uses now; None if unmeasured.

    Several models share the reading of a file, so that is counted once.
    """
    used = [
        machine.models[state.id]
        for state in states
        if ANALYSERS.get(state.task) == analyser
        and state.state is State.READY
        and (state.is_in_use or analyser == "words")
        and state.id in machine.models
    ]
    todo = [work for work in works if analyser not in work.models]
    if not used:
        return None
    total = max((model.opening_s for model in used), default=0.0) if todo else 0.0
    for work in todo:
        seen = [(model, part) for model in used if (part := part_of(work, model.task)) in model.rates]
        for model, part in seen:
            total += weigh(work, model.task).thinking * model.rates[part].thinking_s  # type: ignore[index]
        if seen:
            model, part = seen[0]
            total += _handling_s(model.rates[part], weigh(work, model.task))  # type: ignore[index]
    return total


def try_library(name: str, media: Path, seconds: float) -> bool:
    """Print one JSON line per analyser; whether all lie within the target."""
    is_good = True
    with tempfile.TemporaryDirectory(prefix="bench-advice-") as home:
        os.environ["MEDIA_ASSISTANT_HOME"] = home
        assistant = Assistant.open(find_paths(), Settings(spoken_languages=("en",)), is_foreground=True)
        try:
            assistant.import_paths([media], analyse=False).result()
            assistant.analyse(analysers=FIRST).result()
            assistant.when_idle().result()
            started = time.monotonic()
            machine = assistant.measure_models(budget_s=seconds).result()
            measuring_s = time.monotonic() - started
            book = assistant.model_book().result()
            works = assistant.library.work()
            for analyser in THEN:
                predicted = forecast_analyser(book.states, works, machine, analyser)
                if predicted is None:
                    continue
                actual, clock_s = work_off(assistant, analyser)
                ratio = predicted / actual
                few = few_seconds(predicted)
                is_near = abs(ratio - 1) <= TARGET or (few is not None and few[0] <= actual <= few[1])
                is_good = is_good and is_near
                line = {
                    "bench": "advice",
                    "library": name,
                    "analyser": analyser,
                    "predicted_s": round(predicted, 2),
                    "actual_s": round(actual, 2),
                    "ratio": round(ratio, 3),
                    "target": "0.75 to 1.25, or within what is told of a few seconds",
                    "told_s": few or round(predicted),
                    "is_near": is_near,
                    "load": round(os.getloadavg()[0], 1),
                    "on_the_clock_s": round(clock_s, 2),
                    "measuring_s": round(measuring_s, 1),
                    "items": len(works),
                    "command": "python3 build/dev.py bench advice",
                }
                print(json.dumps(line), flush=True)
        finally:
            assistant.close()
    return is_good


def work_off(assistant: Assistant, analyser: str) -> tuple[float, float]:
    """(seconds it would have taken without others' share of the processor, seconds on the clock) for one analyser over the library.

    The worker starts anew, as it does after a rest: opening the networks is part of what was predicted.
    """
    lane = assistant._queue._lanes[-1]
    lane.worker.close()
    started, before = time.monotonic(), turns(os.getpid(), without_main=True)
    assistant.analyse(analysers=(analyser,)).result()
    assistant.when_idle().result()
    clock_s = time.monotonic() - started
    after = turns(lane.worker.pid) + turns(os.getpid(), without_main=True)
    return clock_s * after.since(before), clock_s


def main(arguments: list[str]) -> int:
    """Print the JSON lines."""
    numbers = [float(word) for word in arguments if word.replace(".", "").isdigit()]
    seconds = numbers[0] if numbers else 60.0
    material = find_material()
    if material is not None:
        os.environ["MEDIA_ASSISTANT_MODELS"] = str(material / "models")
    media = material / "media" if material else bundled("resources") / "samples"
    are_good: list[bool] = []
    if "mixed" not in arguments:
        are_good.append(try_library("labelled media" if material else "samples", media, seconds))
    if "labelled" not in arguments:
        with tempfile.TemporaryDirectory(prefix="bench-mixed-") as folder:
            mixed = make_mixed_library(Path(folder), media)
            are_good.append(try_library("another mix", mixed, seconds))
    print(json.dumps({"bench": "advice", "all_within_target": all(are_good)}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
