"""The tags themselves: a tree with numbers, and beside it what is known of the chosen one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QSplitter, QStackedWidget, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept, TagCensus
from media_assistant.library.library import Library
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.tag_tree import Tree, make_tree
from media_assistant.ui.mixing import MixSource
from media_assistant.ui.places import Place
from media_assistant.ui.rereading import Rereading
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.plain import PAGE_MARGINS, button, column, frame, label, page_title, row
from media_assistant.ui.widgets.tags.details import TagDetails
from media_assistant.ui.widgets.tags.overview import TagOverview
from media_assistant.ui.widgets.tags.picker import TagPicker
from media_assistant.ui.widgets.tags.tree_view import TagTreeView
from media_assistant.ui.window_keys import is_typing

RENEWS_MS = 400
"""So long changes are gathered while models propose."""
TYPING_MS = 120


@dataclass(frozen=True, slots=True)
class _Known:
    """All that the page shows; read on another thread."""

    entries: dict[str, TagCensus]
    tree: Tree
    waiting: int
    models: list[tuple[str, int]]
    quiet: list[str]
    never: list[Concept]


def _ask(library: Library, language: str, wanted: str) -> _Known:
    entries = library.tag_census()
    return _Known(
        {entry.concept.id: entry for entry in entries},
        make_tree(entries, language, wanted),
        sum(entry.proposed for entry in entries),
        library.models_that_propose(),
        library.quiet_models(),
        library.never_proposed(),
    )


class TagsPanel(QFrame):
    """Signals: `place_wanted(Place)` the items of a tag, or the review of its proposals; `mix_wanted(MixSource)`."""

    place_wanted = Signal(object)
    mix_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._known: _Known | None = None
        self._scored = ""
        """The tag whose scores were asked for last."""
        self._wanted_tag = ""
        self._after_pick: Callable[[str], object] = lambda _picked: None
        self.setProperty("ground", "ground")
        self.tree = TagTreeView(desk)
        self.details = TagDetails(desk)
        self.overview = TagOverview(desk)
        self.picker = TagPicker(desk)
        self.filter = LineField()
        self._build()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self.refresh)
        self._counting = Rereading(desk, self, self._question, self._take, gathers_ms=RENEWS_MS)
        self._scoring = Rereading(
            desk, self, self._ask_scores, self.details.threshold.show_scores, gathers_ms=RENEWS_MS
        )
        self._connect()
        self.refresh()

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _build(self) -> None:
        words = self._desk.words
        down = column(self, margins=(*PAGE_MARGINS[:2], 0, 0), gap=10)
        head = row(margins=(0, 0, PAGE_MARGINS[2], 0), gap=8)
        head.addWidget(page_title(words, "ui.panel.tags"))
        head.addWidget(self.filter, 1)
        words.bind(self.filter, QLineEdit.setPlaceholderText, "ui.tags.filter")
        words.bind(self.filter, QLineEdit.setAccessibleName, "ui.tags.filter")
        self.filter.setClearButtonEnabled(True)
        self.new = button(words, "ui.tags.new", lambda: self._do("new"))
        self.review = button(words, "ui.tags.review_all", self._review_all, role="primary")
        head.addWidget(self.new)
        head.addWidget(self.review)
        down.addLayout(head)
        asking = row(margins=(0, 0, PAGE_MARGINS[2], 0))
        asking.addWidget(self.picker)
        down.addLayout(asking)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(1)
        left = QWidget()
        inside = column(left, margins=(0, 0, 8, 8))
        self.nothing = label("soft", wraps=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(self.nothing)
        inside.addWidget(self.tree, 1)
        self._split.addWidget(left)
        side = frame(ground="panel", edge="left")
        self._side = QStackedWidget()
        column(side).addWidget(self._side)
        for page in (self.overview, self.details):
            scroll = QScrollArea()
            scroll.setFrameShape(QFrame.Shape.NoFrame)
            scroll.setWidgetResizable(True)
            scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            page.setContentsMargins(16, 14, 14, 14)
            scroll.setWidget(page)
            self._side.addWidget(scroll)
        self._split.addWidget(side)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        left.setMinimumWidth(240)
        side.setMinimumWidth(300)
        down.addWidget(self._split, 1)

    def _connect(self) -> None:
        tags, details, overview = self._desk.assistant.tags, self.details, self.overview
        self.filter.textChanged.connect(lambda _text: self._typing.start())
        self.filter.returnPressed.connect(self.tree.setFocus)
        self.tree.chosen.connect(self._choose)
        self.tree.verb_wanted.connect(self._do)
        self.tree.activated.connect(lambda _index: self._do("show"))
        self.tree.tree.renamed.connect(
            lambda tag, name: self._say(tags.rename(tag, name, self._desk.words.language), "ui.tags.renamed", name=name)
        )
        self.tree.tree.put_under.connect(
            lambda tag, parent, came_from, keeps: self._put_under(tag, parent, None if keeps else came_from)
        )
        details.verb_wanted.connect(self._do)
        details.named.connect(
            lambda language, name: self._say(tags.set_name(self._tag, name, language), "ui.tags.renamed", name=name)
        )
        details.aliased.connect(lambda names: self._say(tags.set_aliases(self._tag, names), "ui.tags.aliased"))
        details.coloured.connect(lambda colour: self._say(tags.set_colour(self._tag, colour), "ui.tags.coloured"))
        details.parent_left.connect(
            lambda parent: self._say(tags.put_under(self._tag, "", instead_of=parent), "ui.tags.moved")
        )
        details.threshold_chosen.connect(
            lambda lowest: self._say(tags.set_lowest_score(self._tag, lowest), "ui.threshold.kept")
        )
        overview.model_told.connect(
            lambda model, is_quiet: self._say(
                tags.set_model_quiet(model, is_quiet=is_quiet),
                "ui.tags.model_silenced" if is_quiet else "ui.tags.model_heard",
                model=model,
            )
        )
        overview.proposed_again.connect(
            lambda tag: self._say(tags.set_lowest_score(tag, 0.0), "ui.tags.proposed_again")
        )
        self.picker.picked.connect(lambda picked: (self.tree.setFocus(), self._after_pick(picked)))
        self.picker.left.connect(self.tree.setFocus)
        self._desk.events.changed.connect(self._library_changed)
        self._desk.words.changed.connect(self.refresh)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def show_place(self, place: Place) -> None:
        """Come to the page, at a tag if the place names one."""
        self._wanted_tag = place.tag
        self.refresh()
        self.tree.setFocus()

    def refresh(self) -> None:
        """Count again, now."""
        self._counting.drop()
        self._counting.now()

    def _question(self) -> Callable[[], _Known]:
        library = self._desk.assistant.library
        language, wanted = self._desk.words.language, self.filter.text()
        return lambda: _ask(library, language, wanted)

    @property
    def _tag(self) -> str:
        """The chosen tag's id, or nothing."""
        node = self.tree.current
        return node.entry.concept.id if node is not None else ""

    def _take(self, known: _Known) -> None:
        if self.tree.is_editing:
            # Another tree would take the name away that is being typed.
            self._counting.want()
            return
        words, self._known = self._desk.words, known
        self.tree.show_tree(known.tree, is_filtered=bool(self.filter.text().strip()))
        if self._wanted_tag and self._wanted_tag in known.entries:
            self.tree.choose(self._wanted_tag)
            self._wanted_tag = ""
        self.review.setEnabled(bool(known.waiting))
        self.overview.show_all(known.waiting, known.models, known.quiet, known.never)
        self.nothing.setVisible(not known.tree.nodes)
        self.tree.setVisible(bool(known.tree.nodes))
        text = self.filter.text().strip()
        self.nothing.setText(words.say("ui.tags.none_so", name=text) if text else words.say("ui.tags.none"))
        self._choose(self._tag)

    def _choose(self, tag: str) -> None:
        entry = self._known.entries.get(tag) if self._known is not None else None
        if entry is None:
            self._side.setCurrentIndex(0)
            return
        parents = {p: self._known.entries[p].concept for p in entry.concept.parents if p in self._known.entries}  # type: ignore[union-attr]
        self.details.show_tag(entry, parents)
        self._side.setCurrentIndex(1)
        if tag == self._scored:
            self._scoring.want()
        else:
            self._scored = tag
            self._scoring.drop()
            self._scoring.now()

    def _ask_scores(self) -> Callable[[], list[tuple[int, float]]]:
        library, tag = self._desk.assistant.library, self._scored
        return lambda: library.tag_scores(tag)

    def _library_changed(self, changes: LibraryChanges) -> None:
        if not self.isVisible():
            return
        if changes.tags or changes.journal:
            self._counting.now()
        elif changes.moments or changes.removed or changes.added:
            self._counting.want()

    # ── what the person does ──────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the room `tags`, wherever on the page the keyboard is; Enter in a field is the field's."""
        verb = self._desk.keys.meant(event, "tags")
        if verb not in ("", "show") and not is_typing():
            self._do(verb)
        else:
            super().keyPressEvent(event)

    def _do(self, verb: str) -> None:
        words, node, tags = self._desk.words, self.tree.current, self._desk.assistant.tags
        if verb == "new":
            self._pick(words.say("ui.tags.ask_new"), lambda name: self._create(name, ""), takes_names=True)
            return
        if verb == "filter":
            self.filter.setFocus()
            return
        if node is None:
            return
        tag, name = node.entry.concept.id, words.concept(node.entry.concept)
        match verb:
            case "show":
                self.place_wanted.emit(Place(tag=tag, tag_name=node.entry.concept.en, name=name))
            case "review":
                self.place_wanted.emit(Place("review", tag=tag, tag_name=node.entry.concept.en))
            case "teach":
                self.place_wanted.emit(Place("teach", tag=tag, tag_name=node.entry.concept.en))
            case "mix":
                concept = node.entry.concept
                self.mix_wanted.emit(MixSource(Place(tag=tag, tag_name=concept.en), lambda: words.concept(concept)))
            case "rename":
                self.tree.rename()
            case "child":
                question = words.say("ui.tags.ask_child", name=name)
                self._pick(question, lambda new: self._create(new, tag), takes_names=True)
            case "move":
                self._pick(words.say("ui.tags.ask_move", name=name), lambda parent: self._put_under(tag, parent, None))
            case "top":
                self._say(tags.put_under(tag, ""), "ui.tags.moved")
            case "merge":
                self._pick(words.say("ui.tags.ask_merge", name=name), lambda target: self._merge(tag, target))
            case "delete":
                self._say(tags.delete(tag), "ui.tags.deleted", name=name)

    def _pick(self, question: str, then: Callable[[str], object], *, takes_names: bool = False) -> None:
        self._after_pick = then
        entries = self._known.entries.values() if self._known is not None else ()
        concepts = [entry.concept for entry in entries if entry.concept.id != self._tag]
        self.picker.ask(question, concepts, takes_names=takes_names)

    def _create(self, name: str, parent: str) -> None:
        self.filter.clear()
        self._wanted_tag = f"own:{name}"
        self._say(self._desk.assistant.tags.create(name, parent_id=parent), "ui.tags.created", name=name)

    def _put_under(self, tag: str, parent: str, instead_of: str | None) -> None:
        self._say(self._desk.assistant.tags.put_under(tag, parent, instead_of=instead_of), "ui.tags.moved")

    def _merge(self, tag: str, target: str) -> None:
        self._wanted_tag = target
        self._say(self._desk.assistant.tags.merge(tag, target), "ui.tags.merged")

    def _review_all(self) -> None:
        self.place_wanted.emit(Place("review"))

    def _say(self, future: Future[LibraryChanges], code: str, **parameters: str) -> None:
        """When it is done, say so with an Undo; why it was not done is said in words, and the fields show what holds."""

        def done(changes: LibraryChanges) -> None:
            if changes:
                self._desk.tell(code, undo=actions.undoing(self._desk, owner=self, step=changes.step), **parameters)

        def failed(fault: BaseException) -> None:
            actions.show_fault(self._desk, fault=fault)
            self.refresh()

        self._desk.bridge.when_done(future, done, owner=self, failed=failed)


def build(desk: Desk) -> TagsPanel:
    """For the registry."""
    return TagsPanel(desk)
