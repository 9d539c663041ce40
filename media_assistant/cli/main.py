"""The command line: parse, run one verb, say what came of it, leave with the right status.

0 done · 1 a fault that the person can fix · 2 wrong usage · 3 our bug, with a report · 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import platform
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from media_assistant import logs, sentences, settings
from media_assistant.cli.arguments import WrongUsage, build_parser, check_arguments
from media_assistant.cli.desk import Answer, Desk, Said, Verb
from media_assistant.cli.open_export import rebuild
from media_assistant.cli.progress import ProgressLine
from media_assistant.cli.standard_error import complain, silence
from media_assistant.cli.upkeep import restore
from media_assistant.cli.verbs import VERBS
from media_assistant.cli.wording import printable
from media_assistant.errors import UserFixable, why_of
from media_assistant.library.drives import is_on_network
from media_assistant.paths import Paths, find_paths, keep_private

if TYPE_CHECKING:
    from media_assistant.assistant import Assistant
    from media_assistant.settings import Settings

DONE, FIXABLE, WRONG_USAGE, OUR_BUG, INTERRUPTED = 0, 1, 2, 3, 130
_PATIENCE_S, _AGAIN_S = 2.0, 0.1


def main(words: Sequence[str]) -> int:
    """Run one verb; `words` are the arguments after the program's name."""
    _open_missing_streams()
    is_json = "--json" in words
    paths = find_paths()
    keep_private(paths)
    file = paths.config / "settings.json"
    wishes = settings.load(file)
    language = sentences.choose_language(wishes.language)

    def say(code: str, **parameters: str | int | float) -> str:
        return sentences.say(language, code, **parameters)

    if settings.broken_file(file) is not None:
        complain(say("cli.settings_unread", file=printable(str(file))))
    with _interruptible():
        try:
            said = _run(words, wishes, language, say)
        except WrongUsage as fault:
            complain(f"{fault.usage}media-assistant: {fault}")
            return _end(is_json, "usage", str(fault), WRONG_USAGE)
        except UserFixable as fault:
            message = say(f"error.{fault.code}", **fault.parameters)
            complain(printable(message))
            return _end(is_json, fault.code, message, FIXABLE)
        except KeyboardInterrupt:
            message = say("cli.interrupted")
            complain(message)
            return _end(is_json, "interrupted", message, INTERRUPTED)
        except Exception:  # the border of the program: a report that can be sent, and the status that says so
            logging.getLogger(__name__).exception("the command failed")
            message = say("cli.bug", report=_write_report(paths.logs, words))
            complain(message)
            return _end(is_json, "bug", message, OUR_BUG)
    try:
        text = _json(said.document) if is_json else "\n".join(said.lines)
        _print(text)
    except BrokenPipeError:
        silence(sys.stdout)
    except OSError as fault:
        complain(say("error.cli.answer_lost", why=why_of(fault)))
        silence(sys.stdout)
        return FIXABLE
    except KeyboardInterrupt:
        silence(sys.stdout)  # what is left of it would be written at the interpreter's end
        return INTERRUPTED
    if said.complaint:
        complain(printable(said.complaint))
        return FIXABLE
    return DONE


def _run(words: Sequence[str], wishes: Settings, language: str, say: Callable[..., str]) -> Said:
    parser = build_parser(say)
    asked = parser.parse_args(words)
    check_arguments(asked, parser.format_usage())
    paths = find_paths(asked.library)
    logs.start_logging(paths.logs)
    if asked.verb == "restore":
        # It takes the library's place, so it is the one verb that does not open it.
        put_back = restore if os.path.isfile(asked.path) else rebuild
        with ProgressLine(is_quiet=asked.quiet) as progress:
            return _patiently(lambda: put_back(paths, asked.path, progress, say))
    verb = VERBS[asked.verb]
    with ProgressLine(is_quiet=asked.quiet) as progress, _opened(paths, wishes, verb, asked) as assistant:
        if verb.is_writing(asked) and not asked.quiet and is_on_network(paths.library):
            complain(say("ui.libraries.on_network"))
        return verb.run(Desk(assistant, asked, progress, language, say))


