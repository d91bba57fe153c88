"""The rows of a ``crmap-spec`` document become the values of a snapshot."""

from __future__ import annotations

from shared.domain.coverage import Coverage, Kind, Reason, ReasonCode, State
from shared.domain.snapshot import (
    CrmMode,
    Department,
    Dictionary,
    DictionaryItem,
    EntityType,
    ListValue,
    Meaning,
    NotUnderstood,
    Pipeline,
    PortalFacts,
    Reader,
    Snapshot,
    Stage,
    StandardField,
    User,
    UserField,
)
from shared.specification.json_rows import Row


def snapshot_from(document: Row) -> Snapshot:
    """The snapshot a document describes. Raises NotASpecification where a key is missing or of the wrong kind."""
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
        standard_fields=(
            document.rows("standard_fields", _standard_field) if document.has("standard_fields") else ()
        ),
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


def _not_understood(row: Row) -> tuple[NotUnderstood, ...]:
    return row.rows("not_understood", _odd) if row.has("not_understood") else ()


def _odd(row: Row) -> NotUnderstood:
    return NotUnderstood(row.text("attribute"), row.text("came"))


def _entity_type(row: Row) -> EntityType:
    return EntityType(
        key=row.text("key"),
        entity_type_id=row.integer("entity_type_id"),
        type_id=row.integer_or_none("type_id"),
        title=row.text_or_none("title"),
        field_owner=row.text_or_none("field_owner"),
        binding_prefix=row.text_or_none("binding_prefix"),
        not_understood=_not_understood(row),
    )


def _pipeline(row: Row) -> Pipeline:
    return Pipeline(
        entity_type=row.text("entity_type"),
        id=row.integer("id"),
        name=row.text_or_none("name"),
        sort=row.integer_or_none("sort"),
        is_default=row.flag("is_default"),
        directory=row.text("directory"),
        not_understood=_not_understood(row),
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
        not_understood=_not_understood(row),
    )


def _dictionary(row: Row) -> Dictionary:
    return Dictionary(
        directory=row.text("directory"),
        name=row.text_or_none("name"),
        items=row.rows("items", _dictionary_item),
        not_understood=_not_understood(row),
    )


def _dictionary_item(row: Row) -> DictionaryItem:
    return DictionaryItem(
        status_id=row.text("status_id"),
        id=row.integer("id"),
        name=row.text_or_none("name"),
        sort=row.integer_or_none("sort"),
        system=row.flag("system"),
        not_understood=_not_understood(row),
    )


def _standard_field(row: Row) -> StandardField:
    return StandardField(
        entity_type=row.text("entity_type"),
        code=row.text("code"),
        api_name=row.text_or_none("api_name"),
        type=row.text("type"),
        multiple=row.flag("multiple"),
        mandatory=row.flag("mandatory"),
        read_only=row.flag("read_only"),
        label=row.text_or_none("label"),
        not_understood=_not_understood(row),
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
        not_understood=_not_understood(row),
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
        not_understood=_not_understood(row),
    )


def _department(row: Row) -> Department:
    return Department(
        id=row.integer("id"),
        name=row.text_or_none("name"),
        parent_id=row.integer_or_none("parent_id"),
        head_id=row.integer_or_none("head_id"),
        not_understood=_not_understood(row),
    )
