"""What there is to do and what was done, item by item, in a few passes over the tables."""

from __future__ import annotations

import sqlite3

from media_assistant.items.advice import Work
from media_assistant.items.kind import Kind

_BYTES_PER_S = {"video": 500_000, "music": 24_000}
"""For a guess at the length of what was not probed yet: a film of 4 Mbit/s, a song of 192 kbit/s."""
_ITEMS = """
SELECT id, kind, duration_ms, size_bytes,
    coalesce(json_extract(facts, '$.width'), 0) * coalesce(json_extract(facts, '$.height'), 0),
    coalesce(json_extract(facts, '$.frame_rate'), 0)
FROM items WHERE removed_at = ''
AND EXISTS (SELECT 1 FROM locations WHERE locations.item_id = items.id AND missing_since = '')
ORDER BY id
"""
_SHOTS = "SELECT item_id, count(*) FROM moments WHERE layer = 'shot' GROUP BY item_id"
_HEARD = """
SELECT moments.item_id, sum(span_b - span_a) FROM moments JOIN runs ON runs.id = run_id
WHERE concept_id = ? AND runs.analyser = 'voice' GROUP BY moments.item_id
"""
_CHARACTERS = """
SELECT moments.item_id, sum(length(text)) FROM moments JOIN runs ON runs.id = run_id
WHERE runs.analyser = 'words' AND layer = 'line' GROUP BY moments.item_id
"""
_RUNS = "SELECT item_id, analyser, model FROM runs WHERE is_complete AND NOT is_stale"


def list_work(connection: sqlite3.Connection) -> list[Work]:
    """Every item whose file is there, in the order of ids."""
    models: dict[int, dict[str, str]] = {}
    for item_id, analyser, model in connection.execute(_RUNS):
        models.setdefault(item_id, {})[analyser] = model
    shots = dict(connection.execute(_SHOTS).fetchall())
    speech = dict(connection.execute(_HEARD, ("speech",)).fetchall())
    music = dict(connection.execute(_HEARD, ("music",)).fetchall())
    characters = dict(connection.execute(_CHARACTERS).fetchall())
    found: list[Work] = []
    for item_id, kind, duration_ms, size_bytes, pixels, frame_rate in connection.execute(_ITEMS):
        ran = models.get(item_id, {})
        found.append(
            Work(
                item_id,
                Kind(kind),
                duration_ms / 1000 or size_bytes / _BYTES_PER_S.get(kind, float("inf")),
                size_bytes,
                pixels / 1e6,
                float(frame_rate),
                shots.get(item_id, 0) if "shots" in ran else None,
                speech.get(item_id, 0) / 1000 if "voice" in ran else None,
                characters.get(item_id, 0) if "words" in ran else None,
                music.get(item_id, 0) / 1000 if "voice" in ran else None,
                ran,
            )
        )
    return found