@contextlib.contextmanager
def _opened(paths: Paths, wishes: Settings, verb: Verb, asked: argparse.Namespace) -> Iterator[Assistant]:
    """The assistant; a verb that only reads works beside a program that has the library open, and where nothing can be
    written.
    """
    assistant = _open(paths, wishes, verb, asked)
    try:
        yield assistant
    except KeyboardInterrupt:
        assistant.backups.drop()
        raise
    finally:
        assistant.close()
        if verb.is_reading(asked) and assistant.library.is_read_only:
            _leave_one_file(paths.library)


def _leave_one_file(library: Path) -> None:
    """Who only reads cannot take away what SQLite laid beside the library; who has it for a moment can, if nobody has it.
    Where it was moved away meanwhile none is made.
    """
    if not library.exists():
        return
    from media_assistant.jobs.claim import claim_library
    from media_assistant.library.library import Library

    with contextlib.suppress(UserFixable):
        claim = claim_library(library)
        try:
            Library.open(library).close()
        finally:
            claim.release()


def _open(paths: Paths, wishes: Settings, verb: Verb, asked: argparse.Namespace) -> Assistant:
    from media_assistant.assistant import READABLE, Assistant

    is_there = os.path.exists(paths.library)
    if verb.is_reading(asked) and is_there:
        # What is to be brought up to date first, or is wrong with it, comes out below.
        with contextlib.suppress(UserFixable):
            return Assistant.open(paths, wishes, works=False, is_read_only=True, is_foreground=True)
    works = verb.works and not getattr(asked, "no_analyse", False)

    def write() -> Assistant:
        return Assistant.open(paths, wishes, works=works, is_foreground=True)

    is_writing = verb.is_writing(asked)
    try:
        opened = _patiently(write) if is_writing else write()
    except UserFixable as fault:
        if is_writing or fault.code not in READABLE or not is_there:
            raise
        return Assistant.open(paths, wishes, works=False, is_read_only=True)
    if not verb.is_reading(asked):
        return opened
    with contextlib.suppress(UserFixable):
        # It was made, or brought up to date, and is not kept from anybody while it is read.
        reading = Assistant.open(paths, wishes, works=False, is_read_only=True, is_foreground=True)
        opened.close()
        return reading
    return opened


def _patiently(work: Callable[[], Answer]) -> Answer:
    """Again for a while where another command has the library that is about to end, or only tidies up."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return work()
        except UserFixable as fault:
            if fault.code != "jobs.library_in_use" or time.monotonic() >= end:
                raise
        time.sleep(_AGAIN_S)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """A polite request to end (SIGTERM) is taken as Ctrl+C is: tidy up, keep what is committed."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _write_report(folder: Path, words: Sequence[str]) -> str:
    """What a person can send us. Holds the words of the command, for it cannot be understood without them."""
    from media_assistant.workflows import reporting

    text = (
        f"Media Assistant {reporting.version()}\n{reporting.package_versions()}\n"
        f"Python {sys.version}\n{platform.platform()}\n"
        f"media-assistant {' '.join(words)}\n\n{traceback.format_exc()}"
    )
    return reporting.keep_report(folder, text)


def _end(is_json: bool, code: str, message: str, status: int) -> int:
    if is_json:
        document: dict[str, Any] = {"error": {"code": code, "message": message}}
        try:
            _print(_json(document))
        except OSError:
            silence(sys.stdout)
    return status


def _json(document: Any) -> str:
    """In letters as they are; a name of bytes that are no text with all of them escaped, so that it can be passed back."""
    text = json.dumps(document, ensure_ascii=False)
    return text if _is_text(text) else json.dumps(document)


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _open_missing_streams() -> None:
    """A program may be started with its output closed: writing must not fail, and no file may take that number."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    if sys.stdout is None:
        sys.stdout = _stream(1)
    if sys.stderr is None:
        sys.stderr = _stream(2)


def _stream(number: int) -> TextIO:
    """What is written to this number; a program with a window on Windows has nothing behind it, so nowhere."""
    try:
        return open(number, "w", encoding="utf-8", closefd=False)
    except OSError:
        return open(os.devnull, "w", encoding="utf-8")


def _print(text: str) -> None:
    """UTF-8 whatever the terminal thinks, for a file's name may hold anything, even what is no text at all."""
    sys.stdout.flush()
    sys.stdout.buffer.write((text + "\n").encode("utf-8", "replace") if text else b"")
    sys.stdout.buffer.flush()
