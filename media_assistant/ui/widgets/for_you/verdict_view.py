"""How suggestions did, in plain words; what was shown of each kind, age and folder; and the estimates for those who ask."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from media_assistant.items.for_you import Range, Share, Verdict
from media_assistant.items.kind import Kind
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.plain import ShortenedLabel, column, empty_layout, label, said

WIDEST = 760


def plain_verdict(desk: Desk, verdict: Verdict) -> str:
    """`Of the last 10 suggestions that you opened you liked 7.`"""
    words = desk.words
    if not verdict.opened:
        return words.say("ui.foryou.no_verdict")
    return words.say("ui.foryou.verdict", count=verdict.opened, liked=words.number(verdict.liked))


class VerdictView(QScrollArea):
    """Reads only."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._known: tuple[Verdict, Sequence[Share]] | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setMaximumWidth(WIDEST)
        self.setWidget(page)
        down = column(page, margins=(16, 4, 16, 12), gap=8)
        self.plain = label("strong", wraps=True)
        down.addWidget(self.plain)
        down.addWidget(said(desk.words, "ui.foryou.shares", "section"))
        down.addWidget(said(desk.words, "ui.foryou.shares_why", "soft", wraps=True))
        self._shares = QGridLayout()
        self._shares.setHorizontalSpacing(18)
        self._shares.setColumnStretch(0, 1)
        down.addLayout(self._shares)
        down.addWidget(said(desk.words, "ui.foryou.estimates", "section"))
        down.addWidget(said(desk.words, "ui.foryou.estimates_why", "soft", wraps=True))
        self.estimates = label("soft", wraps=True, selectable=True)
        down.addWidget(self.estimates)
        down.addStretch(1)
        desk.words.changed.connect(self._speak)

    def show_verdict(self, verdict: Verdict, shares: Sequence[Share]) -> None:
        """What is known now."""
        self._known = verdict, shares
        self._speak()

    def _speak(self) -> None:
        if self._known is None:
            return
        verdict, shares = self._known
        words = self._desk.words
        self.plain.setText(plain_verdict(self._desk, verdict))
        empty_layout(self._shares)
        held, shown = (sum(share for share in each) for each in zip(*[(s.held, s.shown) for s in shares if s.group == "kind"], strict=True)) if shares else (0, 0)  # fmt: skip
        heads = ("ui.foryou.group", "ui.foryou.held", "ui.foryou.shown")
        for column_at, code in enumerate(heads):
            self._shares.addWidget(said(words, code, "faint"), 0, column_at)
        for line, share in enumerate(shares, 1):
            name = ShortenedLabel()
            name.setText(self._name(share))
            self._shares.addWidget(name, line, 0)
            for column_at, (count, whole) in enumerate(((share.held, held), (share.shown, shown)), 1):
                text = label("soft")
                percent = round(100 * count / whole) if whole else 0
                text.setText(words.say("ui.foryou.share", n=words.number(count), percent=percent))
                self._shares.addWidget(text, line, column_at)
        self.estimates.setText("\n".join(self._lines(verdict)))

    def _name(self, share: Share) -> str:
        words = self._desk.words
        if share.group == "kind":
            return words.say(f"ui.kind.many.{Kind(share.name).value}")
        return words.say(f"ui.foryou.age.{share.name}") if share.group == "age" else share.name or "/"

    def _lines(self, verdict: Verdict) -> list[str]:
        words = self._desk.words
        if math.isnan(verdict.by_us.value):
            return [words.say("ui.foryou.no_estimates")]
        lines = [words.say("ui.foryou.by_us", range=self._range(verdict.by_us), places=words.number(verdict.shown))]
        for code, ranges in (("by_lot", verdict.by_lot), ("by_best", verdict.by_best)):
            ips, snips, robust = (self._range(each) for each in ranges)
            lines.append(words.say(f"ui.foryou.{code}", ips=ips, snips=snips, robust=robust))
        lines.append(words.say("ui.foryou.effective", places=words.number(round(verdict.effective))))
        return lines

    def _range(self, found: Range) -> str:
        if math.isnan(found.value):
            return "–"
        value, low, high = (f"{100 * each:.1f}" for each in (found.value, found.low, found.high))
        return self._desk.words.say("ui.foryou.range", value=value, low=low, high=high)
