"""What a tag or a label means: an id with names in two languages, aliases and parents; never a bare string."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concept:
    """One meaning.

    `id` is stable for ever: a word of the project's vocabulary (`dog`), or `own:<name>` for a tag that a person
    made, or `<model id>:<label>` for a class of a model that the vocabulary does not know.
    `zh` is empty where no Chinese name is known; then the English one is shown.
    """

    id: str
    en: str
    zh: str = ""
    aliases: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """The name in `language` (`en`, `zh`, `zh_CN` …), or the English one."""
        return self.zh if language.startswith("zh") and self.zh else self.en
