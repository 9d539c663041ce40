"""A session of the real window in which no socket is as much as asked for, by whatever language or thread."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from media_assistant.jobs.worker_process import ENVIRONMENT
from tests.conftest import ROOT, UNWALLED
from tests.network import TRAP


@pytest.fixture(autouse=True)
def _kernel(request: pytest.FixtureRequest) -> None:
    if said := request.config.stash[UNWALLED]:
        pytest.skip(f"the kernel has no filter for system calls here: {said}")


def trapped(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """A process in which asking for a socket is the end, and all that it starts."""
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, TRAP: "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=220,
    )


def test_promise_13_asking_for_a_socket_is_seen_in_whatever_language() -> None:
    """The trap itself: without it the next test would prove nothing."""
    setting = "from tests import network; from media_assistant.jobs import confinement as c; c.close_network(answer=c.TRAPPED)\n"
    for asking in ("network.open_native_socket(10)", "import _socket; _socket.socket(2)"):
        assert trapped("-c", setting + asking).returncode == -signal.SIGSYS
    assert trapped("-c", setting + "network.open_native_socket(1)").returncode == 0


@pytest.mark.timeout(600)  # a slow machine takes minutes, and says what it waits for
def test_promise_13_a_whole_session_of_the_window_asks_for_no_socket(material: Path) -> None:
    """Import, real networks, search, playing, editing, backup, export, settings; promise 1 is looked at in it as well."""
    done = trapped("-m", "pytest", "tests/ui/whole_session.py", "-p", "no:randomly")
    assert done.returncode == 0, f"{done.returncode}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
    assert "1 passed" in done.stdout


def test_promise_13_the_runtime_of_the_networks_is_told_to_report_nothing() -> None:
    """Before it loads, by the name that the very library here listens to; later versions may choose another."""
    import onnxruntime

    (library,) = Path(onnxruntime.__file__).parent.glob("capi/onnxruntime_pybind11_state*")
    code = library.read_bytes()
    assert b"ORT_DISABLE_TELEMETRY" in code or b"OneCollector" not in code
    assert ENVIRONMENT["ORT_DISABLE_TELEMETRY"] == "1"
