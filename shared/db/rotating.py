"""The keys that secrets are sealed with: replacing them without stopping anything, and noticing that they are lost."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from shared.db.sealed import Keyring
from shared.db.session import Database

# Every sealed column: table, primary key (which the seal is bound to), column, and the fingerprint of its secret.
_SEALED = (
    ("application", "id", "client_secret", None),
    ("portal", "id", "webhook", None),
    ("chain", "id", "refresh_token", "refresh_fingerprint"),
    ("chain", "id", "access_token", None),
    ("inbox", "secrets_id", "secrets", None),
    ("link_token", "id", "text", "fingerprint"),
)
_AT_ONCE = 500


def rotate(db: Database) -> int:
    """Every value is sealed with the first key. Returns how many had to be sealed again.

    Works in small transactions, so it can be interrupted and started again. A value that changes meanwhile is skipped:
    the writer has already sealed it with the first key.
    """
    return sum(_rotate_column(db, *column) for column in _SEALED)


def is_key_lost(db: Database) -> bool:
    """True when there are sealed values and none of them was sealed with a key we have."""
    found = False
    with db.session() as session:
        for table, _, column, _ in _SEALED:
            # One value stands for all that were sealed with its key.
            seals = session.execute(
                text(
                    f"select distinct on (substring({column} for 4)) {column}"  # noqa: S608 - names of this module
                    f" from {table} where {column} is not null"
                )
            )
            for (sealed,) in seals:
                if db.keyring.has_key_of(bytes(sealed)):
                    return False
                found = True
    return found


def _rotate_column(db: Database, table: str, key: str, column: str, fingerprint: str | None) -> int:
    count = 0
    after: Any = None
    while True:
        with db.session() as session:
            rows = session.execute(
                text(
                    f"select {key} as key, {column} as sealed from {table}"  # noqa: S608 - names of this module
                    f" where {column} is not null and (cast(:after as uuid) is null or {key} > :after)"
                    f" order by {key} limit :most"
                ),
                {"after": after, "most": _AT_ONCE},
            ).all()
            for row in rows:
                sealed = bytes(row.sealed)
                if db.keyring.is_current(sealed):
                    continue
                secret = db.keyring.open(sealed, row=row.key, column=column)
                changes = f"{column} = :renewed" + (f", {fingerprint} = :print" if fingerprint else "")
                session.execute(
                    text(f"update {table} set {changes} where {key} = :key and {column} = :sealed"),  # noqa: S608
                    _renewed(db.keyring, row.key, column, secret, sealed, with_print=fingerprint is not None),
                )
                count += 1
        if len(rows) < _AT_ONCE:
            return count
        after = rows[-1].key


def _renewed(
    keyring: Keyring, key: Any, column: str, secret: str, sealed: bytes, *, with_print: bool
) -> dict[str, Any]:
    values = {"key": key, "sealed": sealed, "renewed": keyring.seal(secret, row=key, column=column)}
    return values | {"print": keyring.fingerprint(secret)} if with_print else values
