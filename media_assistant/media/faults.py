"""The border where the system's faults become sentences for a person."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from os import stat_result
from pathlib import Path

from media_assistant.errors import UserFixable, why_of
from media_assistant.items.sentence import NOTHING, Sentence, sentence_of


@contextmanager
def reading() -> Iterator[None]:
    """Say what the system's refusal to read a file means: `media.vanished`, `media.unreadable` or `media.read_failed`."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UserFixable("media.vanished") from error
    except PermissionError as error:
        raise UserFixable("media.unreadable") from error
    except OSError as error:
        raise UserFixable("media.read_failed", why=why_of(error)) from error


def why_unread(path: str) -> Sentence:
    """Why the system does not even tell of a file; nothing where it does."""
    try:
        with reading():
            os.stat(path)
    except UserFixable as fault:
        return sentence_of(fault)
    return NOTHING


def check_file(path: Path) -> stat_result:
    """What the system says of a file with something in it. Raises UserFixable for anything else.

    Pipes and devices are refused before they are opened, for opening one may wait for ever.
    """
    with reading():
        found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise UserFixable("media.not_a_file")
    if not found.st_size:
        raise UserFixable("media.empty")
    return found
