"""The settings of a portal's CRM at one moment, as frozen values that do not depend on the Bitrix24 API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from shared.domain.coverage import Coverage, Kind

#: The first number a portal gives to a smart process (Bitrix24 REST documentation, CRM data types).
FIRST_SMART_PROCESS: Final = 128


class CrmMode(StrEnum):
    """Whether the portal works with leads (classic) or turns each request into a deal (simple)."""

    CLASSIC = "classic"
    SIMPLE = "simple"


class Meaning(StrEnum):
    """What reaching a stage says about the item. ``apology`` is a failure that is still being analysed."""

    PROCESS = "process"
    SUCCESS = "success"
    FAILURE = "failure"
    APOLOGY = "apology"


@dataclass(frozen=True, slots=True)
class PortalFacts:
    """The portal itself. Facts that its answer did not contain are ``None``."""

    domain: str
    member_id: str | None = None
    language: str | None = None
    plan: str | None = None
    crm_mode: CrmMode | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """The person whose access was used for the read. It depends on his rights whether an absent item may exist."""

    id: int | None
    name: str | None
    admin: bool
    scopes: frozenset[str] = frozenset()

    def sees_at_least(self, earlier: Reader) -> bool:
        """True when this reader sees everything that ``earlier`` saw.

        Two people without administrator rights may see different pipelines, so they must be the same person.
        Scopes do not count: without a scope the method is refused, and the kind is not complete. People are the
        exception, because several scopes allow reading them: see ``sees_of_people``.
        """
        if self.admin:
            return True
        return not earlier.admin and self.id is not None and self.id == earlier.id

    @property
    def sees_of_people(self) -> int:
        """How much of each person this reader's scopes show; 0 where they are not known.

        Source: Bitrix24 REST documentation, user scopes: ``user_brief`` leaves columns out.
        """
        if self.scopes & {"user", "user_basic"}:
            return 2
        return 1 if "user_brief" in self.scopes else 0


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """An attribute whose value made no sense, and that value as text of at most 80 characters."""

    attribute: str
    came: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AsRead:
    """Base class of the items of a snapshot. An attribute that was not understood has the value of an unset one."""

    not_understood: tuple[NotUnderstood, ...] = ()

    def is_understood(self, attribute: str) -> bool:
        """True unless the value that came for the attribute made no sense."""
        return all(odd.attribute != attribute for odd in self.not_understood)


@dataclass(frozen=True, slots=True)
class EntityType(AsRead):
    """A kind of CRM item with its four identifiers. ``type_id`` exists for smart processes only."""

    key: str
    entity_type_id: int
    type_id: int | None
    title: str | None
    field_owner: str | None
    binding_prefix: str | None


@dataclass(frozen=True, slots=True)
class Pipeline(AsRead):
    """A sequence of stages. ``id`` is unique inside its entity type; the default pipeline of deals is 0."""

    entity_type: str
    id: int
    name: str | None
    sort: int | None
    is_default: bool
    directory: str


@dataclass(frozen=True, slots=True)
class Stage(AsRead):
    """A step of a pipeline. Leads and quotes have stages without a pipeline: ``pipeline_id`` is ``None``."""

    entity_type: str
    pipeline_id: int | None
    directory: str
    status_id: str
    id: int
    name: str | None
    sort: int | None
    meaning: Meaning
    color: str | None
    system: bool


@dataclass(frozen=True, slots=True)
class DictionaryItem(AsRead):
    """A row of a reference list; ``status_id`` is unique inside its directory only."""

    status_id: str
    id: int
    name: str | None
    sort: int | None
    system: bool


@dataclass(frozen=True, slots=True)
class Dictionary(AsRead):
    """A reference list such as sources or industries. ``name`` is ``None`` for a list the portal does not name."""

    directory: str
    name: str | None
    items: tuple[DictionaryItem, ...] = ()


@dataclass(frozen=True, slots=True)
class ListValue:
    """One choice of a list field. ``sort``, ``default`` and ``xml_id`` are ``None`` where they were not read."""

    id: int
    value: str
    sort: int | None = None
    default: bool | None = None
    xml_id: str | None = None


@dataclass(frozen=True, slots=True)
class UserField(AsRead):
    """A field the portal's people added.

    ``id`` and ``sort`` are ``None`` when the reader may see the field but not its settings. ``api_name`` is the name in
    the universal methods, ``None`` if they do not know the entity type. ``labels`` maps a language to the label in
    it; it is empty for a field without labels.
    """

    entity_type: str
    id: int | None
    code: str
    api_name: str | None
    type: str
    multiple: bool
    mandatory: bool
    sort: int | None
    labels: Mapping[str, str] = field(default_factory=dict)
    values: tuple[ListValue, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StandardField(AsRead):
    """A field that entities of this kind have in every portal, such as ``TITLE``.

    ``api_name`` is the name in the universal methods, ``None`` if they do not know the entity type.
    """

    entity_type: str
    code: str
    api_name: str | None
    type: str
    multiple: bool
    mandatory: bool
    read_only: bool
    label: str | None


@dataclass(frozen=True, slots=True)
class User(AsRead):
    """A person of the portal, dismissed ones included. ``name`` is ``None`` when the portal has none."""

    id: int
    name: str | None
    active: bool
    position: str | None = None
    departments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Department(AsRead):
    """A department of the company structure. The root has no parent; ``head_id`` is ``None`` if there is no head."""

    id: int
    name: str | None
    parent_id: int | None = None
    head_id: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A portal's CRM metadata at one moment, with the receipt of what could be read and by whom.

    Every tuple is in the portal's business order (``shared.domain.order``). ``orphan_stages`` are rows of stage
    directories whose pipeline no longer exists; they are a finding. ``standard_fields`` is empty unless the portal
    was read in full.
    """

    portal: PortalFacts
    read_at: datetime
    reader: Reader
    coverage: tuple[Coverage, ...]
    entity_types: tuple[EntityType, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    stages: tuple[Stage, ...] = ()
    dictionaries: tuple[Dictionary, ...] = ()
    user_fields: tuple[UserField, ...] = ()
    users: tuple[User, ...] = ()
    departments: tuple[Department, ...] = ()
    orphan_stages: tuple[Stage, ...] = ()
    number: int | None = None
    standard_fields: tuple[StandardField, ...] = ()

    @property
    def is_full(self) -> bool:
        """True for a full read: only its receipt has lines for standard fields."""
        return any(entry.kind is Kind.STANDARD_FIELDS for entry in self.coverage)
