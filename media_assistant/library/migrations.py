"""The schema, step by step.

To change it: write a function `_<what>(connection)`, add a line to `MIGRATIONS`, and put a filled library of the old
version into `tests/library/data` (`python -m tests.library.make_filled` writes it). A migration and its record commit
together, after a backup that was opened and checked.

Columns that stand for a span: `span_kind` 0 whole, 1 time (`span_a`..`span_b` ms), 2 text (page, start, end).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from media_assistant.items.sorting import sort_key
from media_assistant.library import text_index
from media_assistant.library.fourth_schema import FOURTH
from media_assistant.library.third_schema import THIRD

_FIRST = """
CREATE TABLE migrations (
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL
) STRICT;

CREATE TABLE switches (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- One content. A removed item keeps everything, so that it can come back; every read asks for removed_at = ''.
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('video', 'music', 'text', 'photo')),
    title TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    quick_hash TEXT NOT NULL,
    added_at TEXT NOT NULL,
    removed_at TEXT NOT NULL DEFAULT '',
    facts TEXT NOT NULL,
    -- What lists are sorted and narrowed by; all of it follows from title and facts.
    sort_name TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    captured_at TEXT NOT NULL
) STRICT;
CREATE INDEX items_by_added ON items (added_at, id, kind, removed_at) WHERE removed_at = '';
CREATE INDEX items_by_name ON items (sort_name, id, kind, removed_at) WHERE removed_at = '';
CREATE INDEX items_by_captured ON items (captured_at, id, kind, removed_at) WHERE removed_at = '';
CREATE INDEX items_by_duration ON items (duration_ms, id, kind, removed_at) WHERE removed_at = '';
CREATE INDEX items_by_size ON items (size_bytes, id, kind, removed_at) WHERE removed_at = '';
CREATE INDEX items_by_kind ON items (kind) WHERE removed_at = '';
CREATE INDEX items_by_content ON items (quick_hash);

-- `path` is the system's own bytes (os.fsencode): names need not be valid text. `shown` is for people and folders' filters.
CREATE TABLE locations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    path BLOB NOT NULL,
    shown TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    missing_since TEXT NOT NULL DEFAULT '',
    UNIQUE (item_id, path)
) STRICT;
CREATE INDEX locations_by_path ON locations (path);

CREATE TABLE concepts (
    id TEXT PRIMARY KEY,
    en TEXT NOT NULL,
    zh TEXT NOT NULL,
    aliases TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(aliases)),
    parents TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(parents))
) STRICT, WITHOUT ROWID;

-- What stands of one analyser for one item: whoever saved findings last. Deleting a run deletes what it found.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    analyser TEXT NOT NULL,
    version INTEGER NOT NULL,
    model TEXT NOT NULL,
    revision TEXT NOT NULL,
    checkpoint_ms INTEGER NOT NULL DEFAULT 0,
    is_complete INTEGER NOT NULL DEFAULT 0,
    is_stale INTEGER NOT NULL DEFAULT 0,
    UNIQUE (item_id, analyser)
) STRICT;

-- Without a run: a line that a person wrote. `is_covered`: a person's line stands in this one's place.
CREATE TABLE moments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    run_id INTEGER REFERENCES runs ON DELETE CASCADE,
    span_kind INTEGER NOT NULL,
    span_a INTEGER NOT NULL,
    span_b INTEGER NOT NULL,
    span_c INTEGER NOT NULL,
    sense TEXT NOT NULL CHECK (sense IN ('seen', 'said', 'heard', 'written')),
    layer TEXT NOT NULL CHECK (layer IN ('shot', 'label', 'line')),
    concept_id TEXT REFERENCES concepts,
    text TEXT NOT NULL DEFAULT '',
    score REAL NOT NULL,
    language TEXT NOT NULL DEFAULT '',
    box TEXT,
    words TEXT,
    is_covered INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX moments_by_item ON moments (item_id, layer, span_kind, span_a);
CREATE INDEX moments_by_run ON moments (run_id);
CREATE INDEX moments_by_concept ON moments (concept_id, item_id, sense, score) WHERE concept_id IS NOT NULL;

CREATE TABLE traits (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    name TEXT NOT NULL,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    value TEXT NOT NULL CHECK (json_valid(value)),
    PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX traits_by_item ON traits (item_id);

-- Ids only rise, so that whoever keeps a copy in memory can ask for what is new.
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    space TEXT NOT NULL,
    span_kind INTEGER NOT NULL,
    span_a INTEGER NOT NULL,
    span_b INTEGER NOT NULL,
    span_c INTEGER NOT NULL,
    "values" BLOB NOT NULL
) STRICT;
CREATE INDEX vectors_by_space ON vectors (space, id);
CREATE INDEX vectors_by_item ON vectors (item_id);
CREATE INDEX vectors_by_run ON vectors (run_id);

