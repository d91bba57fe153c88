"""``crmap-spec`` version 1: the specification for machines, and the only one that can be read back whole.

``json_snapshot`` does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from shared.domain.coverage import Coverage
from shared.domain.digest import fingerprint
from shared.domain.findings import Finding, findings
from shared.domain.snapshot import AsRead, Snapshot, UserField
from shared.specification.json_bytes import json_bytes
from shared.wording.findings import finding_sentence
from shared.wording.kinds import entity_key_title, entity_title
from shared.wording.language import Language
from shared.wording.reasons import reason_sentence

FORMAT = "crmap-spec"
VERSION = 1


def dump_json(snapshot: Snapshot, *, language: Language) -> bytes:
    """The snapshot as UTF-8 JSON, indented by two; the same snapshot gives the same bytes.

    ``language`` is that of the sentences only. Portal text stays as it was read, except that half a surrogate
    pair, which UTF-8 cannot hold, becomes U+FFFD.
    """
    return json_bytes(_document(snapshot, language))


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
        "entity_types": _items(snapshot.entity_types),
        "pipelines": _items(snapshot.pipelines),
        "stages": _items(snapshot.stages),
        "dictionaries": [{**_item(row), "items": _items(row.items)} for row in snapshot.dictionaries],
        **({"standard_fields": _items(snapshot.standard_fields)} if snapshot.is_full else {}),
        "user_fields": [_field(field) for field in snapshot.user_fields],
        "users": _items(snapshot.users),
        "departments": _items(snapshot.departments),
        "orphan_stages": _items(snapshot.orphan_stages),
        "findings": [_finding(finding, snapshot, language) for finding in findings(snapshot)],
    }


def _field(field: UserField) -> dict[str, Any]:
    return {**_item(field), "settings": _in_key_order(field.settings)}


def _items(items: Iterable[AsRead]) -> list[dict[str, Any]]:
    return [_item(item) for item in items]


def _item(item: AsRead) -> dict[str, Any]:
    """The item as JSON, without the list of odd attributes if it is empty."""
    row = _row(item)
    odd = row.pop("not_understood")
    return {**row, "not_understood": odd} if odd else row


def _in_key_order(value: Any) -> Any:
    """The value with its keys sorted, because their order in the portal's answer is random."""
    if isinstance(value, Mapping):
        return {key: _in_key_order(value[key]) for key in sorted(value)}
    if isinstance(value, tuple | list):
        return [_in_key_order(item) for item in value]
    return value


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


def _finding(finding: Finding, snapshot: Snapshot, language: Language) -> dict[str, Any]:
    titles = {entity.key: entity_title(entity, language) for entity in snapshot.entity_types}
    sentence = finding_sentence(
        finding, language, title=lambda key: titles.get(key) or entity_key_title(key, language)
    )
    return {**_row(finding), "sentence": sentence}
