"""The minute of measuring, on real files through a real worker. How near it comes is `tests/bench/bench_advice.py`'s to say."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from media_assistant.assistant import Assistant
from media_assistant.errors import Cancelled
from media_assistant.inference.store import ModelStore
from media_assistant.items.advice import Machine, Part
from media_assistant.jobs.worker_process import Limits, WorkerProcess
from media_assistant.paths import bundled, find_paths
from media_assistant.settings import Settings
from media_assistant.workflows.measurement import measuring, trial
from media_assistant.workflows.measurement.measuring import measure
from media_assistant.workflows.models.advising import advise
from media_assistant.workflows.models.machine import load_machine, machine_key, save_machine
from tests.workflows.engine import wait_for

CATALOGUE = """
[[model]]
id = "little-sights"
repo = "someone/sights"
revision = "main"
files = ["a.onnx"]
licence = "MIT"
level = "quick"
shape = { layers = 2, width = 64, heads = 4, tokens = 20, inner = 128 }
text_shape = { layers = 1, width = 32, heads = 4, tokens = 8, inner = 64 }
[model.card]
task = "image-text-embedding"
session = "onnx"
languages = ["en"]
image_model = "a.onnx"
text_model = "b.onnx"
space = "s"
dimension = 16

[[model]]
id = "little-speech"
repo = "someone/speech"
revision = "main"
files = ["model.bin"]
licence = "MIT"
level = "quick"
shape = { encoder_layers = 2, decoder_layers = 2, width = 64, heads = 2, mels = 80, vocabulary = 2000 }
[model.card]
task = "speech-recognition"
session = "faster-whisper"
languages = ["*"]
model = "."
"""


@pytest.fixture
def internet() -> Iterator[list[object]]:
    """Every internet socket that this process makes from now on."""
    made: list[object] = []
    is_listening = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if is_listening and event == "socket.__new__" and arguments[1] in {2, 10}:
            made.append(arguments)

    sys.addaudithook(watch)
    yield made
    is_listening = False


@pytest.fixture
def assistant(samples: Path) -> Iterator[Assistant]:
    opened = Assistant.open(find_paths(), Settings(), works=False)
    opened.import_paths([samples], analyse=False).result()
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    (tmp_path / "catalogue.toml").write_text(CATALOGUE, "utf-8")
    return ModelStore([], tmp_path / "user", bundled("models"), tmp_path / "catalogue.toml")


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    made = WorkerProcess(find_paths().logs / "worker.log", folders=find_paths().worker_folders)
    yield made
    made.close()


def test_what_is_here_is_measured_and_what_could_be_is_derived(
    assistant: Assistant, store: ModelStore, worker: WorkerProcess, internet: list[object], samples: Path
) -> None:
    before = {file: file.read_bytes() for file in samples.iterdir() if file.is_file()}
    seen: list[tuple[float, str]] = []
    paths = find_paths()
    machine = measure(
        assistant.library,
        store,
        paths,
        Settings(),
        worker,
        whole_machine=True,
        budget_s=40.0,
        progress=lambda share, task: seen.append((share, task)),
    )
    assert seen == sorted(seen, key=lambda each: each[0])
    assert seen[-1] == (1.0, "")
    text = machine.models["text-en-zh-small"]
    assert not text.is_derived
    assert text.opening_s > 0
    assert text.rates[Part.TEXT].samples >= 3
    assert text.rates[Part.TEXT].thinking_s > 0
    sights, speech = machine.models["little-sights"], machine.models["little-speech"]
    assert sights.is_derived
    assert speech.is_derived
    assert set(sights.rates) == {Part.FILM, Part.PHOTO}
    assert sights.preparing_s > 0
    assert speech.rates[Part.SOUND].thinking_s > 0
    assert all(rate.reading_s + rate.fixed_s > 0 for model in (sights, speech) for rate in model.rates.values())

    # It is kept with the machine, not with the library, and comes back as it was.
    key = machine_key(whole_machine=True)
    save_machine(paths.config, key, machine)
    assert load_machine(paths.config, key) == machine
    assert load_machine(paths.config, "another computer") == Machine()
    advices = {advice.task: advice for advice in advise(store.states(), assistant.library.work(), machine, Settings())}
    forecast = advices["image-text-embedding"].forecast("little-sights")
    assert forecast is not None
    assert forecast.took_s is not None
    assert forecast.took_s > sights.preparing_s
    assert forecast.per_photo_s
    # Nothing was written to the library or to the files, and nothing was asked of the network.
    assert all(not work.models for work in assistant.library.work())
    assert {file: file.read_bytes() for file in before} == before
    assert internet == []


def test_when_the_time_is_over_what_is_known_by_then_is_told(
    assistant: Assistant, store: ModelStore, worker: WorkerProcess
) -> None:
    began = time.monotonic()
    machine = measure(assistant.library, store, find_paths(), Settings(), worker, whole_machine=True, budget_s=0.2)
    # What was begun is broken off: a worker that does not listen has five seconds to end.
    assert time.monotonic() - began < 30
    assert machine.at
    assert machine.models == {}


def test_the_time_begins_when_the_worker_has(
    assistant: Assistant, tmp_path: Path, store: ModelStore, worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its start, which takes long on a busy computer, would else be the first model's."""
    late_s, asked, request = 0.0, list[str](), WorkerProcess.request

    def told(self: WorkerProcess, messages: Any, limits: Limits, **more: Any) -> Any:
        nonlocal late_s
        asked.append(messages[-1][0]["do"])
        if asked[-1] == "hardware":
            late_s = 600.0
        return request(self, messages, limits, **more)

    monkeypatch.setattr(WorkerProcess, "request", told)
    clock = SimpleNamespace(
        monotonic=lambda: time.monotonic() + late_s, perf_counter=time.perf_counter, strftime=time.strftime
    )
    for module in (measuring, trial):
        monkeypatch.setattr(module, "time", clock)
    empty = ModelStore([], tmp_path / "user", tmp_path / "none", tmp_path / "catalogue.toml")
    with pytest.raises(Cancelled):
        measure(
            assistant.library,
            empty,
            find_paths(),
            Settings(),
            worker,
            whole_machine=True,
            should_stop=lambda: "time" in asked,
        )


