"""The fifth step of the schema: what a person did with media, what was proposed to them, and tags that they teach."""

FIFTH = """
-- What a person did. Ids only rise, in the order in which it happened; `at` (UTC) is what the clock said when it began,
-- and clocks are set back. A `session` is a time without a long pause. From where to where is the span; how long it took
-- by the clock is `lasted_ms`. `is_again`: it had been finished before in the same session. `slate_id`: the proposals that
-- it was chosen from. Without an item: a search, and `detail` says what for.
-- What a person says and does with tags, stars and removals is in the journal and not written twice.
CREATE TABLE happenings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    session INTEGER NOT NULL,
    verb TEXT NOT NULL CHECK (verb IN ('opened', 'played', 'searched')),
    item_id INTEGER REFERENCES items ON DELETE CASCADE,
    span_kind INTEGER NOT NULL DEFAULT 0,
    span_a INTEGER NOT NULL DEFAULT 0,
    span_b INTEGER NOT NULL DEFAULT 0,
    span_c INTEGER NOT NULL DEFAULT 0,
    lasted_ms INTEGER NOT NULL DEFAULT 0,
    ending TEXT NOT NULL DEFAULT '' CHECK (ending IN ('', 'finished', 'skipped')),
    is_again INTEGER NOT NULL DEFAULT 0,
    slate_id INTEGER REFERENCES slates ON DELETE SET NULL,
    detail TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail))
) STRICT;
CREATE INDEX happenings_by_item ON happenings (item_id, id) WHERE item_id IS NOT NULL;
CREATE INDEX happenings_by_slate ON happenings (slate_id) WHERE slate_id IS NOT NULL;

-- What was proposed, each time that a person saw it: by which `policy` (name and version), with which settings.
CREATE TABLE slates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    session INTEGER NOT NULL,
    policy TEXT NOT NULL,
    settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings))
) STRICT;

-- The proposals of a slate: in which row of the page at which place, how likely that item was to be shown there
-- (`propensity`), what was `expected` of it and known of it then (`context`, float32), and what became of it.
CREATE TABLE shown (
    slate_id INTEGER NOT NULL REFERENCES slates ON DELETE CASCADE,
    "row" TEXT NOT NULL,
    place INTEGER NOT NULL,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    propensity REAL NOT NULL CHECK (propensity > 0 AND propensity <= 1),
    expected REAL NOT NULL DEFAULT 0,
    context BLOB NOT NULL DEFAULT x'',
    outcome TEXT NOT NULL DEFAULT ''
        CHECK (outcome IN ('', 'opened', 'played', 'finished', 'skipped', 'liked', 'not_now', 'not_because', 'never')),
    outcome_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (slate_id, "row", place)
) STRICT, WITHOUT ROWID;
CREATE INDEX shown_by_item ON shown (item_id, slate_id);

-- What was learnt from all that, up to which row of each table. Follows from the rest and can be made again.
CREATE TABLE learnt (
    name TEXT PRIMARY KEY,
    until TEXT NOT NULL CHECK (json_valid(until)),
    state BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A person's word on whether an item is to be proposed, or others because of it; `until` is empty where it stands for good.
CREATE TABLE likings (
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    word TEXT NOT NULL CHECK (word IN ('like', 'not_now', 'not_because', 'never')),
    until TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL,
    PRIMARY KEY (item_id, word)
) STRICT, WITHOUT ROWID;

-- Tags that a person teaches. The examples are the person's `decisions` (of whole items, and of moments by their span);
-- this is only that a tag is taught, and the version that the person went back to: it holds until there is a newer one
-- than `newest`. NULL: the newest is asked.
CREATE TABLE taught_tags (
    concept_id TEXT PRIMARY KEY REFERENCES concepts,
    taught_at TEXT NOT NULL,
    version INTEGER,
    newest INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- What was learned of the examples, version by version: `head` is what judges, `report` what is to be said of it (method,
-- counts, expected precision), `examples` what it was learned of, `judged_id` the vector up to which it has judged the
-- library (ids of vectors only rise).
CREATE TABLE taught_versions (
    concept_id TEXT NOT NULL REFERENCES concepts,
    version INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    head BLOB NOT NULL,
    report TEXT NOT NULL CHECK (json_valid(report)),
    examples TEXT NOT NULL CHECK (json_valid(examples)),
    judged_id INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (concept_id, version)
) STRICT;
"""
