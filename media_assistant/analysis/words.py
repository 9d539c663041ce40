"""What a text says: its language, its passages, and the words that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from media_assistant.analysis.analyser import Job, Pass
from media_assistant.analysis.keywords import Keyword, Keywords
from media_assistant.analysis.languages import language_of
from media_assistant.analysis.meaning import Meaning, grouped
from media_assistant.analysis.names import load_sounds
from media_assistant.analysis.passages import cut_passages
from media_assistant.analysis.registry import spec_of
from media_assistant.analysis.vocabulary import all_concepts, load_vocabulary
from media_assistant.items.concept import Concept
from media_assistant.items.findings import Finding, Trait
from media_assistant.items.folding import fold
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TextSpan
from media_assistant.media.source import Document

_BATCH = 64
_JUDGED_PAGES = 8
_MOST_EMBEDDED = 20_000
"""Passages (ten million characters): behind them a book is found by its words alone."""
_EVIDENCE = 5
_NOISES = {"sound_of_things", "human_sound", "background"}


class WordsAnalyser:
    """Built in; every text network that is there adds a space."""

    def __init__(self) -> None:
        self.spec = spec_of("words")

    def open(self, job: Job) -> Pass:
        """A pass over one text, or over the lines that are known of another item."""
        return _Reading(job)


def analyser() -> WordsAnalyser:
    """What the registry asks for."""
    return WordsAnalyser()


class _Reading(Pass):
    def __init__(self, job: Job) -> None:
        self._job = job
        self._meaning = Meaning(job.models)
        self._has_document = False

    def document(self, document: Document) -> Iterator[Finding]:
        self._has_document = True
        # A book that was photographed may begin with pages that hold nothing but a picture.
        written = (page.text[:4000] for page in document.pages if page.text.strip())
        language = language_of("\n".join(islice(written, _JUDGED_PAGES)))
        if language:
            yield Trait("language", language)
        keywords = Keywords(language)
        waiting: list[Moment] = []
        count = 0
        for page in document.pages:
            for start, end in cut_passages(page.text):
                text = page.text[start:end]
                passage = Moment(
                    TextSpan(page.number, start, end), Sense.WRITTEN, Layer.LINE, text=text, language=language
                )
                yield passage
                keywords.read(text, page.number, start)
                count += 1
                if count <= _MOST_EMBEDDED:
                    waiting.append(passage)
                if len(waiting) >= _BATCH:
                    yield from self._meaning.of(waiting)
                    waiting = []
        yield from self._meaning.of(waiting)
        for keyword in keywords.best():
            yield from _labels(keyword, language)

    def finish(self) -> Iterable[Finding]:
        """For a film or a recording: the meaning of the lines that the library has already."""
        if self._has_document:
            return
        lines = [moment for moment in self._job.known if moment.layer is Layer.LINE and moment.text]
        pairs = list(grouped(lines))
        for start in range(0, len(pairs), _BATCH):
            yield from self._meaning.of_texts(pairs[start : start + _BATCH])


def _labels(keyword: Keyword, language: str) -> Iterator[Moment]:
    """The keyword at its first places."""
    concept = concept_of(keyword.text, language)
    for page, start, end in keyword.places[:_EVIDENCE]:
        yield Moment(
            TextSpan(page, start, end),
            Sense.WRITTEN,
            Layer.LABEL,
            concept=concept,
            score=round(keyword.score, 3),
            language=language,
        )


def concept_of(text: str, language: str) -> Concept:
    """A word of the vocabulary where exactly one thing bears that name, so that both languages meet; else the word itself."""
    named = _names().get(fold(text), ())
    if len(named) == 1:
        return load_vocabulary().by_id[named[0]]
    return Concept(f"word:{fold(text)}", text, text if language == "zh" else "")


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    sounds = load_sounds()
    for concept in all_concepts():
        is_noise = sounds.by_id.get(concept.id) is concept and _NOISES & {one.id for one in sounds.ancestors(concept)}
        if is_noise:  # to chop an onion is no blow of an axe
            continue
        for name in {concept.en, concept.zh} - {""}:
            found[fold(name)] = (*found.get(fold(name), ()), concept.id)
    return found
