"""The file under a store: created for its owner only, checked before use, migrated when it is old.

SQLite in write-ahead mode: a notebook reads while a sweep writes, and a killed sweep leaves whole
transactions.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path

from piiscan.errors import StoreError
from piiscan.files import create_private
from piiscan.store.tally import fill_topical

__all__ = ["VERSION", "connect", "guarded", "open_for_reading", "open_for_writing"]

VERSION = 4
APPLICATION_ID = 0x50494953  # "PIIS": tells a store from any other SQLite file
WAIT_S = 30.0  # how long a reader waits for a commit
FILLED = {4: fill_topical}  # what SQL alone cannot do at the end of a migration


def open_for_writing(path: Path | None) -> sqlite3.Connection:
    """Open or create a store, or make one in memory if `path` is None.

    Args:
        path: The file of the store.

    Raises:
        StoreError: The file is no store, is damaged, or another sweep is writing to it.

    """
    if path is None:
        database = connect(":memory:")
        _create(database)
        return database
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with guarded(path):
        new = not path.exists()
        if new:
            os.close(create_private(path))
        database = connect(str(path), timeout=0.0)
        try:
            if new:
                database.executescript("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;")
                _create(database)
            else:
                _check(database, path)
                _migrate(database)
            database.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            database.close()
            raise
        return database


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open an existing store; nothing can be changed through it.

    Args:
        path: The file of the store.

    Raises:
        FileNotFoundError: There is no such file.
        StoreError: The file is no store, or is damaged.

    """
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no store at `{path}`\n\n"
            "hint: piiscan sweep PATH makes one; --store names another"
        )
    # The last to close a store that can be written to tidies up its log.
    mode = "rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else "ro"
    name = f"{path.resolve().as_uri()}?mode={mode}"
    with guarded(path):
        database = connect(name, uri=True)
        try:
            _check(database, path)
            if _number(database, "user_version") < VERSION:
                database.close()
                open_for_writing(path).close()  # migrates
                database = connect(name, uri=True)
            database.execute("PRAGMA query_only = 1")
        except BaseException:
            database.close()
            raise
        return database


def connect(name: str, *, uri: bool = False, timeout: float = WAIT_S) -> sqlite3.Connection:
    """Open SQLite with foreign keys and explicit transactions."""
    database = sqlite3.connect(name, uri=uri, timeout=timeout, isolation_level=None)
    with suppress(sqlite3.DatabaseError):  # a file that is no database says so at its first query
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("PRAGMA trusted_schema = OFF")
    return database


@contextmanager
def guarded(path: Path | None) -> Iterator[None]:
    """Turn an error of SQLite into one that says what to do.

    Args:
        path: The store, for the message.

    Yields:
        Nothing.

    Raises:
        StoreError: SQLite failed.
        OSError: The disk is full.

    """
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise StoreError(
                f"store `{path}` is in use by another sweep\n\n"
                "hint: wait for it, or name another file with --store"
            ) from None
        if code == sqlite3.SQLITE_FULL:
            raise OSError(28, "no space left for the store", str(path)) from None
        raise StoreError(f"store `{path}` cannot be used: {error}") from None
    except sqlite3.DatabaseError:
        raise StoreError(
            f"store `{path}` is damaged or no store of piiscan\n\n"
            "hint: move it away; the next sweep makes a new one"
        ) from None


def _create(database: sqlite3.Connection) -> None:
    schema = resources.files("piiscan.store").joinpath("schema.sql").read_text(encoding="utf-8")
    database.executescript(
        f"BEGIN IMMEDIATE;\n{schema}\nPRAGMA application_id = {APPLICATION_ID};\n"
        f"PRAGMA user_version = {VERSION};\nCOMMIT;"
    )


def _check(database: sqlite3.Connection, path: Path) -> None:
    if _number(database, "application_id") != APPLICATION_ID:
        raise StoreError(f"`{path}` is no store of piiscan\n\nhint: name another file with --store")
    if _number(database, "user_version") > VERSION:
        raise StoreError(
            f"store `{path}` was made by a newer piiscan\n\nhint: install the newest version"
        )
    tables = {
        row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    }
    if not {"meta", "sweep", "object", "block", "tally", "sweep_tally"} <= tables:
        raise StoreError(
            f"store `{path}` is damaged: tables are missing\n\n"
            "hint: move it away; the next sweep makes a new one"
        )


def _migrate(database: sqlite3.Connection) -> None:
    """Bring an old store to the newest version, one transaction a step."""
    folder = resources.files("piiscan.store").joinpath("migrations")
    for version in range(_number(database, "user_version") + 1, VERSION + 1):
        script = folder.joinpath(f"{version:03}.sql").read_text(encoding="utf-8")
        database.executescript(f"BEGIN IMMEDIATE;\n{script}")
        if version in FILLED:
            FILLED[version](database)
        database.execute(f"PRAGMA user_version = {version}")
        database.execute("COMMIT")


def _number(database: sqlite3.Connection, pragma: str) -> int:
    return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])
