"""One tree of exceptions: the world's faults, our own faults, and a person's wish to stop.

A fault is a code with parameters; the sentence that a person reads is made from it by the one translation
catalogue (`resources/translations`, rendered by `media_assistant.sentences`). Every code has a sentence in
each language there, and a test holds the two together.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping


class MediaAssistantError(Exception):
    """Root of everything this program raises on purpose."""


class UserFixable(MediaAssistantError):
    """Something in the world is wrong and a person can do something about it.

    `code` names a sentence (`error.<code>` in the translation catalogue); `parameters` fill its placeholders.
    """

    def __init__(self, code: str, **parameters: str | int | float) -> None:
        self.code = code
        self.parameters: Mapping[str, str | int | float] = parameters
        shown = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
        super().__init__(f"{code}({shown})")


class Bug(MediaAssistantError):
    """We are wrong. Goes to the log with a report that a person can copy; exit status 3 on the command line."""


class Cancelled(MediaAssistantError):
    """A person asked for the work to stop. Never shown as an error."""


def why_of(error: OSError) -> str:
    """What the system refused for, for the parameter `why` or `reason` of a sentence: a key such as `system.ENOSPC`, which
    is said in the person's language; the system's own words where there is no number.
    """
    name = errno.errorcode.get(error.errno or 0, "")
    return f"system.{name}" if name else error.strerror or str(error) or type(error).__name__


def is_no_room(fault: BaseException) -> bool:
    """Whether the disk, or what this person may use of it, is full."""
    return isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT)
