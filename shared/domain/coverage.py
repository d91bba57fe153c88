"""The coverage of a read, also called its receipt: how completely each kind of metadata was read, and why not fully."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of metadata a snapshot consists of, in the order of the specification.

    Standard fields are brought by full reads only: no other receipt mentions them, not even as unread.
    """

    PORTAL = "portal"
    ENTITY_TYPES = "entity_types"
    PIPELINES = "pipelines"
    STAGES = "stages"
    DICTIONARIES = "dictionaries"
    STANDARD_FIELDS = "standard_fields"
    USER_FIELDS = "user_fields"
    USERS = "users"
    DEPARTMENTS = "departments"

    @property
    def is_per_entity(self) -> bool:
        """True for fields, which are read entity by entity: each entity type has a line of its own."""
        return self in (Kind.STANDARD_FIELDS, Kind.USER_FIELDS)


class State(StrEnum):
    """How a kind was read. Only ``complete`` allows the conclusion that an absent item does not exist."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FORBIDDEN = "forbidden"
    NOT_GRANTED = "not_granted"
    NOT_AVAILABLE = "not_available"
    FAILED = "failed"

    @property
    def is_whole(self) -> bool:
        """True when nothing is missing that the portal could have given: read completely, or it has no such kind."""
        return self in (State.COMPLETE, State.NOT_AVAILABLE)


class ReasonCode(StrEnum):
    """Why a kind is not complete, or a remark on one that is. The sentences for people are in ``shared.wording``."""

    NO_RIGHTS = "no_rights"
    SCOPE_MISSING = "scope_missing"
    METHOD_MISSING = "method_missing"
    SWITCHED_OFF = "switched_off"
    NOT_DESCRIBED = "not_described"
    LEADS_OFF = "leads_off"
    READER_NOT_ADMIN = "reader_not_admin"
    ROWS_MISSING = "rows_missing"
    LIST_CONTRADICTS = "list_contradicts"
    PIPELINES_HIDDEN = "pipelines_hidden"
    TYPES_HIDDEN = "types_hidden"
    STAGES_MISSING = "stages_missing"
    FIELD_SETTINGS_HIDDEN = "field_settings_hidden"
    VALUES_MISSING = "values_missing"
    FIELDS_DISAGREE = "fields_disagree"
    FACTS_MISSING = "facts_missing"
    UNEXPECTED_SHAPE = "unexpected_shape"
    NOT_UNDERSTOOD = "not_understood"
    NOT_ANSWERED = "not_answered"
    METHOD_PAUSED = "method_paused"
    METHOD_RESTS = "method_rests"
    PORTAL_ERROR = "portal_error"
    DEPENDS_ON_UNREAD = "depends_on_unread"
    LOSS_UNCONFIRMED = "loss_unconfirmed"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason with the one detail its sentence needs: a scope, a method, a list of ids, "120 / 300"."""

    code: ReasonCode
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one kind was read. ``entity_type`` is given for kinds that are read entity by entity."""

    kind: Kind
    state: State
    items: int
    read_at: datetime
    entity_type: str | None = None
    reason: Reason | None = None

    @property
    def key(self) -> tuple[Kind, str | None]:
        """What this entry is about: the kind and, for fields, the entity type."""
        return (self.kind, self.entity_type)


def missing(coverage: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """The entries that were not read completely, in their order; empty when the read is complete."""
    return tuple(entry for entry in coverage if not entry.state.is_whole)


def item_counts(coverage: Iterable[Coverage]) -> Mapping[Kind, int]:
    """How many items of each kind are known; 0 for a kind that the receipt does not mention.

    All lists, pages and the API show these numbers. Like the specification they count what belongs to the portal's
    CRM: stages of removed pipelines are findings and do not count.
    """
    counts: Counter[Kind] = Counter()
    for entry in coverage:
        counts[entry.kind] += entry.items
    return counts
