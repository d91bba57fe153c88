"""A row in every table there is, made from the tables themselves: a new table is filled without a word here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, Connection, MetaData, Table, insert

from shared.db.metadata import METADATA

Row = dict[str, Any]
Rows = dict[str, Row]

# What cannot be told from the type of a column: values of enumerations, and forms that are checked.
_VALUES: Mapping[tuple[str, str], Any] = {
    ("portal", "kind"): "webhook",
    ("portal", "member_id"): None,
    ("portal", "state"): "active",
    ("portal", "purge_at"): None,
    ("membership", "role"): "owner",
    ("chain", "state"): "active",
    ("inbox", "verdict"): "new",
    ("job", "state"): "queued",
    ("change", "kind"): "stages",
    ("link_token", "replaced_at"): None,
    ("installation", "removed_at"): None,
    ("installation", "handlers_problem"): None,
}
_BY_TYPE: Mapping[type[Any], Any] = {
    str: lambda: uuid4().hex,
    int: lambda: 1,
    bool: lambda: False,
    bytes: lambda: os.urandom(16),
    datetime: lambda: datetime.now(UTC),
    date: lambda: datetime.now(UTC).date(),
    UUID: uuid4,
    list: list,
    object: dict,
}
# Columns that point somewhere without a foreign key, because what they speak of outlives it.
_POINTS_AT = {"portal_id": "portal", "cabinet_id": "cabinet"}


def a_row(table: Table, rows: Rows, **given: Any) -> Row:
    """Values for a new row of the table that belongs to the same tenant as ``rows``."""
    return {
        column.name: given.get(column.name, _value(table, column, rows))
        for column in table.columns
        if column.name in given or not _is_counted(column)
    }


def fill(connection: Connection, *, tables: MetaData = METADATA, **given: Mapping[str, Any]) -> Rows:
    """A row in every table, all of one new tenant; ``given`` are values of some tables' rows."""
    rows: Rows = {}
    for table in sorted(
        tables.sorted_tables, key=lambda table: not table.foreign_keys and bool(_loose(table))
    ):
        values = a_row(table, rows, **given.get(table.name, {}))
        made = connection.execute(insert(table).values(values).returning(*table.columns)).mappings().one()
        rows[table.name] = dict(made)
    return rows


def app_portal() -> Row:
    """What makes the portal of ``fill`` one with our application installed."""
    return {"kind": "app", "member_id": uuid4().hex, "cabinet_id": None}


def _loose(table: Table) -> set[str]:
    """Columns that point at another table although no key says so."""
    return {
        column.name
        for column in table.columns
        if not column.foreign_keys and _POINTS_AT.get(column.name, table.name) != table.name
    }


def _value(table: Table, column: Column[Any], rows: Rows) -> Any:
    if (table.name, column.name) in _VALUES:
        return _VALUES[table.name, column.name]
    for key in column.foreign_keys:
        return rows[key.column.table.name][key.column.name]
    if column.name in _loose(table):
        return rows[_POINTS_AT[column.name]]["id"]
    return _BY_TYPE[column.type.python_type]()


def _is_counted(column: Column[Any]) -> bool:
    """True for ids the database counts by itself."""
    return column.primary_key and column.table.autoincrement_column is column
