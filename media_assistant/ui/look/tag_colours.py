"""The colours that a person can give to a tag: told apart in both themes, and always beside a name.

A dot of each has a contrast of at least 3:1 with every ground that it lies on (WCAG 2.2, 1.4.11); a test holds them to it.
"""

from __future__ import annotations

from media_assistant.ui.look.colours import Colours

PALETTE: dict[str, tuple[str, str]] = {
    "red": ("#ff7b72", "#c62f2f"),
    "orange": ("#f7a04b", "#a85a00"),
    "yellow": ("#e3c84f", "#7d6600"),
    "green": ("#62c46c", "#2c7a35"),
    "teal": ("#4cc3c0", "#0b7572"),
    "blue": ("#6fb0ff", "#2366c4"),
    "purple": ("#c29bff", "#7a45c9"),
    "pink": ("#ff93c6", "#b83280"),
}
"""By name, for dark and light grounds."""


def tag_colour(colours: Colours, name: str) -> str:
    """`#rrggbb` in this theme; empty for no colour, or one that the palette no longer has."""
    pair = PALETTE.get(name)
    return "" if pair is None else pair[0 if colours.name == "dark" else 1]
