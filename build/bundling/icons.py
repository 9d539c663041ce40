"""The program's icon in the sizes and forms that three systems want: `icons.py FOLDER`. Run in the bundle's environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
ROOT = Path(__file__).resolve().parents[2]
GROUND = "#1d2430"


def draw(folder: Path) -> None:
    """`media-assistant-SIZE.png`, `media-assistant.ico` and `media-assistant.icns` in the folder."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PIL import Image
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication([])
    sign = QSvgRenderer(str(ROOT / "resources" / "icons" / "app.svg"))
    folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # The sign is a light line: on a light desktop it needs a ground of its own.
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(GROUND))
        painter.drawRoundedRect(QRectF(0, 0, size, size), size * 0.22, size * 0.22)
        sign.render(painter, QRectF(size * 0.1, size * 0.1, size * 0.8, size * 0.8))
        painter.end()
        image.save(str(folder / f"media-assistant-{size}.png"))
    largest = Image.open(folder / f"media-assistant-{SIZES[-1]}.png")
    largest.save(folder / "media-assistant.ico", sizes=[(size, size) for size in SIZES if size <= 256])
    largest.save(folder / "media-assistant.icns")
    del application


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
