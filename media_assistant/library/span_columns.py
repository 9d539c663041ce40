"""Spans as the columns that stand for them: `span_kind` 0 whole, 1 time (`span_a`..`span_b` ms), 2 text (page, start, end)."""

from __future__ import annotations

from media_assistant.items.span import WHOLE, Span, TextSpan, TimeSpan, Whole

WHOLE_KIND, TIME_KIND, TEXT_KIND = 0, 1, 2

Columns = tuple[int, int, int, int]


def span_to_columns(span: Span) -> Columns:
    """`(span_kind, span_a, span_b, span_c)`."""
    match span:
        case TimeSpan(start_ms, end_ms):
            return TIME_KIND, start_ms, end_ms, 0
        case TextSpan(page, start, end):
            return TEXT_KIND, page, start, end
        case Whole():
            return WHOLE_KIND, 0, 0, 0


def span_from_columns(kind: int, a: int, b: int, c: int) -> Span:
    """The inverse of `span_to_columns`."""
    return TimeSpan(a, b) if kind == TIME_KIND else TextSpan(a, b, c) if kind == TEXT_KIND else WHOLE
