"""A worker yields to the window, also where the system shares its cores between sessions first."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

AUTOGROUP = "/proc/self/autogroup"
CODE = "from media_assistant.jobs.limits import step_back; step_back(); print(open('/proc/self/autogroup').read())"


def _group_of_one_that_stepped_back(*, in_own_session: bool, share: str = "") -> str:
    environment = {**os.environ, "MEDIA_ASSISTANT_WORKER_SHARE": share}
    told = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=in_own_session,
        env=environment,
    )
    return told.stdout.strip()


@pytest.mark.skipif(not os.path.exists(AUTOGROUP), reason="only Linux shares the cores between sessions")
def test_a_session_of_its_own_stands_back_and_that_of_others_does_not() -> None:
    with open(AUTOGROUP, encoding="ascii") as file:
        ours = file.read().strip()
    assert _group_of_one_that_stepped_back(in_own_session=True).endswith("nice 10")
    assert _group_of_one_that_stepped_back(in_own_session=False) == ours
    assert not _group_of_one_that_stepped_back(in_own_session=True, share="equal").endswith("nice 10")
