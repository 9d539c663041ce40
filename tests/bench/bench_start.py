"""Cold start of the window on 10,000 and 100,000 items against a bare PySide6 window of the same size, and on a million
against a thousand.

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

PAIRS = 21
BARE = "a bare PySide6 window, 1440x900, until its first paint"

OURS = """
import sys
from media_assistant import __main__ as program

# As the program does it, though the grid is asked for here before the program does.
program.gc.disable()
program.import_qt()
from media_assistant.ui.widgets.grid.view import GridView

paint = GridView.paintEvent
said = []

def painted(self, event):
    paint(self, event)
    if not said and self.model.rowCount() and self.model.item_at(0) is not None:
        said.append(1)
        print("painted", flush=True)
        from media_assistant.ui.startup.opening import Opening
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


def home_of(folder: Path, items: int) -> Path:
    """A person's folders with a library of items of every kind, whose files and pictures are not there."""
    home = folder / str(items)
    os.environ["MEDIA_ASSISTANT_HOME"] = str(home)
    kinds = tuple(Kind)
    library = Library.open(find_paths().library)
    for start in range(0, items, 2000):
        library.add_items(
            [
                NewItem(kinds[at % len(kinds)], f"/nowhere/{at:07}", f"Item {at:07}", 1000 + at, at, f"{at:032x}")
                for at in range(start, min(start + 2000, items))
            ]
        )
    library.close()
    return home


def seconds_until(script: str, home: Path) -> tuple[float, float]:
    """From the start of a fresh process until it says that it is painted, and that it is whole."""
    os.environ["MEDIA_ASSISTANT_HOME"] = str(home)
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


def compare(ours: tuple[str, Path], theirs: tuple[str, Path], *, target: str, peer: str, items: int) -> None:
    """Print one JSON line."""
    times: list[tuple[float, float]] = []
    others: list[float] = []
    seconds_until(*ours)
    seconds_until(*theirs)
    for _ in range(PAIRS):
        times.append(seconds_until(*ours))
        others.append(seconds_until(*theirs)[0])
    report(
        "start",
        [first for first, _ in times],
        others,
        target=target,
        peer=peer,
        items=items,
        whole_s=round(statistics.median(whole for _, whole in times), 4),
        platform=os.environ["QT_QPA_PLATFORM"],
    )


def main() -> None:
    """Print the JSON lines."""
    # An installed program has its bytecode; the uncounted first runs write it where a checkout has none.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        homes = {items: home_of(Path(folder), items) for items in (1000, 10_000, 100_000, 1_000_000)}
        for items, target in ((10_000, "<= 1.5"), (100_000, "<= 1.4")):
            compare((OURS, homes[items]), (THEIRS, homes[items]), target=target, peer=BARE, items=items)
        compare(
            (OURS, homes[1_000_000]),
            (OURS, homes[1000]),
            target="<= 1.05",
            peer="the same with 1,000 items",
            items=1_000_000,
        )


if __name__ == "__main__":
    main()
