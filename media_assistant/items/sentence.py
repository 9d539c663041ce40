"""A sentence for a person, before it has a language: a code with parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from media_assistant.errors import UserFixable

Parameter = str | int | float


class Sentence(NamedTuple):
    """`code` is a key of the translation catalogue, `parameters` fill its placeholders. False when empty."""

    code: str = ""
    parameters: Mapping[str, Parameter] = {}

    def __bool__(self) -> bool:
        return bool(self.code)

    def to_json(self) -> str:
        """One line of JSON, the form in which the library keeps it; empty for no sentence."""
        return json.dumps(self.to_plain(), ensure_ascii=False) if self.code else ""

    def to_plain(self) -> dict[str, Parameter]:
        """As a worker sends it: the code beside the parameters."""
        return {"code": self.code, **self.parameters}


NOTHING = Sentence()
"""No sentence at all; false."""


def sentence_from_json(text: str) -> Sentence:
    """The inverse of `to_json`."""
    return sentence_from_plain(json.loads(text)) if text else NOTHING


def sentence_from_plain(plain: Mapping[str, Any]) -> Sentence:
    """The inverse of `to_plain`."""
    return Sentence(str(plain["code"]), {name: value for name, value in plain.items() if name != "code"})


def sentence_of(fault: UserFixable) -> Sentence:
    """What is wrong, as a sentence."""
    return Sentence(f"error.{fault.code}", dict(fault.parameters))


def fault_of(error: Sentence) -> UserFixable:
    """The inverse of `sentence_of`."""
    return UserFixable(error.code.removeprefix("error."), **error.parameters)
