"""One library over all the labelled media, understood once by the real networks, for every test of right answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.understanding import PATIENCE_S, Understood, fingerprints, open_assistant


@pytest.fixture(scope="session")
def understood(material: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Understood]:
    """All media of the test material in a library, after the queue ran empty."""
    media = material / "media"
    labels = [json.loads(line) for line in (media / "index.jsonl").read_text("utf-8").splitlines()]
    before = fingerprints(media)
    assistant = open_assistant(tmp_path_factory.mktemp("understood"), (material / "models",))
    try:
        report = assistant.import_paths([media]).result(timeout=120)
        assert not report.failed
        assistant.when_idle().result(timeout=PATIENCE_S)
        ids = {}
        for item in assistant.library.items(list(assistant.library.item_ids())):
            ids[f"media/{Path(item.path).relative_to(media).as_posix()}"] = item.id
        yield Understood(assistant, labels, ids)
    finally:
        assistant.close()
    assert fingerprints(media) == before, "an original was changed"
