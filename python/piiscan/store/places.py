"""Where most was found, where alerts stand, and which places of an object are not ok."""

import sqlite3

from piiscan.store.stored import AlertPlace, Place, Problem, StoredObject

__all__ = ["alert_places", "problems", "richest"]


def richest(database: sqlite3.Connection, limit: int) -> tuple[list[Place], int]:
    """Return the objects with the most findings, and how many more there are.

    Args:
        database: The store.
        limit: Length of the list.

    """
    found = database.execute(
        "SELECT object.id, loc, sum(high + medium - topical) AS personal, sum(topical),"
        " sum(CASE class WHEN 'ordinary' THEN people ELSE 0 END)"
        " FROM tally JOIN object ON object.id = tally.object JOIN detector ON"
        " detector.id = tally.detector"
        " WHERE high + medium > 0 GROUP BY object.id ORDER BY personal DESC, loc LIMIT ?",
        (limit,),
    ).fetchall()
    total = database.execute(
        "SELECT count(DISTINCT object) FROM tally WHERE high + medium > 0"
    ).fetchone()[0]
    kinds = (
        "SELECT name FROM tally JOIN detector ON id = detector"
        " WHERE object = ? AND high + medium > 0 ORDER BY id"
    )
    listed = [
        Place(
            loc,
            personal,
            topical,
            people,
            tuple(row[0] for row in database.execute(kinds, (owner,))),
        )
        for owner, loc, personal, topical, people in found
    ]
    return listed, total - len(listed)


def alert_places(database: sqlite3.Connection, limit: int) -> tuple[list[AlertPlace], int]:
    """Return where alerts stand, by location, and how many more places there are.

    Args:
        database: The store.
        limit: Length of the list.

    """
    found = database.execute(
        "SELECT loc, alert, n FROM alert_tally JOIN object ON object.id = object"
        " ORDER BY loc, object, alert LIMIT ?",
        (limit,),
    ).fetchall()
    total = database.execute("SELECT count(*) FROM alert_tally").fetchone()[0]
    return [AlertPlace(*row) for row in found], total - len(found)


def problems(database: sqlite3.Connection, owner: StoredObject) -> list[Problem]:
    """Return the places in an object that are not ok.

    Args:
        database: The store.
        owner: The object.

    """
    found = database.execute(
        "SELECT raw_start, raw_end, status, reason FROM problem WHERE object = ? ORDER BY place",
        (owner.id,),
    )
    return [Problem(owner.loc, (row[0], row[1]), row[2], row[3]) for row in found]
