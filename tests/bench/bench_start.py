"""Cold start of the window on 10,000 items against a bare PySide6 window of the same size.

Both are fresh processes, timed by this one from their start until they say that their first picture is painted: ours is
the program as a person starts it, when the grid has painted the library's first items, theirs an empty main window that
has painted itself. What Python and Qt need by themselves is in both. `whole_s` tells when every panel is there too; the
grid scrolls and takes clicks all the while.
"""

from __future__ import annotations

import os
import statistics
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
from media_assistant import __main__ as program

# As the program does it, though the grid is asked for here before the program does.
program.gc.disable()
program._import_qt()
from media_assistant.ui.widgets.grid_view import GridView

paint = GridView.paintEvent
said = []

def painted(self, event):
    paint(self, event)
    if not said and self.model.rowCount() and self.model.item_at(0) is not None:
        said.append(1)
        print("painted", flush=True)
        from media_assistant.ui.opening import Opening
        finish = Opening._finish

        def finished(self):
            finish(self)
            print("whole", flush=True)
            sys.stdin.readline()
            from PySide6.QtWidgets import QApplication
            QApplication.exit()

        Opening._finish = finished

GridView.paintEvent = painted
program.main([])
"""

THEIRS = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

class Middle(QWidget):
    def paintEvent(self, event):
        print("painted", flush=True)
        print("whole", flush=True)
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


def seconds_until(script: str) -> tuple[float, float]:
    """From the start of a fresh process until it says that it is painted, and that it is whole."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        took = []
        for word in ("painted", "whole"):
            assert process.stdout.readline().strip() == word
            took.append(time.perf_counter() - start)
        process.stdin.write("\n")
        process.stdin.flush()
        process.wait(60)
    return took[0], took[1]


def main() -> None:
    """Print the JSON line."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["MEDIA_ASSISTANT_HOME"] = home
        # An installed program has its bytecode; the uncounted first runs write it where a checkout has none.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        fill(find_paths().library)
        seconds_until(OURS)
        seconds_until(THEIRS)
        ours: list[float] = []
        theirs: list[float] = []
        whole: list[float] = []
        for _ in range(PAIRS):
            first, all_of_it = seconds_until(OURS)
            ours.append(first)
            whole.append(all_of_it)
            theirs.append(seconds_until(THEIRS)[0])
        report(
            "start",
            ours,
            theirs,
            target="<= 1.5",
            peer="a bare PySide6 window, 1440x900, until its first paint",
            items=ITEMS,
            whole_s=round(statistics.median(whole), 4),
            platform=os.environ["QT_QPA_PLATFORM"],
        )


if __name__ == "__main__":
    main()
