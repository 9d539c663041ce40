"""Whether a matrix that was found on disk is of this library, as this library is now."""

from __future__ import annotations

import sqlite3

import numpy as np

from media_assistant.library.vectors import vector_table
from media_assistant.library.vectors.scanning import View, to_bytes

_CHECKED = 64
"""Rows of a file that are compared with the library before anything is believed of it."""


def is_of_library(connection: sqlite3.Connection, space: str, view: View) -> bool:
    """Whether what is on disk was made of this library's vectors.

    Ids only rise and vectors never change, so where a library and a file part (a backup was put back, a copy went its
    own way), all that came after the parting differs: above all the last vector that both know of. Some others are
    looked at too, for a library that was written anew counts from 1 again.
    """
    last = vector_table.last_id(connection, space, int(view.ids[-1]))
    sample = np.linspace(0, view.count - 1, min(_CHECKED, view.count)).astype(np.int64)
    ids = np.union1d(view.ids[sample], [last])
    known = vector_table.fetch(connection, ids, view.parts[0].shape[1])
    places = np.searchsorted(view.ids, known.ids)
    if not len(places) or (view.ids[places] != known.ids).any() or (view.items[places] != known.items).any():
        return False
    rows, _ = to_bytes(known.units)
    # Another processor may round the last bit otherwise.
    is_same = (np.abs(rows.astype(np.int16) - view.parts[0][places]) <= 1).all(axis=1)
    # Whatever was known to be deleted when it was written is no witness.
    return bool((is_same | np.isnan(view.scales[places])).all())
