"""Cold start of the window on 10,000 items against a bare PySide6 window of the same size.

Both are fresh processes, timed by this one from their start until they say that their first picture is painted: ours
when the grid has painted its first items, theirs when an empty main window has painted itself. What Python and Qt need
by themselves is in both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import report

from media_assistant.items.kind import Kind
from media_assistant.library.library import Library, NewItem
from media_assistant.paths import find_paths

ITEMS = 10_000
PAIRS = 7

OURS = """
import sys
from PySide6.QtCore import QEvent, QObject
from media_assistant.ui.running import Running, prepare_application
from media_assistant.assistant import Assistant
from media_assistant.paths import find_paths
from media_assistant.settings import Settings

application = prepare_application()
assistant = Assistant.open(find_paths(), Settings(language="en", theme="dark"))
running = Running(application, assistant)
window = running.window
grid = window.library.grid
paint = type(grid).paintEvent

def painted(self, event):
    paint(self, event)
    items = self.model
    if items.rowCount() and items.item(int(items.listing.ids[0])) is not None:
        print("painted", flush=True)
        sys.stdin.readline()
        application.quit()

type(grid).paintEvent = painted
window.resize(1440, 900)
window.show()
application.exec()
running.close()
assistant.close()
"""

THEIRS = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

class Middle(QWidget):
    def paintEvent(self, event):
        print("painted", flush=True)
        sys.stdin.readline()
        application.quit()

application = QApplication(sys.argv[:1])
window = QMainWindow()
window.setCentralWidget(Middle())
window.resize(1440, 900)
window.show()
application.exec()
"""


def fill(library: Path) -> None:
    """Items of every kind whose files and pictures are not there."""
    kinds = tuple(Kind)
    opened = Library.open(library)
    for start in range(0, ITEMS, 2000):
        opened.add_items(
            [
                NewItem(kinds[at % len(kinds)], f"/nowhere/{at:05}", f"Item {at:05}", 1000 + at, at, f"{at:032x}")
                for at in range(start, start + 2000)
            ]
        )
    opened.close()


def seconds_until_painted(script: str) -> float:
    """From the start of a fresh process until it says so."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline().strip() == "painted"
        took = time.perf_counter() - start
        process.stdin.write("\n")
        process.stdin.flush()
        process.wait(60)
    return took


def main() -> None:
    """Print the JSON line."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["MEDIA_ASSISTANT_HOME"] = home
        # An installed program has its bytecode; the uncounted first runs write it where a checkout has none.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        fill(find_paths().library)
        seconds_until_painted(OURS)
        seconds_until_painted(THEIRS)
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(PAIRS):
            ours.append(seconds_until_painted(OURS))
            theirs.append(seconds_until_painted(THEIRS))
        report(
            "start",
            ours,
            theirs,
            target="<= 1.5",
            peer="a bare PySide6 window, 1440x900, until its first paint",
            items=ITEMS,
            platform=os.environ["QT_QPA_PLATFORM"],
        )


if __name__ == "__main__":
    main()
