"""Promise 13, of this very run: nothing leaves the computer while the tests run, whatever language it is written in."""

from __future__ import annotations

import _socket
import ast
import errno
import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.conftest import ROOT, UNWALLED, pytest_configure_node
from tests.network import leave_the_network, open_native_socket

NETWORKS = [family for name in ("INET", "INET6", "PACKET", "NETLINK") if (family := getattr(socket, f"AF_{name}", 0))]


@pytest.fixture
def _kernel(request: pytest.FixtureRequest) -> None:
    if said := request.config.stash[UNWALLED]:
        pytest.skip(f"the kernel has no filter for system calls here: {said}")


@pytest.mark.usefixtures("_kernel")
def test_promise_13_the_whole_suite_runs_with_sockets_refused_by_the_kernel() -> None:
    assert [open_native_socket(family) for family in NETWORKS] == [errno.EACCES] * len(NETWORKS)
    assert open_native_socket(socket.AF_UNIX) == 0, "windows and their helpers speak through local ones"
    # As the kernel sees it, here and in what is started from here.
    code = "import re; print(re.search(r'Seccomp:\\s+2', open('/proc/self/status').read()) is not None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
    code = "from tests.network import open_native_socket; print(open_native_socket(2), open_native_socket(10))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == [str(errno.EACCES)] * 2


def test_promise_13_python_says_which_test_wanted_a_network() -> None:
    for family in (socket.AF_INET, socket.AF_INET6):
        with pytest.raises(PermissionError, match="a test opened a network socket"):
            socket.socket(family)


@pytest.mark.usefixtures("loopback_allowed", "_kernel")
def test_promise_13_downloads_are_tested_where_there_is_nothing_but_this_machine() -> None:
    door = _socket.socket(socket.AF_INET)  # past what Python refuses
    try:
        with pytest.raises(OSError, match=os.strerror(errno.ENETUNREACH)):
            door.connect(("192.0.2.1", 80))
    finally:
        door.close()


def test_promise_13_a_process_that_runs_tests_knows_that_it_is_not_walled_in() -> None:
    node = SimpleNamespace(config=SimpleNamespace(stash={UNWALLED: "no filter"}), workerinput={})
    pytest_configure_node(node)
    assert leave_the_network(SimpleNamespace(workerinput=node.workerinput)) == "no filter"  # type: ignore[arg-type]


def _networks_in(code: str) -> set[str]:
    """What it imports that speaks through a network."""
    speaks = {
        "socket",
        "ssl",
        "http",
        "urllib",
        "ftplib",
        "smtplib",
        "xmlrpc",
        "asyncio",
        "requests",
        "httpx",
        "aiohttp",
        "huggingface_hub",
    }
    return {
        name
        for node in ast.walk(ast.parse(code))
        for name in _imported(node)
        if (name.split(".")[0] in speaks or "QtNetwork" in name) and not f"{name}.".startswith("urllib.parse.")
    }


def _imported(node: ast.AST) -> list[str]:
    """By their whole names, whether a module is named or something is taken out of it."""
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [f"{node.module}.{name.name}" for name in node.names]
    return []


@pytest.mark.parametrize(
    "line",
    [
        "import socket",
        "from http import client",
        "import urllib.request as asked",
        "from urllib import request",
        "import PySide6.QtNetwork",
        "from PySide6 import QtCore, QtNetwork",
        "def later():\n    from PySide6.QtNetwork import QNetworkAccessManager",
        "from huggingface_hub import snapshot_download",
    ],
)
def test_promise_13_each_way_to_a_network_is_seen(line: str) -> None:
    assert _networks_in(line)
    assert not _networks_in("from urllib.parse import quote\nimport urllib.parse\nfrom PySide6 import QtGui")


def test_promise_13_nothing_but_the_download_knows_a_network() -> None:
    """No telemetry and no looking for updates: there is no line that could. Local sockets are the window's door."""
    found = {
        file.relative_to(ROOT).as_posix(): names
        for file in (ROOT / "media_assistant").rglob("*.py")
        if (names := _networks_in(file.read_text("utf-8")))
    }
    assert set(found) == {"media_assistant/inference/download.py", "media_assistant/ui/startup/single.py"}, found
    assert found["media_assistant/ui/startup/single.py"] == {
        "PySide6.QtNetwork.QLocalServer",
        "PySide6.QtNetwork.QLocalSocket",
    }
