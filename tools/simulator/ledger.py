"""The CRM of one simulated portal, as its people know it: no wire shapes, no rights, no answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

LEAD, DEAL, CONTACT, COMPANY, OLD_INVOICE, QUOTE, REQUISITE, ORDER, SMART_INVOICE = (
    1,
    2,
    3,
    4,
    5,
    7,
    8,
    14,
    31,
)

#: UF entity ids of the fixed entity types (Bitrix24 REST documentation, "Object types").
FIELD_OWNERS = {
    LEAD: "CRM_LEAD",
    DEAL: "CRM_DEAL",
    CONTACT: "CRM_CONTACT",
    COMPANY: "CRM_COMPANY",
    QUOTE: "CRM_QUOTE",
    REQUISITE: "CRM_REQUISITE",
    SMART_INVOICE: "CRM_SMART_INVOICE",
}


@dataclass(slots=True)
class Row:
    """One row of a directory: a stage, or a list value such as a source."""

    id: int
    status_id: str
    name: str
    sort: int
    system: bool = False
    color: str | None = None
    semantics: str | None = None  # "S" success, "F" failure, None in process
    name_init: str = ""


@dataclass(slots=True)
class Directory:
    """A named list of rows. Stage directories know their entity type, and their pipeline if there is one."""

    id: str
    name: str
    rows: list[Row] = field(default_factory=list)
    entity_type_id: int | None = None
    pipeline_id: int | None = None
    leftover: bool = False  # its pipeline was deleted, the rows stayed behind

    @property
    def holds_stages(self) -> bool:
        return self.entity_type_id is not None

    @property
    def ordered(self) -> list[Row]:
        return sorted(self.rows, key=lambda row: (row.sort, row.id))


@dataclass(slots=True)
class Pipeline:
    id: int
    entity_type_id: int
    name: str
    sort: int
    directory: str
    is_default: bool = False


@dataclass(slots=True)
class SmartProcess:
    """A smart process: ``type_id`` numbers its fields, ``entity_type_id`` everything else."""

    type_id: int
    entity_type_id: int
    title: str
    flags: dict[str, bool] = field(default_factory=dict)
    code: str = ""
    solution_id: int | None = None

    @property
    def stages_enabled(self) -> bool:
        return self.flags.get("isStagesEnabled", True)

    @property
    def field_owner(self) -> str:
        return f"CRM_{self.type_id}"


@dataclass(slots=True)
class ListValue:
    id: int
    value: str
    sort: int
    default: bool = False
    xml_id: str = ""


@dataclass(slots=True)
class UserField:
    id: int
    owner: str
    code: str
    type: str
    sort: int = 100
    multiple: bool = False
    mandatory: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    values: list[ListValue] = field(default_factory=list)
    xml_id: str | None = None
    show_filter: str = "N"
    show_in_list: bool = True
    edit_in_list: bool = True
    searchable: bool = False

    @property
    def ordered_values(self) -> list[ListValue]:
        return sorted(self.values, key=lambda value: (value.sort, value.id))


@dataclass(slots=True)
class AppType:
    """A field type that an application brought along; stored as ``rest_<app_id>_<code>``."""

    app_id: int
    code: str
    title: str
    client_id: str | None

    @property
    def stored(self) -> str:
        return f"rest_{self.app_id}_{self.code}"


@dataclass(slots=True)
class User:
    id: int
    name: str
    last_name: str
    active: bool = True
    position: str = ""
    departments: list[int] = field(default_factory=list)
    email: str = ""
    gender: str = ""
    admin: bool = False  # administers the whole portal
    crm_admin: bool = False  # administers the CRM only
    hidden: bool = False  # integrators, bots, system users: never listed
    closed_types: set[int] = field(default_factory=set)  # entity types this user may not read
    pipelines: dict[int, set[int]] | None = None  # per entity type, the only pipelines this user may read

    @property
    def administers_crm(self) -> bool:
        return self.admin or self.crm_admin

    def reads(self, entity_type_id: int) -> bool:
        return self.administers_crm or entity_type_id not in self.closed_types

    def sees(self, pipeline: Pipeline) -> bool:
        if self.administers_crm or self.pipelines is None or pipeline.entity_type_id not in self.pipelines:
            return self.reads(pipeline.entity_type_id)
        return pipeline.id in self.pipelines[pipeline.entity_type_id]


@dataclass(slots=True)
class Department:
    id: int
    name: str
    sort: int = 500
    parent_id: int | None = None
    head_id: int | None = None


@dataclass(slots=True)
class Settings:
    title: str
    language: str = "ru"
    server_language: str = "ru"  # names the keys of label maps, whatever language was asked for
    licence: str = "basic"
    mode: int = 1  # 1 with leads, 2 without
    utc_offset_hours: int = 3
    smart_invoices: bool = True
    old_invoices: bool = False
    member_id: str = ""


@dataclass(slots=True)
class Crm:
    """Everything a portal knows. Mutable: edits change it between two answers, never during one."""

    settings: Settings
    directories: dict[str, Directory] = field(default_factory=dict)
    pipelines: list[Pipeline] = field(default_factory=list)
    smart_processes: list[SmartProcess] = field(default_factory=list)
    user_fields: list[UserField] = field(default_factory=list)
    app_types: list[AppType] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    departments: list[Department] = field(default_factory=list)
    last_ids: dict[str, int] = field(default_factory=dict)

    def next_id(self, kind: str, *, at_least: int = 1, step: int = 1) -> int:
        """A number not used before for this kind of thing; never reused, as in the platform."""
        self.last_ids[kind] = max(self.last_ids.get(kind, 0) + step, at_least)
        return self.last_ids[kind]

    def claim_id(self, kind: str, number: int) -> int:
        """The given number, which ``next_id`` will never give out."""
        self.last_ids[kind] = max(self.last_ids.get(kind, 0), number)
        return number

    def user(self, user_id: int) -> User:
        return self._one("user", user_id, (user for user in self.users if user.id == user_id))

    def department(self, department_id: int) -> Department:
        matches = (row for row in self.departments if row.id == department_id)
        return self._one("department", department_id, matches)

    def user_field(self, field_id: int) -> UserField:
        return self._one("user field", field_id, (row for row in self.user_fields if row.id == field_id))

    def smart_process(self, entity_type_id: int) -> SmartProcess:
        matches = (row for row in self.smart_processes if row.entity_type_id == entity_type_id)
        return self._one("smart process", entity_type_id, matches)

    def pipeline(self, entity_type_id: int, pipeline_id: int) -> Pipeline:
        matches = (row for row in self.pipelines_of(entity_type_id) if row.id == pipeline_id)
        return self._one("pipeline", pipeline_id, matches)

    def row(self, row_id: int) -> tuple[Directory, Row]:
        matches = ((at, row) for at in self.directories.values() for row in at.rows if row.id == row_id)
        return self._one("directory row", row_id, matches)

    def pipelines_of(self, entity_type_id: int) -> list[Pipeline]:
        """Pipelines of one entity type in the order a person sees them."""
        own = (row for row in self.pipelines if row.entity_type_id == entity_type_id)
        return sorted(own, key=lambda row: (row.sort, row.id))

    def fields_of(self, owner: str) -> list[UserField]:
        """User fields of one owner in the order a person sees them."""
        own = (row for row in self.user_fields if row.owner == owner)
        return sorted(own, key=lambda row: (row.sort, row.id))

    def field_owners(self) -> dict[str, int]:
        """Entity type id by field owner, for everything that can carry user fields here."""
        fixed = {owner: number for number, owner in FIELD_OWNERS.items()}
        if not self.settings.smart_invoices:
            del fixed["CRM_SMART_INVOICE"]
        return fixed | {row.field_owner: row.entity_type_id for row in self.smart_processes}

    @staticmethod
    def _one(kind: str, number: int, matches: Iterator[T]) -> T:
        row = next(matches, None)
        if row is None:
            raise LookupError(f"no {kind} {number}")
        return row
