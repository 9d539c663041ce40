"""The second step of the schema: collections, tags of one's own, watched folders, names, positions."""

SECOND = """
-- A person's collections. With a query it is a saved search: its members are whatever that finds.
CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    query TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE collection_items (
    collection_id INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    place INTEGER NOT NULL,
    PRIMARY KEY (collection_id, item_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_items_by_item ON collection_items (item_id);

-- What a person says of a tag itself; it stands before what vocabularies and models say (`concepts`), and NULL is no
-- word on it. `merged_into` is the tag that this one is now; it is never itself merged. `suggested_tags` follows from
-- this table too: it holds no tag that was merged away, and none below its `lowest_score`.
CREATE TABLE own_concepts (
    concept_id TEXT PRIMARY KEY REFERENCES concepts,
    en TEXT,
    zh TEXT,
    aliases TEXT CHECK (aliases IS NULL OR json_valid(aliases)),
    parents TEXT CHECK (parents IS NULL OR json_valid(parents)),
    colour TEXT NOT NULL DEFAULT '',
    lowest_score REAL NOT NULL DEFAULT 0,
    merged_into TEXT REFERENCES concepts
) STRICT, WITHOUT ROWID;
CREATE INDEX own_concepts_by_target ON own_concepts (merged_into) WHERE merged_into IS NOT NULL;

-- Models whose proposals a person does not want to see; what they found stays.
CREATE TABLE quiet_models (model TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Folders that the library looks after: `is_watched` ones are looked through again by themselves.
CREATE TABLE roots (
    path BLOB PRIMARY KEY,
    shown TEXT NOT NULL,
    is_watched INTEGER NOT NULL DEFAULT 0,
    added_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Names and rare words that speech recognition is told to expect in this library, in the person's order.
CREATE TABLE spoken_names (name TEXT PRIMARY KEY, place INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Where a person has the word: no found line of this language (empty: any) is shown there, whatever is found later.
CREATE TABLE own_stretches (
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    sense TEXT NOT NULL,
    language TEXT NOT NULL,
    span_kind INTEGER NOT NULL,
    span_a INTEGER NOT NULL,
    span_b INTEGER NOT NULL,
    span_c INTEGER NOT NULL,
    PRIMARY KEY (item_id, sense, language, span_kind, span_a, span_b, span_c)
) STRICT, WITHOUT ROWID;

-- Files that this program wrote beside media: `hash` is of what it wrote, so that a file changed since is left alone.
CREATE TABLE written_files (
    path BLOB PRIMARY KEY,
    item_id INTEGER NOT NULL,
    hash TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A new layer: what a person marked. SQLite cannot widen a CHECK, so the table is written anew.
CREATE TABLE moments_wider (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    run_id INTEGER REFERENCES runs ON DELETE CASCADE,
    span_kind INTEGER NOT NULL,
    span_a INTEGER NOT NULL,
    span_b INTEGER NOT NULL,
    span_c INTEGER NOT NULL,
    sense TEXT NOT NULL CHECK (sense IN ('seen', 'said', 'heard', 'written')),
    layer TEXT NOT NULL CHECK (layer IN ('shot', 'label', 'line', 'mark')),
    concept_id TEXT REFERENCES concepts,
    text TEXT NOT NULL DEFAULT '',
    score REAL NOT NULL,
    language TEXT NOT NULL DEFAULT '',
    box TEXT,
    words TEXT,
    is_covered INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO moments_wider SELECT * FROM moments ORDER BY id;
DROP TABLE moments;
ALTER TABLE moments_wider RENAME TO moments;
CREATE INDEX moments_by_item ON moments (item_id, layer, span_kind, span_a);
CREATE INDEX moments_by_run ON moments (run_id);
CREATE INDEX moments_by_concept ON moments (concept_id, item_id, sense, score) WHERE concept_id IS NOT NULL;

-- Where each item was left off.
CREATE TABLE positions (
    item_id INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    position_ms INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;

-- A missing place whose whole drive or folder is away: nothing was lost, it is only not there now.
ALTER TABLE locations ADD COLUMN is_offline INTEGER NOT NULL DEFAULT 0;

-- Who made a line that a person put in: a recogniser that listened again, a file that was read. Empty: the person.
ALTER TABLE moments ADD COLUMN origin TEXT NOT NULL DEFAULT '';

INSERT INTO own_stretches
    SELECT DISTINCT item_id, sense, '', span_kind, span_a, span_b, span_c FROM moments
    WHERE run_id IS NULL AND layer = 'line';
DELETE FROM moments WHERE run_id IS NULL AND layer = 'line' AND text = '';
"""
