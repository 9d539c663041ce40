"""Fixtures for every test: no network, no display, no trace on the person's own folders."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Several files of tests keep the computer busy at once; the workers that one of them waits for are not to starve.
os.environ.setdefault("MEDIA_ASSISTANT_WORKER_SHARE", "equal")
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # as in a worker; some tests run networks in this process

import pytest
from hypothesis import settings

from tests import originals
from tests.network import DOWNLOAD, UNWALLED_IN, downloads_are_wanted, is_trapped, leave_the_network

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tests.patience import PatientBot

# How long an example takes is the machine's affair.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).resolve().parent.parent


def _find_material() -> Path | None:
    named = os.environ.get("MEDIA_ASSISTANT_TEST_MATERIAL")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder if (folder / "media" / "index.jsonl").is_file() else None


MATERIAL = _find_material()


LONG_FIRST = ("e2e", "stress", "bundling", "ui", "workflows", "cli")
"""Folders whose files take longest: begun last, one of them would run alone at the end."""

UNWALLED = pytest.StashKey[str]()
"""Why the kernel keeps no network from this run; empty where it does."""


def pytest_configure(config: pytest.Config) -> None:
    config.stash[UNWALLED] = leave_the_network(config)
    given = [ROOT / "resources" / "samples", *([MATERIAL / "media"] if MATERIAL else [])]
    originals.note_before(config, given)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Of pytest-xdist: a process that runs tests skips what this one could not be walled in for."""
    node.workerinput[UNWALLED_IN] = node.config.stash[UNWALLED]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if changed := originals.changed_since(session.config):
        names = "\n".join(map(str, changed))
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.config.get_terminal_writer().line(f"\npromise 1 is broken: originals were changed\n{names}", red=True)


def pytest_report_header(config: pytest.Config) -> str:
    if said := config.stash[UNWALLED]:
        return f"network: refused by Python alone ({said})"
    return "network: none but this machine" if downloads_are_wanted(config) else "network: refused by the kernel"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every test that asks for the material is marked, so that `-m "not material"` proves the built-in path; and every
    one that downloads from this very machine, which is a run of its own. What takes long begins first.
    """
    items.sort(key=lambda item: next((rank for rank, name in enumerate(LONG_FIRST) if name in item.path.parts), 99))
    is_refused = not downloads_are_wanted(config) and not config.stash[UNWALLED]
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "material" in fixtures:
            item.add_marker(pytest.mark.material)
        if "loopback_allowed" in fixtures:
            item.add_marker(DOWNLOAD)
            if is_refused:
                item.add_marker(pytest.mark.skip(reason=f"sockets are refused here; it runs with -m {DOWNLOAD}"))


_terminal: list[pytest.TerminalReporter] = []


def pytest_sessionstart(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        _terminal.append(session.config.pluginmanager.get_plugin("terminalreporter"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What fails is said at once, not at the end alone: a run that is cut short still says what it found."""
    if report.failed:
        for terminal in _terminal:
            terminal.write_line(f"\nFAILED {report.nodeid} ({report.when})\n{report.longreprtext[-4000:]}")


@pytest.fixture(scope="session")
def material() -> Path:
    """The labelled media and public networks that lie beside the checkout; never part of the project."""
    if MATERIAL is None:
        pytest.skip("test material not found (MEDIA_ASSISTANT_TEST_MATERIAL)")
    return MATERIAL


@pytest.fixture(scope="session")
def samples() -> Path:
    """The project's own sample media."""
    return ROOT / "resources" / "samples"


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """For every folder of tests: whichever of them is first to ask for a window, the application is the program's own."""
    from media_assistant.ui.startup.app import prepare_application

    return prepare_application()


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    from tests.patience import PatientBot

    return PatientBot(request)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folders, new and empty for each test."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("MEDIA_ASSISTANT_HOME", str(folder))
    monkeypatch.delenv("MEDIA_ASSISTANT_MODELS", raising=False)
    return folder


@pytest.fixture(autouse=True)
def _originals_stay(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What came into a library during a test is afterwards what it was (promise 1)."""
    if request.node.get_closest_marker(originals.TOUCHES):
        yield
        return
    noted = originals.Originals(monkeypatch)
    originals.listen(noted)
    yield
    assert not noted.changed(), "the program changed originals, or opened them for writing"


@pytest.fixture
def zone() -> Iterator[Callable[[str], None]]:
    """Takes the computer elsewhere, where the system has a word for that."""
    if sys.platform == "win32":
        pytest.skip("zones of Unix")
    before = os.environ.get("TZ")

    def go(name: str) -> None:
        os.environ["TZ"] = name
        time.tzset()

    yield go
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.fixture
def loopback_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the download tests: sockets to this machine itself, nothing else."""
    monkeypatch.setattr(_RefusingSocket, "_loopback_allowed", True)


class _RefusingSocket(socket.socket):
    """Refuses the internet families; pipes and AF_UNIX stay (promise 13)."""

    _loopback_allowed = False

    def __init__(self, family: int = -1, *rest: object, **named: object) -> None:
        is_network = family in (-1, socket.AF_INET, socket.AF_INET6) and named.get("fileno") is None
        if is_network and not type(self)._loopback_allowed:
            raise PermissionError("a test opened a network socket")
        super().__init__(family, *rest, **named)  # type: ignore[arg-type]

    def connect(self, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0] if isinstance(address, tuple) else ""
            if host not in ("127.0.0.1", "::1", "localhost"):
                raise PermissionError(f"a test connected to {host}")
        super().connect(address)  # type: ignore[arg-type]


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    if is_trapped():
        yield
        return
    real = socket.socket
    socket.socket = _RefusingSocket  # type: ignore[misc]
    yield
    socket.socket = real  # type: ignore[misc]
