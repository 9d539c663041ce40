"""A part of the hostile corpus, drawn anew by its seed; `stress hostile` runs all of it."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.stress.hostile_corpus import READERS, make_corpus
from tests.stress.hostile_run import KILLED, run

SEED = int(os.environ.get("MEDIA_ASSISTANT_HOSTILE_SEED", "5"))

pytestmark = [pytest.mark.timeout(600), pytest.mark.skipif(sys.platform == "win32", reason="pipes, links, odd names")]


def test_promise_12_hostile_files_are_understood_or_refused_in_words_and_stop_nothing(
    tmp_path: Path, samples: Path
) -> None:
    files = make_corpus(tmp_path / "files", samples, seed=SEED, every=43, every_lie=9, hole_mb=16)
    report = run(files, tmp_path / "files", tmp_path / "home", samples, patience_s=500, plays=9)
    assert {each.reader for each in files} == set(READERS)
    assert not report.faults, f"seed {SEED}: {report.faults}"
    assert report.peak_mb < 3000
    became = Counter(each.what for each in report.outcomes)
    assert len(files) > 60
    assert became["understood"] > 20
    assert became["refused"] > 15
    assert not [each for each in report.outcomes if each.code in KILLED]
