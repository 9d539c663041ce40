"""What every verb works with, and what it gives back."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from media_assistant.cli.progress import ProgressLine
from media_assistant.items.sentence import Sentence

if TYPE_CHECKING:
    from media_assistant.assistant import Assistant

Answer = TypeVar("Answer")


class Say(Protocol):
    """Puts a code into the person's words. Named, so that nothing else that makes words is taken for it."""

    def __call__(self, code: str, **parameters: Any) -> str:
        """The words of a code."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What a verb works with."""

    assistant: Assistant
    asked: argparse.Namespace
    progress: ProgressLine
    language: str
    say: Say

    def sentence(self, sentence: Sentence) -> str:
        """In the person's language; empty for none."""
        return self.say(sentence.code, **sentence.parameters) if sentence else ""


@dataclass(frozen=True, slots=True)
class Said:
    """`document` is printed with `--json`, `lines` without."""

    document: Any
    lines: list[str]
    complaint: str = ""
    """What the person has to do something about, in one sentence: the exit status is 1 then."""


@dataclass(frozen=True, slots=True)
class Verb:
    """`writes`: needs the library for itself, always or as it is asked. `works`: runs the queue. `reads`: where it does not
    write it only reads, so it works while another program has the library open, and does not keep one from opening it.
    """

    run: Callable[[Desk], Said]
    writes: bool | Callable[[argparse.Namespace], bool] = False
    works: bool = False
    reads: bool = False

    def is_writing(self, asked: argparse.Namespace) -> bool:
        """Whether it needs the library for itself, asked like this."""
        return self.writes(asked) if callable(self.writes) else self.writes

    def is_reading(self, asked: argparse.Namespace) -> bool:
        """Whether it only reads, asked like this."""
        return self.reads and not self.is_writing(asked)


def wait(future: Future[Answer]) -> Answer:
    """Its answer; short waits, so that Ctrl+C is heard on every system."""
    while True:
        try:
            return future.result(timeout=0.2)
        except NotYet:
            if future.done():
                return future.result()
