"""Any snapshot at all, for property tests: odd texts, missing facts, every way a read can go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from shared.domain.coverage import Coverage, Kind, Reason, ReasonCode, State
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
    StandardField,
    User,
    UserField,
)

# What steers terminals, spreadsheets, markup and our own layout, mixed with harmless signs.
_SPITEFUL = "\x00\t\n\r\x1b\u200b\u202e\u2028\ufffd=+-@|`*#<>&\"'[](){}\\·•: 0123456789UF_CRMйи\u0306中😀ع＝"
# What UTF-8 can hold; the connector has replaced half surrogate pairs before.
_SIGNS = st.characters(exclude_categories=["Cs"]) | st.sampled_from(_SPITEFUL)

texts = st.text(_SIGNS, max_size=40) | st.text(st.sampled_from(_SPITEFUL), max_size=200)
names = st.none() | texts
ids = st.integers(0, 2**40)
maybe_ids = st.none() | ids
keys = st.sampled_from(["lead", "deal", "contact", "company", "smart_invoice", "requisite", "dynamic_1040"])
moments = st.datetimes(
    timezones=st.builds(
        timezone, st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes))
    )
)


def _maps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(
        st.sampled_from(["IBLOCK_ID", "ENTITY_TYPE", "DEAL", "LEAD"]) | texts, values, max_size=3
    )


def _rows(row: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(row, max_size=4).map(tuple)


settings: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | ids | texts,
    lambda inner: st.lists(inner, max_size=3) | _maps(inner),
    max_leaves=4,
)
_types = st.sampled_from(["string", "enumeration", "crm_status", "iblock_element", "crm", "boolean"]) | texts
_values = st.builds(ListValue, ids, texts, maybe_ids, st.none() | st.booleans(), names)
_stages = st.builds(
    Stage,
    keys,
    maybe_ids,
    texts,
    texts,
    ids,
    names,
    maybe_ids,
    st.sampled_from(Meaning),
    names,
    st.booleans(),
)
_coverage = st.builds(
    Coverage,
    st.sampled_from(Kind),
    st.sampled_from(State),
    ids,
    moments,
    st.none() | keys,
    st.none() | st.builds(Reason, st.sampled_from(ReasonCode), texts),
)
_standard_fields = st.builds(
    StandardField, keys, texts, names, _types, st.booleans(), st.booleans(), st.booleans(), names
)
_fields = st.builds(
    UserField,
    entity_type=keys,
    id=maybe_ids,
    code=texts.map("UF_{}".format),
    api_name=names,
    type=_types,
    multiple=st.booleans(),
    mandatory=st.booleans(),
    sort=maybe_ids,
    labels=st.dictionaries(st.sampled_from(["ru", "en", "de"]), texts, max_size=2),
    values=_rows(_values),
    settings=_maps(settings),
)


def snapshots() -> st.SearchStrategy[Snapshot]:
    """Snapshots no portal would ever give, and among them all that one might."""
    return st.builds(
        Snapshot,
        portal=st.builds(PortalFacts, texts, names, names, names, st.none() | st.sampled_from(CrmMode)),
        read_at=moments,
        reader=st.builds(
            Reader, maybe_ids, names, admin=st.booleans(), scopes=st.frozensets(texts, max_size=3)
        ),
        coverage=_rows(_coverage),
        entity_types=_rows(st.builds(EntityType, keys, ids, maybe_ids, names, names, names)),
        pipelines=_rows(st.builds(Pipeline, keys, ids, names, maybe_ids, st.booleans(), texts)),
        stages=_rows(_stages),
        dictionaries=_rows(
            st.builds(
                Dictionary,
                texts,
                names,
                _rows(st.builds(DictionaryItem, texts, ids, names, maybe_ids, st.booleans())),
            )
        ),
        user_fields=_rows(_fields),
        users=_rows(st.builds(User, ids, names, st.booleans(), names, _rows(ids))),
        departments=_rows(st.builds(Department, ids, names, maybe_ids, maybe_ids)),
        orphan_stages=_rows(_stages),
        number=maybe_ids,
        standard_fields=_rows(_standard_fields),
    ).map(_as_read)


def _as_read(snapshot: Snapshot) -> Snapshot:
    """What only full reads bring is nowhere else."""
    return snapshot if snapshot.is_full else replace(snapshot, standard_fields=())
