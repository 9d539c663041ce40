"""Draws every view of the window into pictures, from a real library: for looking at, for the README, and for a machine without a display.

    python -m media_assistant.ui.screenshots --all FOLDER [--library FILE]
    python -m media_assistant.ui.screenshots --library FILE --one PICTURE

Without a library the samples are imported and understood first, in a folder that is thrown away.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from media_assistant.assistant import Assistant
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.whereabouts import Loss
from media_assistant.paths import Paths, find_paths
from media_assistant.settings import Settings
from media_assistant.ui.panels.registry import PAGES
from media_assistant.ui.places import Place
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.running import Running

SIZES = ((1440, 900), (900, 600))
THEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
LANGUAGES = ("en", "zh_CN")
QUERIES = {"en": "lighthouse", "zh_CN": "灯塔"}
PATIENCE_MS = 600_000


def wait_until(is_so: Callable[[], bool], *, longest_ms: int) -> bool:
    """Let the window live until something is so, or for `longest_ms`; whether it is."""
    loop, ticks, end = QEventLoop(), QTimer(), QTimer()
    ticks.setInterval(25)
    ticks.timeout.connect(lambda: loop.quit() if is_so() else None)
    end.setSingleShot(True)
    end.timeout.connect(loop.quit)
    ticks.start()
    end.start(longest_ms)
    if not is_so():
        loop.exec()
    ticks.stop()
    return is_so()


def let_pass(ms: int) -> None:
    """Let the window live for a while."""
    wait_until(lambda: False, longest_ms=ms)


@contextmanager
def opened(paths: Paths, settings: Settings, size: tuple[int, int], *, is_read_only: bool) -> Iterator[Running]:
    """A window of this size on a library."""
    application = prepare_application()
    assistant = Assistant.open(paths, settings, works=False, is_read_only=is_read_only)
    try:
        running = Running.whole(application, assistant)
        running.window.resize(*size)
        running.window.show()
        wait_until(lambda: running.window.library.is_empty is not None, longest_ms=5000)
        try:
            yield running
        finally:
            running.close()
    finally:
        assistant.close()


def understand_samples(paths: Paths) -> None:
    """Import what the program brings along, and wait until all of it was understood."""
    prepare_application()
    assistant = Assistant.open(paths, Settings(), is_foreground=True)
    try:
        imported = assistant.try_samples()
        wait_until(imported.done, longest_ms=PATIENCE_MS)
        imported.result()
        idle = assistant.when_idle()
        wait_until(idle.done, longest_ms=PATIENCE_MS)
    finally:
        assistant.close()


def views(running: Running, query: str) -> Iterator[str]:
    """Bring the window to one view after the other; yields its name as soon as it can be looked at."""
    window = running.window
    grid, items = window.library.grid, window.library.items
    let_pass(700)
    yield "library"
    window.library.loss.ask([Loss("/media/ann/Holiday 海边", 412, 418)])
    let_pass(300)
    yield "lost"
    window.library.loss.ask([])
    bar = window.library.view_bar
    bar.group_by("day")
    wait_until(lambda: bool(items.listing.groups), longest_ms=5000)
    let_pass(400)
    yield "groups"
    bar.group_by("")
    bar.show_as(is_list=True)
    grid.selection.set_all(items.listing.ids)
    let_pass(900)
    yield "list"
    grid.selection.clear()
    bar.show_as(is_list=False)
    window.library.search.ask(query)
    wait_until(lambda: _is_answered(running), longest_ms=20_000)
    if items.rowCount():
        grid.go_to(0)
        let_pass(900)
    yield "search"
    film = next((row for row in range(items.rowCount()) if _is_heard(items.item_at(row))), None)
    if film is not None:
        grid.go_to(film)
        let_pass(600)
        window.inspector.tabs.show_tab("transcript")
        let_pass(300)
        yield "transcript"
        grid.go_to(0)
        let_pass(600)
    window.inspector.tabs.show_tab("similar")
    let_pass(1500)
    yield "similar"
    window.inspector.tabs.show_tab("details")
    let_pass(300)
    yield "details"
    window.inspector.tabs.show_tab("tags")
    kinds = ((Kind.VIDEO, "video"), (Kind.MUSIC, "audio"), (Kind.TEXT, "text"), (Kind.PHOTO, "photo"))
    for kind, name in kinds:
        ids = running.assistant.library.item_ids(kind=kind, sort="size")
        if not len(ids):
            continue
        found = next((item_id for item_id in ids if items.hit(item_id)), ids[0])
        window.open_item(found)
        wait_until(lambda found=found: window.player.is_shown(found), longest_ms=5000)  # type: ignore[misc]
        let_pass(900)
        yield name
        if kind is Kind.VIDEO:
            window.player.tabs.show_tab("chapters")
            let_pass(200)
            yield "marks"
        window.close_item()
    for page in PAGES:
        window.go(Place(page))
        let_pass(900 if page == "review" else 500)
        yield page
        if page == "history":
            history: Any = window.page(page)
            history.show_past()
            let_pass(400)
            yield "past"


def render_all(
    folder: Path,
    library: Path | None = None,
    *,
    themes: tuple[Literal["dark", "light"], ...] = THEMES,
    languages: tuple[str, ...] = LANGUAGES,
    sizes: tuple[tuple[int, int], ...] = SIZES,
) -> list[Path]:
    """Every view in these themes, languages and sizes, as `<view>-<theme>-<language>-<width>.png`; the files in order."""
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with tempfile.TemporaryDirectory() as scratch:
        empty = scratch_paths(Path(scratch) / "empty")
        paths = find_paths(library) if library is not None else scratch_paths(Path(scratch) / "samples")
        if library is None:
            understand_samples(paths)
        for theme in themes:
            for language in languages:
                settings = Settings(language=language, theme=theme)
                for size in sizes:
                    ending = f"{theme}-{language}-{size[0]}.png"
                    with opened(empty, settings, size, is_read_only=False) as running:
                        let_pass(400)
                        made.append(_grab(running, folder / f"first-run-{ending}"))
                    with opened(paths, settings, size, is_read_only=True) as running:
                        made.extend(
                            _grab(running, folder / f"{view}-{ending}") for view in views(running, QUERIES[language])
                        )
    return made


def render_one(picture: Path, library: Path | None) -> Path:
    """The library with its first item chosen, as the window would look."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with opened(find_paths(library), Settings(theme="dark"), SIZES[0], is_read_only=True) as running:
        window = running.window
        window.library.search.ask(QUERIES[running.desk.words.language])
        wait_until(lambda: _is_answered(running), longest_ms=20_000)
        if window.library.items.rowCount():
            window.library.grid.go_to(0)
        let_pass(1200)
        return _grab(running, picture)


