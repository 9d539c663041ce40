"""A victim that does what a script says, and says on its output what is done: `python -m tests.stress.killing.scripted SCRIPT`.

SCRIPT is a JSON object: `steps`, `is_window` (the real window, its engine included, or the engine alone as a command
opens it), `files` that the window is opened with, and `works` (whether the engine works its queue off). After each step
there is a line `done N`: from then on the person knows it, so it must never be lost.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from media_assistant.errors import MediaAssistantError
from tests.stress.killing.steps import Step, perform


def say(number: int) -> None:
    """At once, and past every buffer."""
    os.write(1, f"done {number}\n".encode())


def run_engine(script: dict[str, Any]) -> None:
    from media_assistant import settings
    from media_assistant.assistant import Assistant
    from media_assistant.paths import find_paths

    paths = find_paths()
    kept = settings.load(paths.config / "settings.json")
    assistant = Assistant.open(paths, kept, works=script["works"], is_foreground=True)
    try:
        for number, step in enumerate(script["steps"], 1):
            future = perform(assistant, step)
            if not isinstance(future.exception(), MediaAssistantError | None):
                future.result()
            say(number)
    finally:
        assistant.close()


def run_window(script: dict[str, Any]) -> int:
    """The program's own start; the steps begin when the window is whole, and its end is a person's."""
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtTest import QTest

    from media_assistant.__main__ import main
    from media_assistant.ui.startup import app
    from media_assistant.ui.startup.opening import Opening
    from media_assistant.ui.startup.shell import Shell
    from media_assistant.ui.startup.single import Wish

    keys = {
        "undo": Qt.KeyboardModifier.ControlModifier,
        "redo": Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    }

    class ScriptedShell(Shell):
        def start(self, wish: Wish) -> None:
            self._steps: list[Step] = list(script["steps"])
            self._number = 0
            self._waits_for: Any = None
            self._timer = QTimer(self)
            self._timer.timeout.connect(self._look)
            super().start(wish)

        def _arrived(self, opening: Opening) -> None:
            super()._arrived(opening)
            self._timer.start(5)

        def _look(self) -> None:
            if not self.is_whole or self.opening.running is None:
                return
            if self._waits_for is not None:
                if not self._waits_for():
                    return
                self._waits_for = None
                say(self._number)
            if self._number == len(self._steps):
                self._timer.stop()
                self.window.quit()
                return
            self._number += 1
            self._waits_for = self._begin(self._steps[self._number - 1])

        def _begin(self, step: Step) -> Any:
            assistant = self.opening.running.assistant  # type: ignore[union-attr]
            if step[0] == "items":
                return lambda: len(assistant.library.item_ids()) >= step[1]
            if step[0] == "restore":
                before = self.opening
                self.restore(Path(step[1]))
                return lambda: self.opening is not before and self.is_whole
            if step[0] in keys:
                return self._press(step[0]).done
            return perform(assistant, step).done

        def _press(self, verb: str) -> Future[Any]:
            """The key that a person presses, and the future of what the window does then."""
            desk = self.opening.running.desk  # type: ignore[union-attr]
            asked: list[Future[Any]] = []
            done = getattr(desk.assistant, verb)

            def ask() -> Future[Any]:
                asked.append(done())
                return asked[0]

            setattr(desk.assistant, verb, ask)
            try:
                QTest.keyClick(self.window, Qt.Key.Key_Z, keys[verb])
            finally:
                delattr(desk.assistant, verb)
            return asked[0]

    app.Shell = ScriptedShell  # type: ignore[misc]
    return main(script["files"])


def run(script: dict[str, Any]) -> int:
    if script["is_window"]:
        return run_window(script)
    run_engine(script)
    return 0


if __name__ == "__main__":
    sys.exit(run(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
