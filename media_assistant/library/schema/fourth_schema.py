"""The fourth step of the schema: stars, and what is known and said of duplicates."""

FOURTH = """
-- How many stars (0 to 5) a person gave; an item without a row has none of their word.
CREATE TABLE ratings (
    item_id INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    stars INTEGER NOT NULL CHECK (stars BETWEEN 0 AND 5)
) STRICT;
CREATE INDEX ratings_by_stars ON ratings (stars, item_id);

-- A person's word on two items: they are `different`, or the same and the `first` or the `second` one is kept.
CREATE TABLE pair_words (
    first_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    second_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    word TEXT NOT NULL CHECK (word IN ('different', 'first', 'second')),
    PRIMARY KEY (first_id, second_id),
    CHECK (first_id < second_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_words_by_second ON pair_words (second_id);

-- By what an item is known again in another form; `form` names what `marks` are and begin with `start_ms`. Ids only rise,
-- so that whoever compares can ask for what is new.
CREATE TABLE fingerprints (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    form TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    marks BLOB NOT NULL
) STRICT;
CREATE INDEX fingerprints_by_item ON fingerprints (item_id, form, start_ms);
CREATE INDEX fingerprints_by_run ON fingerprints (run_id);

-- Items that were found to be the same, and how they agree. Follows from the fingerprints and can be made again.
CREATE TABLE likely_pairs (
    first_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    second_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    sureness REAL NOT NULL,
    agreement TEXT NOT NULL CHECK (json_valid(agreement)),
    PRIMARY KEY (first_id, second_id),
    CHECK (first_id < second_id)
) STRICT;
CREATE INDEX likely_pairs_by_second ON likely_pairs (second_id);

-- The fingerprints up to which an item was compared with all others.
CREATE TABLE compared_items (
    item_id INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    fingerprint_id INTEGER NOT NULL
) STRICT;
"""
