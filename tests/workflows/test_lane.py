"""What a lane asks of its worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from media_assistant.analysis.analyser import Stage
from media_assistant.inference.hardware import Hardware
from media_assistant.items.findings import Checkpoint
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.jobs.worker_process import Limits
from media_assistant.library.library import JobRow, Library, NewItem, Run
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.workflows.models import installing
from media_assistant.workflows.models.embedding import TextEmbedder
from media_assistant.workflows.models.installing import memory_limit_mb, models_config
from media_assistant.workflows.understanding.lane import Lane
from media_assistant.workflows.understanding.pace import Pace
from media_assistant.workflows.understanding.parts import cut_parts


class Stopped:
    """A worker that is stopped before it has said anything."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def request(
        self, messages: Sequence[tuple[dict[str, Any], bytes]], limits: Limits, **_: object
    ) -> Iterator[object]:
        self.asked += [header for header, _ in messages]
        self.allowed_mb = limits.memory_mb
        yield {"is": "end", "stopped": True}, b""


def said(start_s: int, text: str, language: str) -> Moment:
    span = TimeSpan(1000 * start_s, 1000 * start_s + 900)
    return Moment(span, Sense.SAID, Layer.LINE, text=text, language=language)


CARD = """
id = "vast"
task = "image-text-embedding"
session = "onnx"
languages = ["*"]
licence = "MIT"
image_model = "image.onnx"
text_model = "text.onnx"
space = "vast"
dimension = 8
memory_mb = 6000
"""


def test_a_worker_may_take_what_its_networks_need(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del home
    wished = Settings(memory_limit_mb=4096)
    monkeypatch.setattr(installing, "glance", lambda **_: Hardware(2, 8000, ("CPUExecutionProvider",), 0))
    config = models_config(find_paths(), wished, whole_machine=True)
    assert memory_limit_mb(wished, config) == 4096
    card = find_paths().user_models / "vast" / "model.toml"
    card.parent.mkdir(parents=True)
    card.write_text(CARD, "utf-8")
    assert memory_limit_mb(wished, config) == 6000
    assert memory_limit_mb(Settings(memory_limit_mb=16_384), config) == 16_384
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    library = Library.open(tmp_path / "library.sqlite")
    (item_id,), _ = library.add_items([NewItem(Kind.VIDEO, str(film), "film", 4, 1, "0" * 32)])
    library.enqueue([JobRow(item_id, "sights", int(Stage.UNDERSTAND))])
    worker = ask_by_a_lane(library, wished)
    assert worker.allowed_mb == 6000
    embedder = TextEmbedder(find_paths(), wished, lambda: ())
    assert embedder._limits.memory_mb == 6000
    embedder.close()


def ask_by_a_lane(library: Library, settings: Settings) -> Stopped:
    queue: Any = SimpleNamespace(library=library, settings=settings, pace=Pace(), in_sight=())
    queue.tell = lambda _changes: None
    queue.must_stop = lambda: False
    queue.models_config = lambda: models_config(find_paths(), settings, whole_machine=True)
    worker: Any = Stopped()
    assert Lane(queue, "1", tuple(Stage), worker).work()
    library.close()
    return worker


def test_a_transcription_that_goes_on_is_told_in_which_language_it_is(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    library = Library.open(tmp_path / "library.sqlite")
    (item_id,), _ = library.add_items([NewItem(Kind.VIDEO, str(film), "film", 4, 1, "0" * 32)])
    lines = [said(0, "hello", "en"), said(5, "灯塔", "zh"), Checkpoint(5900)]
    library.save_findings(item_id, "speech", 1, "", "", lines, is_first_chunk=True)
    library.enqueue([JobRow(item_id, "speech", int(Stage.TRANSCRIBE))])
    known, asked = ask_by_a_lane(library, Settings()).asked
    assert asked["start_ms"] == 5900
    assert [(moment["text"], moment["language"]) for moment in known["moments"]] == [("灯塔", "zh")]


@pytest.mark.parametrize(("now", "start_ms"), [(("a", "1"), 4000), (("b", "1"), 0), (("a", "2"), 0), (("", ""), 0)])
def test_what_was_interrupted_goes_on_only_with_the_model_that_began_it(now: tuple[str, str], start_ms: int) -> None:
    run = Run(1, "sights", 1, "a", "1", 4000, is_complete=False, is_stale=False)
    (part,) = cut_parts([run], ["sights"], {"sights": 1}, lambda _name: now)
    assert part.start_ms == start_ms
