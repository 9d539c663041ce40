"""The third step of the schema: a song twice in a list, when models finished, steps that take others back."""

THIRD = """
-- A list may hold an item more than once: an entry is an item at a place.
CREATE TABLE collection_entries (
    collection_id INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    place INTEGER NOT NULL,
    PRIMARY KEY (collection_id, place, item_id)
) STRICT, WITHOUT ROWID;
INSERT INTO collection_entries SELECT collection_id, item_id, place FROM collection_items;
DROP TABLE collection_items;
ALTER TABLE collection_entries RENAME TO collection_items;
CREATE INDEX collection_items_by_item ON collection_items (item_id);

-- Whether a size and a time tell a file from the others.
CREATE INDEX locations_by_time ON locations (modified_ns, size_bytes);

-- When an analysis was complete; empty for those from before this was kept.
ALTER TABLE runs ADD COLUMN finished_at TEXT NOT NULL DEFAULT '';
CREATE INDEX runs_by_end ON runs (finished_at, id) WHERE finished_at <> '';

-- The step that this one took back although others came after it; NULL for all others.
ALTER TABLE journal ADD COLUMN takes_back INTEGER;
CREATE INDEX journal_by_older ON journal (takes_back, group_id, state) WHERE takes_back IS NOT NULL;
CREATE INDEX journal_by_step ON journal (group_id, state);
CREATE INDEX journal_removals ON journal (json_extract(edit, '$.item')) WHERE json_extract(edit, '$.do') = 'remove';
"""
