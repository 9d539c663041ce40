"""What is kept of the questions serves the next worker, and only where it is of this model and these questions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from media_assistant.analysis.kept_questions import find_kept, keep
from media_assistant.analysis.sight_labels import ZeroShot
from media_assistant.inference.hardware import detect
from media_assistant.inference.models import Models
from media_assistant.inference.store import ModelStore
from media_assistant.paths import bundled


def test_the_second_worker_asks_the_kept_rows(material: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "clip").symlink_to(material / "models" / "clip-mobilenet-wordnet")
    store = ModelStore([models], tmp_path / "user", bundled("models"), bundled("models") / "catalogue.toml")
    network = Models(store, detect(), threads=1).image_text()
    picture = np.full(network.dimension, network.dimension**-0.5, np.float32)
    first = ZeroShot(network, tmp_path / "kept")(picture)
    (file,) = (tmp_path / "kept").iterdir()
    written_ns = file.stat().st_mtime_ns
    network.free()
    assert ZeroShot(network, tmp_path / "kept")(picture) == first
    assert file.stat().st_mtime_ns == written_ns

    rows = np.load(file)
    card, questions = network.card, [str(i) for i in range(len(rows))]
    keep(tmp_path / "kept", card, questions, rows)
    assert not file.exists()  # one file for each model
    kept = find_kept(tmp_path / "kept", card, questions)
    assert kept is not None
    assert np.array_equal(kept, rows)
    assert find_kept(tmp_path / "kept", replace(card, revision="another"), questions) is None
    assert find_kept(tmp_path / "kept", card, questions[1:]) is None
    (file,) = (tmp_path / "kept").iterdir()
    half = file.with_suffix(".4711")
    half.write_bytes(b"of a worker that was killed")
    keep(tmp_path / "kept", card, questions, rows)
    assert not half.exists()
    file.write_bytes(file.read_bytes()[:-100])
    assert find_kept(tmp_path / "kept", card, questions) is None
    (tmp_path / "a file").write_bytes(b"")
    keep(tmp_path / "a file", card, questions, rows)  # nowhere to keep it: no fault
