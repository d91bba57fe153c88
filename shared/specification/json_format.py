"""``crmap-spec`` version 1: the specification for machines, and the only one that can be read back whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import orjson

from shared.domain.coverage import Coverage, Kind, Reason, ReasonCode, State
from shared.domain.digest import fingerprint
from shared.domain.errors import NotASpecification
from shared.domain.findings import Finding, findings
from shared.domain.snapshot import (
    CrmMode,
    Department,
    Dictionary,
    DictionaryItem,
    EntityType,
    ListValue,
    Meaning,
    Pipeline,
    PortalFacts,
    Reader,
    Snapshot,
    Stage,
    User,
    UserField,
)
from shared.specification.json_rows import Row
from shared.wording.findings import finding_sentence
from shared.wording.language import Language
from shared.wording.reasons import reason_sentence

FORMAT = "crmap-spec"
VERSION = 1

INT64 = range(-(2**63), 2**64)


def dump_json(snapshot: Snapshot, *, language: Language) -> bytes:
    """The snapshot as UTF-8 JSON, indented by two; the same snapshot gives the same bytes.

    ``language`` is that of the sentences only. Portal text stays as it was read, except that half a surrogate
    pair, which UTF-8 cannot hold, becomes U+FFFD.
    """
    document = _document(snapshot, language)
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    try:
        return orjson.dumps(document, default=dict, option=options)
    except orjson.JSONEncodeError:
        return orjson.dumps(_mended(document), option=options)


def load_json(data: bytes) -> Snapshot:
    """The snapshot that ``dump_json`` wrote down; keys we do not know are ignored.

    Raises NotASpecification, which says where in the document the trouble is.
    """
    try:
        whole = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise NotASpecification(what="json") from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise NotASpecification(what="format")
    if whole.get("version") != VERSION:
        raise NotASpecification(what="version")
    return _snapshot(Row(whole, ""))


def _document(snapshot: Snapshot, language: Language) -> dict[str, Any]:
    reader = snapshot.reader
    return {
        "format": FORMAT,
        "version": VERSION,
        "portal": _row(snapshot.portal),
        "snapshot": {
            "number": snapshot.number,
            "read_at": snapshot.read_at.isoformat(),
            "fingerprint": fingerprint(snapshot),
            "reader": {
                "id": reader.id,
                "name": reader.name,
                "admin": reader.admin,
                "scopes": sorted(reader.scopes),
            },
        },
        "coverage": [_receipt(entry, language) for entry in snapshot.coverage],
        "entity_types": snapshot.entity_types,
        "pipelines": snapshot.pipelines,
        "stages": snapshot.stages,
        "dictionaries": snapshot.dictionaries,
        "user_fields": snapshot.user_fields,
        "users": snapshot.users,
        "departments": snapshot.departments,
        "orphan_stages": snapshot.orphan_stages,
        "findings": [_finding(finding, language) for finding in findings(snapshot)],
    }


def _row(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _receipt(entry: Coverage, language: Language) -> dict[str, Any]:
    reason = entry.reason
    return {
        "kind": entry.kind,
        "entity_type": entry.entity_type,
        "state": entry.state,
        "items": entry.items,
        "reason": reason and reason_sentence(reason, language),
        "reason_code": reason and reason.code,
        "reason_detail": reason and reason.detail,
        "read_at": entry.read_at.isoformat(),
    }


def _finding(finding: Finding, language: Language) -> dict[str, Any]:
    return {**_row(finding), "sentence": finding_sentence(finding, language)}


def _mended(value: Any) -> Any:
    """The value with what JSON cannot hold replaced: half surrogate pairs, numbers beyond 64 bits."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if value in INT64 else float(value)
    if isinstance(value, Mapping):
        return {_mended(str(key)): _mended(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_mended(item) for item in value]
    return _mended(_row(value))


def _snapshot(document: Row) -> Snapshot:
    head = document.row("snapshot")
    return Snapshot(
        portal=_portal(document.row("portal")),
        number=head.integer("number") if head.has("number") else None,
        read_at=head.moment("read_at"),
        reader=_reader(head.row("reader")),
        coverage=document.rows("coverage", _coverage),
        entity_types=document.rows("entity_types", _entity_type),
        pipelines=document.rows("pipelines", _pipeline),
        stages=document.rows("stages", _stage),
        dictionaries=document.rows("dictionaries", _dictionary),
        user_fields=document.rows("user_fields", _user_field),
        users=document.rows("users", _user),
        departments=document.rows("departments", _department),
        orphan_stages=document.rows("orphan_stages", _stage) if document.has("orphan_stages") else (),
    )


def _portal(row: Row) -> PortalFacts:
    return PortalFacts(
        domain=row.text("domain"),
        member_id=row.text_or_none("member_id"),
        language=row.text_or_none("language"),
        plan=row.text("plan") if row.has("plan") else None,
        crm_mode=row.choice("crm_mode", CrmMode) if row.has("crm_mode") else None,
    )


def _reader(row: Row) -> Reader:
    return Reader(
        id=row.integer_or_none("id"),
        name=row.text_or_none("name"),
        admin=row.flag("admin"),
        scopes=frozenset(row.list_of("scopes", str)) if row.has("scopes") else frozenset(),
    )


def _coverage(row: Row) -> Coverage:
    return Coverage(
        kind=row.choice("kind", Kind),
        entity_type=row.text("entity_type") if row.has("entity_type") else None,
        state=row.choice("state", State),
        items=row.integer("items"),
        read_at=row.moment("read_at"),
        reason=_reason(row) if row.has("reason_code") else None,
    )


def _reason(row: Row) -> Reason:
    return Reason(
        row.choice("reason_code", ReasonCode), row.text("reason_detail") if row.has("reason_detail") else ""
    )


def _entity_type(row: Row) -> EntityType:
    return EntityType(
        key=row.text("key"),
        entity_type_id=row.integer("entity_type_id"),
        type_id=row.integer_or_none("type_id"),
        title=row.text_or_none("title"),
        field_owner=row.text_or_none("field_owner"),
        binding_prefix=row.text_or_none("binding_prefix"),
    )


def _pipeline(row: Row) -> Pipeline:
    return Pipeline(
        entity_type=row.text("entity_type"),
        id=row.integer("id"),
        name=row.text_or_none("name"),
        sort=row.integer_or_none("sort"),
        is_default=row.flag("is_default"),
        directory=row.text("directory"),
    )


def _stage(row: Row) -> Stage:
    return Stage(
        entity_type=row.text("entity_type"),
        pipeline_id=row.integer_or_none("pipeline_id"),
        directory=row.text("directory"),
        status_id=row.text("status_id"),
        id=row.integer("id"),
        name=row.text_or_none("name"),
        sort=row.integer_or_none("sort"),
        meaning=row.choice("meaning", Meaning),
        color=row.text_or_none("color"),
        system=row.flag("system"),
    )


def _dictionary(row: Row) -> Dictionary:
    return Dictionary(
        directory=row.text("directory"),
        name=row.text_or_none("name"),
        items=row.rows("items", _dictionary_item),
    )


def _dictionary_item(row: Row) -> DictionaryItem:
    return DictionaryItem(
        status_id=row.text("status_id"),
        id=row.integer("id"),
        name=row.text_or_none("name"),
        sort=row.integer_or_none("sort"),
        system=row.flag("system"),
    )


def _user_field(row: Row) -> UserField:
    return UserField(
        entity_type=row.text("entity_type"),
        id=row.integer_or_none("id"),
        code=row.text("code"),
        api_name=row.text_or_none("api_name"),
        type=row.text("type"),
        multiple=row.flag("multiple"),
        mandatory=row.flag("mandatory"),
        sort=row.integer_or_none("sort"),
        labels=row.texts("labels"),
        values=row.rows("values", _list_value),
        settings=row.mapping("settings"),
    )


def _list_value(row: Row) -> ListValue:
    return ListValue(
        id=row.integer("id"),
        value=row.text("value"),
        sort=row.integer_or_none("sort"),
        default=row.flag_or_none("default"),
        xml_id=row.text_or_none("xml_id"),
    )


def _user(row: Row) -> User:
    return User(
        id=row.integer("id"),
        name=row.text_or_none("name"),
        active=row.flag("active"),
        position=row.text_or_none("position"),
        departments=row.list_of("departments", int),
    )


def _department(row: Row) -> Department:
    return Department(
        id=row.integer("id"),
        name=row.text_or_none("name"),
        parent_id=row.integer_or_none("parent_id"),
        head_id=row.integer_or_none("head_id"),
    )
