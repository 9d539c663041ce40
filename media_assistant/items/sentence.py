"""A sentence for a person, before it has a language: a code with parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

Parameter = str | int | float


class Sentence(NamedTuple):
    """`code` is a key of the translation catalogue, `parameters` fill its placeholders. False when empty."""

    code: str = ""
    parameters: Mapping[str, Parameter] = {}

    def __bool__(self) -> bool:
        return bool(self.code)

    def to_json(self) -> str:
        """One line of JSON, the form in which the library keeps it; empty for no sentence."""
        return json.dumps({"code": self.code, **self.parameters}, ensure_ascii=False) if self.code else ""


NOTHING = Sentence()
"""No sentence at all; false."""


def sentence_from_json(text: str) -> Sentence:
    """The inverse of `to_json`."""
    if not text:
        return Sentence()
    found = json.loads(text)
    return Sentence(found.pop("code"), found)
