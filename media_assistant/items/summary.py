"""Several items taken together."""

from __future__ import annotations

from dataclasses import dataclass

from media_assistant.items.kind import Kind


@dataclass(frozen=True, slots=True)
class Summary:
    """`kinds` holds those that occur. `missing` counts offline ones too."""

    kinds: dict[Kind, int]
    duration_ms: int
    size_bytes: int
    missing: int
    offline: int
