"""What a start imports, and where."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

START = """
import sys, threading, time
LATE = "media_assistant.ui.panels.player_panel", "media_assistant.workflows.search.searching"
main, wrong = threading.main_thread(), []
def watch(event, arguments):
    if event == "import" and arguments[0].startswith(("PySide6", "shiboken6", "media_assistant.ui")):
        if threading.current_thread() is not main:
            wrong.append(arguments[0])
sys.addaudithook(watch)
from PySide6.QtCore import QTimer
from media_assistant.__main__ import main as start
from media_assistant.ui.startup import app
from media_assistant.ui.startup import shell
class Watched(shell.Shell):
    def _arrived(self, opening):
        super()._arrived(opening)
        # Each is imported in its own time, and in the end on a machine that has little of it.
        self.until, self.looks = time.monotonic() + 60, QTimer()
        self.looks.timeout.connect(self._look)
        self.looks.start(100)
    def _look(self):
        if not set(LATE) - set(sys.modules) or time.monotonic() > self.until:
            self.looks.stop()
            self.window.quit()
app.Shell = Watched
status = start([])
print(*(name in sys.modules for name in LATE))
print("wrong", wrong)
sys.exit(status)
"""


def test_what_knows_qt_is_imported_on_the_windows_own_thread(home: Path) -> None:
    """Two threads in the midst of PySide's classes end the program, or wait for each other for ever."""
    done = subprocess.run(
        [sys.executable, "-c", START], capture_output=True, text=True, timeout=120, check=False, cwd=Path.cwd()
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines() == ["True True", "wrong []"]
