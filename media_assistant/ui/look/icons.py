"""The program's own icons: one-colour SVGs in resources/icons, drawn in the colour of the theme."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6 import QtGui
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPixmap

from media_assistant.paths import bundled

if TYPE_CHECKING:
    from PySide6.QtSvg import QSvgRenderer

_DRAWN_IN = "#e8eaf0"
"""The colour that stands in every file; replaced when an icon is drawn."""


def icon_file(name: str) -> Path:
    """Where an icon lies. Raises FileNotFoundError for one that does not exist: a typing error of ours."""
    file = bundled("resources") / "icons" / f"{name}.svg"
    if not file.is_file():
        raise FileNotFoundError(file)
    return file


@lru_cache(maxsize=256)
def draw_icon(name: str, colour: str, size: int = 18, scale: float = 2.0) -> QPixmap:
    """The icon `size` pixels wide in `colour` (#rrggbb), at `scale` device pixels a pixel."""
    picture = QPixmap(round(size * scale), round(size * scale))
    picture.fill(QColor(0, 0, 0, 0))
    painter = QPainter(picture)
    paint_icon(painter, QRectF(0, 0, size * scale, size * scale), name, colour)
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


def put_icon(painter: QPainter, x: int, y: int, name: str, colour: str, size: int) -> None:
    """Draw an icon at the very pixels of what is painted on, so that nothing is scaled."""
    painter.drawPixmap(x, y, draw_icon(name, colour, size, painter.device().devicePixelRatio()))


def paint_icon(painter: QPainter, where: QRectF, name: str, colour: str) -> None:
    """Draw an icon into `where` with an open painter."""
    _renderer(name, colour).render(painter, where)


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    from PySide6.QtCore import QByteArray
    from PySide6.QtSvg import QSvgRenderer

    source = icon_file(name).read_text("utf-8").replace(_DRAWN_IN, colour)
    return QSvgRenderer(QByteArray(source.encode()))


def make_icon(name: str, colour: str) -> QtGui.QIcon:
    """A QIcon for buttons and menus."""
    return QtGui.QIcon(draw_icon(name, colour, 18))