def test_a_broken_file_of_figures_counts_as_none() -> None:
    folder = find_paths().config
    folder.mkdir(parents=True)
    for text in ("", "[]", '{"form": 2, "k": {"models": {"m": 3}}}', '{"form": 99, "k": {}}'):
        (folder / "measured.json").write_text(text)
        assert load_machine(folder, "k") == Machine()
    save_machine(folder, "k", replace(Machine(), at="2026-01-01T00:00:00"))
    assert load_machine(folder, "k").at == "2026-01-01T00:00:00"


def test_measuring_can_be_stopped_and_the_queue_goes_on(samples: Path) -> None:
    assistant = Assistant.open(find_paths(), Settings())
    try:
        assistant.import_paths([samples]).result()
        has_begun = threading.Event()
        future = assistant.measure_models(lambda _share, _task: has_begun.set())
        assert has_begun.wait(120)
        # Meanwhile nothing else runs, though much waits and nobody paused it.
        assert assistant.library.job_counts().running == 0
        assert assistant.library.job_counts().waiting > 0
        assert not assistant.library.is_paused()
        assistant.cancel_measuring()
        with pytest.raises(Cancelled):
            future.result(60)
        assert not (find_paths().config / "measured.json").exists()
        wait_for(lambda: assistant.library.job_counts().running > 0 or not assistant.library.job_counts().waiting)
    finally:
        assistant.close()


def test_the_worker_may_take_as_much_as_it_took_for_the_models_that_it_measures(
    assistant: Assistant, store: ModelStore, worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked in between would else end it: a large network still lies in its memory."""
    asked: dict[str, int] = {}
    request = WorkerProcess.request

    def told(self: WorkerProcess, messages: Any, limits: Limits, **more: Any) -> Any:
        asked[messages[-1][0]["do"]] = limits.memory_mb
        return request(self, messages, limits, **more)

    monkeypatch.setattr(WorkerProcess, "request", told)
    settings, all_of_it = Settings(memory_limit_mb=6000), {"hardware", "analyse", "time"}
    with pytest.raises(Cancelled):
        measure(
            assistant.library,
            store,
            find_paths(),
            settings,
            worker,
            whole_machine=True,
            should_stop=lambda: all_of_it <= set(asked),
        )
    assert set(asked) == all_of_it and set(asked.values()) == {6000}
