"""What a verb says that it did is all that it did."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import pytest

from media_assistant.cli import verbs
from media_assistant.cli.desk import Desk
from media_assistant.cli.progress import ProgressLine
from media_assistant.workflows.intake import importing
from tests.workflows.engine import BRISK, open_assistant


def test_what_is_understood_before_the_rest_is_looked_at_counts_too(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"Note {number} of the lighthouse. " * 20)
    assistant = open_assistant(settings=BRISK, is_foreground=True)
    plan = assistant._queue.plan

    def plan_and_work_off(item_ids: Sequence[int] | None) -> int:
        count = plan(item_ids)
        assistant.when_idle().result(60)
        return count

    monkeypatch.setattr(importing, "_FIRST_BATCH", 1)
    monkeypatch.setattr(assistant._queue, "plan", plan_and_work_off)
    asked = Namespace(paths=[folder], no_analyse=False)
    said = verbs.import_files(Desk(assistant, asked, ProgressLine(is_quiet=True), "en", assistant.say))
    done = assistant.library.job_counts().done
    assert done > 3
    assert said.document["analyses"] == {"done": done, "failed": 0}
    assistant.close()
