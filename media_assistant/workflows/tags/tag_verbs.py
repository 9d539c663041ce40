"""What a person can do with tags themselves, one after another on the thread of the edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from media_assistant.inference.store import ModelStore
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.tag import TagState
from media_assistant.library.library import Library
from media_assistant.workflows.tags import tag_keeping

Done = Future[LibraryChanges]


class TagVerbs:
    """Each verb is one step of undo. A future may hold a UserFixable that says why it was not done."""

    def __init__(
        self, library: Library, store: ModelStore, write: Callable[[Callable[[], LibraryChanges]], Done]
    ) -> None:
        self._library = library
        self._store = store
        self._write = write

    def create(self, name: str, *, parent_id: str = "") -> Done:
        """A new tag."""
        return self._write(lambda: tag_keeping.create(self._library, name, parent_id=parent_id)[1])

    def rename(self, concept_id: str, name: str, language: str) -> Done:
        """The name that is shown in this language."""
        return self._write(lambda: tag_keeping.rename(self._library, concept_id, name, language))

    def set_name(self, concept_id: str, name: str, language: str) -> Done:
        """The name in exactly this language; an empty Chinese one goes."""
        return self._write(lambda: tag_keeping.set_name(self._library, concept_id, name, language))

    def set_aliases(self, concept_id: str, aliases: Sequence[str]) -> Done:
        """Other names that find it."""
        return self._write(lambda: tag_keeping.set_aliases(self._library, concept_id, aliases))

    def put_under(self, concept_id: str, parent_id: str, *, instead_of: str | None = "") -> Done:
        """A kind of another tag; "" puts it at the top. `instead_of`: the parent that it leaves, "" all, None none."""
        return self._write(lambda: tag_keeping.put_under(self._library, concept_id, parent_id, instead_of=instead_of))

    def set_colour(self, concept_id: str, colour: str) -> Done:
        """A name of the palette, or "" for none."""
        return self._write(lambda: tag_keeping.set_colour(self._library, concept_id, colour))

    def set_lowest_score(self, concept_id: str, lowest_score: float) -> Done:
        """How sure a proposal must be to be shown."""
        return self._write(lambda: tag_keeping.set_lowest_score(self._library, concept_id, lowest_score))

    def merge(self, source_id: str, target_id: str) -> Done:
        """One tag of two."""
        return self._write(lambda: self._library.merge_tags(source_id, target_id))

    def delete(self, concept_id: str) -> Done:
        """Off everything, and not proposed again."""
        return self._write(lambda: tag_keeping.delete(self._library, self._store, concept_id))

    def accept_all(self, concept_id: str, lowest_score: float) -> Done:
        """Everything that waits, of one tag or with "" of all, and is at least so sure."""
        return self._write(lambda: self._library.decide_proposals(concept_id, lowest_score, TagState.ACCEPTED))

    def refuse_all(self, concept_id: str) -> Done:
        """Everything that waits of one tag."""
        return self._write(lambda: self._library.decide_proposals(concept_id, 0.0, TagState.REJECTED))

    def set_model_quiet(self, model: str, *, is_quiet: bool) -> Done:
        """Take away what a model proposed and nobody accepted; or show it again."""
        return self._write(lambda: self._library.set_model_quiet(model, is_quiet=is_quiet))
