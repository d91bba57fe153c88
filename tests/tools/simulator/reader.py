"""A naive full read of a portal, one request after the other: what the truth must agree with.

Written against the REST documentation, without the product's connector and without the simulator's ledger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.tools.simulator.client import call

FIXED = {
    1: ("lead", "CRM_LEAD"),
    2: ("deal", "CRM_DEAL"),
    3: ("contact", "CRM_CONTACT"),
    4: ("company", "CRM_COMPANY"),
    7: ("quote", "CRM_QUOTE"),
    31: ("smart_invoice", "CRM_SMART_INVOICE"),
    8: ("requisite", "CRM_REQUISITE"),
}
CLASSIC = {1: "lead", 2: "deal", 3: "contact", 4: "company", 7: "quote", 8: "requisite"}

Json = Any


def read_everything(webhook_url: str, language: str = "ru") -> dict[str, Any]:
    """A snapshot in the shape of the truth, without ``portal`` and without what only full reads bring."""
    reader = _Reader(webhook_url, language)
    return {
        "entity_types": reader.entity_types(),
        "pipelines": reader.pipelines(),
        "stages": [stage for number in reader.order for stage in reader.stages_of_type(number)],
        "dictionaries": reader.dictionaries(),
        "user_fields": reader.user_fields(),
        "users": reader.users(),
        "departments": reader.departments(),
        "orphan_stages": reader.orphans(),
    }


def read_standard_fields(webhook_url: str, language: str = "ru") -> list[Json]:
    """What full reads bring besides, in the shape of the truth."""
    return list(_Reader(webhook_url, language).standard_fields())


class _Reader:
    def __init__(self, webhook_url: str, language: str) -> None:
        self.url = webhook_url
        self.language = language
        self.types = sorted(
            self.pages("crm.type.list", {"order": {"id": "ASC"}}, "types"), key=_entity_type_id
        )
        self.owners = {row["ID"]: row for row in self.call("crm.enum.ownertype")}
        self.directories = self.call("crm.status.entity.types")
        self.rows = self.call("crm.status.list")
        fixed = [number for number in FIXED if number in self.owners]
        self.order = fixed + [row["entityTypeId"] for row in self.types]

    def call(self, method: str, params: dict[str, Any] | None = None) -> Json:
        return call(self.url, method, params).result

    def pages(self, method: str, params: dict[str, Any], key: str | None = None) -> Iterator[Json]:
        """Rows of all pages once each, until the platform says there is no next one."""
        start: int | None = 0
        seen: set[str] = set()
        while start is not None:
            answer = call(self.url, method, {**params, "start": start}).json
            rows = answer["result"][key] if key else answer["result"]
            for row in rows:
                number = str(row.get("ID") or row.get("id"))
                if number not in seen:
                    seen.add(number)
                    yield row
            start = answer.get("next")

    def key(self, number: int) -> str:
        return FIXED[number][0] if number in FIXED else f"dynamic_{number}"

    def type_id(self, number: int) -> int | None:
        return next((row["id"] for row in self.types if row["entityTypeId"] == number), None)

    def entity_types(self) -> list[Json]:
        return [
            {
                "key": self.key(number),
                "entity_type_id": number,
                "type_id": self.type_id(number),
                "title": self.owners[number]["NAME"],
                "field_owner": FIXED[number][1] if number in FIXED else f"CRM_{self.type_id(number)}",
                "binding_prefix": self.owners[number]["SYMBOL_CODE_SHORT"],
            }
            for number in self.order
        ]

    def categories(self, number: int) -> list[Json]:
        if number in (1, 3, 4, 7, 8):
            return []
        rows = self.call("crm.category.list", {"entityTypeId": number})["categories"]
        return sorted(rows, key=lambda row: (row["sort"], row["id"]))

    def pipelines(self) -> list[Json]:
        return [
            {
                "entity_type": self.key(number),
                "id": row["id"],
                "name": row["name"],
                "sort": row["sort"],
                "is_default": row["isDefault"] == "Y",
                "directory": self.directory(number, row["id"]),
            }
            for number in self.order
            for row in self.categories(number)
        ]

    @staticmethod
    def directory(number: int, pipeline_id: int) -> str:
        if number == 2:
            return f"DEAL_STAGE_{pipeline_id}" if pipeline_id else "DEAL_STAGE"
        return (
            f"SMART_INVOICE_STAGE_{pipeline_id}" if number == 31 else f"DYNAMIC_{number}_STAGE_{pipeline_id}"
        )

    def stages_of_type(self, number: int) -> Iterator[Json]:
        if number in (1, 7):
            yield from self.stages("STATUS" if number == 1 else "QUOTE_STATUS", self.key(number), None)
        for row in self.categories(number):
            yield from self.stages(self.directory(number, row["id"]), self.key(number), row["id"])

    def stages(self, directory: str, entity_type: str, pipeline_id: int | None) -> Iterator[Json]:
        for row in self.directory_rows(directory):
            told = {"S": "success", "F": "failure"}.get(row["SEMANTICS"] or "", "process")
            yield {
                "entity_type": entity_type,
                "pipeline_id": pipeline_id,
                "directory": directory,
                "status_id": row["STATUS_ID"],
                "id": int(row["ID"]),
                "name": row["NAME"],
                "sort": int(row["SORT"]),
                "meaning": row.get("EXTRA", {}).get("SEMANTICS", told),
                "color": row["COLOR"].upper() if row["COLOR"] else None,
                "system": row["SYSTEM"] == "Y",
            }

    def directory_rows(self, directory: str) -> list[Json]:
        rows = [row for row in self.rows if row["ENTITY_ID"] == directory]
        return sorted(rows, key=lambda row: (int(row["SORT"]), int(row["ID"])))

    def dictionaries(self) -> list[Json]:
        return [
            {
                "directory": row["ID"],
                "name": row["NAME"],
                "items": [
                    {
                        "status_id": item["STATUS_ID"],
                        "id": int(item["ID"]),
                        "name": item["NAME"],
                        "sort": int(item["SORT"]),
                        "system": item["SYSTEM"] == "Y",
                    }
                    for item in self.directory_rows(row["ID"])
                ],
            }
            for row in sorted(self.directories, key=lambda row: str(row["ID"]))
            if "ENTITY_TYPE_ID" not in row
        ]

    def orphans(self) -> list[Json]:
        known = {row["ID"] for row in self.directories}
        lost = dict.fromkeys(row["ENTITY_ID"] for row in self.rows if row["ENTITY_ID"] not in known)
        return [
            stage
            for directory in lost
            for stage in self.stages(directory, "deal", int(directory.removeprefix("DEAL_STAGE_")))
        ]

    def standard_fields(self) -> Iterator[Json]:
        for number in self.order:
            if number == 8:
                rows = {code: (None, row) for code, row in self.call("crm.requisite.fields").items()}
            else:
                fields = self.call("crm.item.fields", {"entityTypeId": number})["fields"]
                rows = {row["upperName"]: (name, row) for name, row in fields.items()}
            for code, (name, row) in sorted(rows.items()):
                if not code.startswith("UF_"):
                    yield {
                        "entity_type": self.key(number),
                        "code": code,
                        "api_name": name,
                        "type": row["type"],
                        "multiple": row["isMultiple"],
                        "mandatory": row["isRequired"],
                        "read_only": row["isReadOnly"],
                        "label": row["title"],
                    }

    def user_fields(self) -> list[Json]:
        found: list[Json] = []
        for number in self.order:
            described: dict[str, Any] = {}
            if number != 8:
                fields = self.call("crm.item.fields", {"entityTypeId": number})["fields"]
                described = {row["upperName"]: row | {"key": key} for key, row in fields.items()}
            rows = self.classic(number) if number in CLASSIC else self.modern(number)
            found += [
                self.user_field(number, row, described.get(row["code"])) for row in sorted(rows, key=_by_sort)
            ]
        return found

    def classic(self, number: int) -> list[Json]:
        params = {"filter": {"LANG": self.language}}
        return [
            {
                "id": int(row["ID"]),
                "code": row["FIELD_NAME"],
                "type": row["USER_TYPE_ID"],
                "sort": int(row["SORT"]),
                "multiple": row["MULTIPLE"] == "Y",
                "mandatory": row["MANDATORY"] == "Y",
                "label": row["EDIT_FORM_LABEL"],
                "settings": row["SETTINGS"],
                "values": [
                    {
                        "id": int(value["ID"]),
                        "value": value["VALUE"],
                        "sort": int(value["SORT"]),
                        "default": value["DEF"] == "Y",
                        "xml_id": value["XML_ID"],
                    }
                    for value in row.get("LIST", [])
                ],
            }
            for row in self.call(f"crm.{CLASSIC[number]}.userfield.list", params)
        ]

    def modern(self, number: int) -> list[Json]:
        owner = "CRM_SMART_INVOICE" if number == 31 else f"CRM_{self.type_id(number)}"
        params = {
            "moduleId": "crm",
            "select": {"0": "*", "language": self.language},
            "order": {"id": "ASC"},
            "filter": {"entityId": [owner]},
        }
        return [
            {
                "id": int(row["id"]),
                "code": row["fieldName"],
                "type": row["userTypeId"],
                "sort": int(row["sort"]),
                "multiple": row["multiple"] == "Y",
                "mandatory": row["mandatory"] == "Y",
                "label": next(iter((row["editFormLabel"] or {}).values()), None),
                "settings": row["settings"],
                "values": None,
            }
            for row in self.pages("userfieldconfig.list", params, "fields")
        ]

    def user_field(self, number: int, row: Json, described: Json) -> Json:
        values = row["values"]
        if values is None:
            unread = {"sort": None, "default": None, "xml_id": None}
            items = described.get("items", [])
            values = [{"id": int(item["ID"]), "value": item["VALUE"], **unread} for item in items]
        return {
            "entity_type": self.key(number),
            "id": row["id"],
            "code": row["code"],
            "api_name": described["key"] if described else None,
            "type": described["type"] if described else row["type"],
            "multiple": row["multiple"],
            "mandatory": row["mandatory"],
            "sort": row["sort"],
            "labels": {} if row["label"] is None else {self.language: row["label"]},
            "values": sorted(values, key=lambda value: (value["sort"] or 0, value["id"])),
            "settings": _ints(row["settings"]) or {},
        }

    def users(self) -> list[Json]:
        rows = self.pages("user.get", {"sort": "ID", "order": "ASC", "ADMIN_MODE": 1})
        return [
            {
                "id": int(row["ID"]),
                "name": f"{row['LAST_NAME']} {row['NAME']}".strip() or None,
                "active": row["ACTIVE"],
                "position": row["WORK_POSITION"] or None,
                "departments": sorted(row["UF_DEPARTMENT"] or []),
            }
            for row in rows
        ]

    def departments(self) -> list[Json]:
        found = [
            {
                "id": int(row["ID"]),
                "name": row["NAME"],
                "parent_id": int(row["PARENT"]) if "PARENT" in row else None,
                "head_id": int(row.get("UF_HEAD", 0)) or None,
            }
            for row in self.pages("department.get", {})
        ]
        return sorted(found, key=lambda row: int(str(row["id"])))


def _entity_type_id(row: Json) -> int:
    return int(row["entityTypeId"])


def _by_sort(row: Json) -> tuple[int, int]:
    return row["sort"], row["id"]


def _ints(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _ints(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_ints(inner) for inner in value]
    return int(value) if isinstance(value, str) and re.fullmatch(r"0|-?[1-9]\d*", value) else value
