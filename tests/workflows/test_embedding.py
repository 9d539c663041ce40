"""The words of a query on their way into the spaces, while settings and models change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from media_assistant.errors import UserFixable
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.workflows.models.embedding import TextEmbedder


class Worker:
    """Puts every text at the same place of `space`; `meanwhile` happens while it does."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.space = "old"
        self.meanwhile: Callable[[], None] = lambda: None

    def request(self, messages: Sequence[tuple[dict[str, Any], bytes]], *_: object) -> Iterator[object]:
        ((request, _data),) = messages
        self.asked.append(request)
        rows = np.ones((len(request["texts"]), 2), "<f4")
        yield {"is": "vectors", "space": self.space, "shape": list(rows.shape)}, rows.tobytes()
        self.meanwhile()
        yield {"is": "end"}, b""

    def stop_request(self) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """It would be started anew."""


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def embedder(worker: Worker) -> TextEmbedder:
    made = TextEmbedder(find_paths(), Settings(), lambda: sorted({"old", worker.space}))
    made._worker = worker  # type: ignore[assignment]
    return made


def test_other_settings_between_two_requests_of_one_call_do_no_harm(embedder: TextEmbedder, worker: Worker) -> None:
    worker.meanwhile = lambda: embedder.configure(Settings(theme="dark"))
    assert embedder([str(number) for number in range(70)])["old"].shape == (70, 2)
    assert [len(request["texts"]) for request in worker.asked] == [32, 32, 6]


def test_what_was_asked_of_the_models_before_is_not_kept_as_the_answer_of_those_after(
    embedder: TextEmbedder, worker: Worker
) -> None:
    worker.meanwhile = lambda: embedder.configure(Settings())
    assert set(embedder(["sea"])) == {"old"}
    worker.meanwhile = lambda: None
    embedder(["sea"])
    assert len(worker.asked) == 2
    embedder(["sea"])
    assert len(worker.asked) == 2


def test_a_space_that_holds_something_now_is_asked_for(embedder: TextEmbedder, worker: Worker) -> None:
    embedder(["sea"])
    worker.space = "new"
    assert set(embedder(["sea"])) == {"new"}
    assert [request["spaces"] for request in worker.asked] == [["old"], ["new", "old"]]


def test_who_still_asks_when_all_is_closed_does_not_start_the_worker_anew(
    embedder: TextEmbedder, worker: Worker
) -> None:
    embedder(["sea"])
    embedder.close()
    with pytest.raises(UserFixable):
        embedder(["lake"])
    assert len(worker.asked) == 1
