"""What makes deleted rows leave the file: SQLite writes zeros over them where it is asked to.

Ordinarily a connection overwrites what it deletes within a page that it writes anyway (`FAST`); a page that becomes free
keeps its bytes. While `overwriting` such pages are emptied too. So whoever writes into a table of a person's past does it
under `overwriting`: no page with traces of it is ever free, and to drop the table leaves nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

PRIVATE = frozenset({"happenings", "slates", "shown", "learnt"})
"""Tables of what a person did and was shown: no backup and no export holds them."""


def overwrite_cheaply(connection: sqlite3.Connection) -> None:
    """How a connection that writes is set up."""
    connection.execute("PRAGMA secure_delete = FAST").fetchone()


@contextmanager
def overwriting(connection: sqlite3.Connection) -> Iterator[None]:
    """Part of the caller's transaction: pages that become free hold zeros."""
    connection.execute("PRAGMA secure_delete = ON").fetchone()
    try:
        yield
    finally:
        overwrite_cheaply(connection)
