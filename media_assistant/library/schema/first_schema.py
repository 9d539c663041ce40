"""The first step of the schema: items, what is found in them, what a person says, the queue and the journal."""

FIRST = """
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