def scratch_paths(root: Path) -> Paths:
    """Folders under `root`; model folders are those of the person."""
    return find_paths()._replace(
        data=root / "data",
        cache=root / "cache",
        config=root / "config",
        logs=root / "logs",
        library=root / "data" / "library.sqlite",
    )


def _is_heard(item: Item | None) -> bool:
    return item is not None and item.kind in (Kind.VIDEO, Kind.MUSIC)


def _is_answered(running: Running) -> bool:
    """By meaning too, which starts later than the search by words."""
    answer = running.window.library.answer
    return answer is not None and not answer.hints


def _grab(running: Running, file: Path) -> Path:
    if not running.window.grab().save(str(file)):
        raise OSError(f"{file} could not be written")
    return file


def main(arguments: list[str]) -> int:
    """The command line above. Exit status 0, or 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="media_assistant.ui.screenshots")
    parser.add_argument("--library", type=Path)
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    parser.add_argument("--one", type=Path, metavar="PICTURE")
    chosen = parser.parse_args(arguments)
    if chosen.all is None and chosen.one is None:
        parser.print_usage()
        return 2
    if chosen.all is not None:
        render_all(chosen.all, chosen.library)
    if chosen.one is not None:
        render_one(chosen.one, chosen.library)
    application = QApplication.instance()
    if application is not None:
        application.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