-- The vectors of removed items, out of every search.
CREATE TABLE vectors_aside (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    space TEXT NOT NULL,
    span_kind INTEGER NOT NULL,
    span_a INTEGER NOT NULL,
    span_b INTEGER NOT NULL,
    span_c INTEGER NOT NULL,
    "values" BLOB NOT NULL
) STRICT;
CREATE INDEX vectors_aside_by_item ON vectors_aside (item_id);
CREATE INDEX vectors_aside_by_run ON vectors_aside (run_id);

-- What models suggest: the best score of each label. Follows from the moments and can be made again from them.
CREATE TABLE suggested_tags (
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    concept_id TEXT NOT NULL REFERENCES concepts,
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    score REAL NOT NULL,
    PRIMARY KEY (item_id, concept_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX suggested_tags_by_concept ON suggested_tags (concept_id, item_id, score);
CREATE INDEX suggested_tags_by_run ON suggested_tags (run_id);

-- What a person said. No column points at a finding: findings come and go.
CREATE TABLE decisions (
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    concept_id TEXT NOT NULL REFERENCES concepts,
    span_kind INTEGER NOT NULL DEFAULT 0,
    span_a INTEGER NOT NULL DEFAULT 0,
    span_b INTEGER NOT NULL DEFAULT 0,
    span_c INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'rejected')),
    PRIMARY KEY (item_id, concept_id, span_kind, span_a, span_b, span_c)
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_by_concept ON decisions (concept_id, item_id, state);

-- A tag as everybody sees it: the person's word where there is one, else what a model suggests.
CREATE VIEW tags (item_id, concept_id, state, score) AS
    SELECT item_id, concept_id, state, CASE state WHEN 'accepted' THEN 1.0 ELSE 0.0 END
    FROM decisions WHERE span_kind = 0
    UNION ALL
    SELECT item_id, concept_id, 'suggested', score FROM suggested_tags AS suggested
    WHERE NOT EXISTS (
        SELECT 1 FROM decisions AS decided
        WHERE decided.item_id = suggested.item_id AND decided.concept_id = suggested.concept_id
        AND decided.span_kind = 0
    );

-- The row is the queue. `rank` is the order of work, lowest first.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    analyser TEXT NOT NULL,
    stage INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    took_s REAL NOT NULL DEFAULT 0,
    UNIQUE (item_id, analyser)
) STRICT;
CREATE INDEX jobs_by_rank ON jobs (state, rank, id);

-- Every edit of a person with its inverse. Rows of one `group_id` are one step of undo.
CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id INTEGER NOT NULL,
    at TEXT NOT NULL,
    verb TEXT NOT NULL,
    edit TEXT NOT NULL CHECK (json_valid(edit)),
    inverse TEXT NOT NULL CHECK (json_valid(inverse)),
    state TEXT NOT NULL DEFAULT 'done' CHECK (state IN ('done', 'undone', 'dropped'))
) STRICT;
CREATE INDEX journal_by_state ON journal (state, group_id);
"""

_SECOND = """
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


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run statements one by one: `executescript` would commit the transaction that they belong to."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
    if statement.strip():
        raise ValueError(f"an unfinished statement: {statement!r}")


def _first(connection: sqlite3.Connection) -> None:
    run_script(connection, _FIRST)
    text_index.create(connection)


def _second(connection: sqlite3.Connection) -> None:
    run_script(connection, _SECOND)
    # Names are sorted by pinyin and without accents from now on.
    for item_id, title in connection.execute("SELECT id, title FROM items").fetchall():
        if not title.isascii():
            connection.execute("UPDATE items SET sort_name = ? WHERE id = ?", (sort_key(title), item_id))


def _third(connection: sqlite3.Connection) -> None:
    run_script(connection, THIRD)


def _fourth(connection: sqlite3.Connection) -> None:
    run_script(connection, FOURTH)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; its version is its place in the list, counted from 1."""

    name: str
    apply: Callable[[sqlite3.Connection], None]


MIGRATIONS: tuple[Migration, ...] = (
    Migration("first", _first),
    Migration("collections, tags of one's own, watched folders, names, positions", _second),
    Migration("a song twice in a list, when models finished, steps that take others back", _third),
    Migration("stars, and duplicates", _fourth),
)

SCHEMA_VERSION = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """The schema's version; 0 for a file with nothing in it."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, begin: Callable[[], None], now: str) -> None:
    """Bring a library to `SCHEMA_VERSION`, each step in one transaction with its record. `begin` starts one."""
    for version in range(version_of(connection) + 1, SCHEMA_VERSION + 1):
        step = MIGRATIONS[version - 1]
        begin()
        try:
            step.apply(connection)
            connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", (version, step.name, now))
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute("COMMIT")
        except BaseException:
            # A full disk may have rolled back already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
