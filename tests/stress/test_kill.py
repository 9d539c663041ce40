"""Ten rounds of `python3 build/dev.py stress kill`, always the same ones: every scenario and every kind of victim."""

from __future__ import annotations

import sys

import pytest

if sys.platform != "linux":
    pytest.skip("SIGKILL, and orphans that are waited for", allow_module_level=True)

from tests.inference.hub import serving
from tests.stress.killing.prepared import prepare
from tests.stress.killing.rounds import Rounds
from tests.stress.killing.scenarios import hub_files
from tests.stress.killing.victims import adopt_orphans

ROUNDS = (
    (11, "import", "command"),
    (12, "analysis", "worker"),
    (13, "edits", "command"),
    (14, "edits", "window"),
    (15, "migration", "command"),
    (16, "backup", "command"),
    (17, "restore", "command"),
    (18, "export", "command"),
    (19, "rebuild", "command"),
)


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    """In this process, which adopts what killed programs leave running. Without speech: that takes longer."""
    folder = tmp_path_factory.mktemp("stress")
    adopt_orphans()
    return Rounds(prepare(folder / "prepared", None), folder, folder / "kept")


@pytest.mark.parametrize(("seed", "scenario", "victim"), ROUNDS)
def test_promise_2_killed_anywhere_nothing_is_lost(rounds: Rounds, seed: int, scenario: str, victim: str) -> None:
    result = rounds.run(seed, scenario, victim)
    print(result)
    assert not result.fault, str(result)
    assert result.struck, "the victim was sooner than every kill"


def test_promise_2_a_killed_download_goes_on(rounds: Rounds, loopback_allowed: None) -> None:
    with serving(hub_files()) as rounds.hub:
        rounds.hub.pause_s = 0.002
        result = rounds.run(20, "download", "command")
    print(result)
    assert not result.fault, str(result)
    assert result.struck, "the victim was sooner than every kill"


def test_promise_3_what_was_paused_or_held_back_stays_so_and_the_queue_goes_on(rounds: Rounds) -> None:
    """Killed while the queue is steered: the pause is as the person left it, and in the end all is done once."""
    result = rounds.run(31, "pause", "command")
    print(result)
    assert not result.fault, str(result)
    assert result.struck, "the victim was sooner than every kill"
