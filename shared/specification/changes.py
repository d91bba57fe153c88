"""The differences between two snapshots as text for people and as JSON in the shape of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from shared.domain.diff import Change, Comparison, NotCompared, Op
from shared.domain.digest import fingerprint
from shared.domain.identity import ComparedKind
from shared.domain.snapshot import Snapshot
from shared.specification.json_bytes import json_bytes
from shared.specification.source import Source
from shared.specification.words import Word
from shared.wording.changes import change_sentence, inside_phrases, not_compared_sentence
from shared.wording.language import Language
from shared.wording.sentences import say
from shared.wording.visible import visible

RULE = "-" * 118


def changes_txt(
    comparison: Comparison,
    old: Snapshot,
    new: Snapshot,
    *,
    language: Language,
    newline: str = "\n",
) -> bytes:
    """UTF-8 text: the two sides, a line for each difference, and what could not be compared."""
    lines = _lines(comparison, Source(old, language), Source(new, language))
    return "".join(f"{line}{newline}" for line in lines).encode("utf-8", "replace")


def changes_json(comparison: Comparison, old: Snapshot, new: Snapshot, *, language: Language) -> bytes:
    """The differences in the shape of the API's changes, and beside them what could not be compared."""
    title = _titles(Source(old, language), Source(new, language))
    document = {
        "items": [change_row(change, snapshot=new.number, at=new.read_at) for change in comparison.changes],
        "next": None,
        "not_compared": [_gap_row(gap, title, language) for gap in comparison.not_compared],
    }
    return json_bytes(document)


def change_row(change: Change, *, snapshot: int | None, at: datetime) -> dict[str, Any]:
    """One difference in the shape of the API. The snapshot with this number, read at that moment, brought it."""
    return {
        "snapshot": snapshot,
        "kind": change.kind.value,
        "entity_type": change.entity_type,
        "item": {"id": change.item_id, "code": change.code, "label": change.label},
        "op": change.op.value,
        "attribute": change.attribute,
        "before": change.before,
        "after": change.after,
        "inside": change.inside,
        "at": at.isoformat(),
    }


def _gap_row(gap: NotCompared, title: Callable[[str], str], language: Language) -> dict[str, Any]:
    return {
        "kind": gap.kind.value,
        "entity_type": gap.entity_type,
        "why": gap.why.value,
        "reason": not_compared_sentence(gap, language, title=title),
    }


def _lines(comparison: Comparison, old: Source, new: Source) -> Iterator[str]:
    language, title, earlier_title = new.language, _titles(new, old), _titles(old, new)
    yield say(Word.CHANGES, language).upper()
    yield say(Word.BEFORE, language, side=_side(old))
    yield say(Word.AFTER, language, side=_side(new))
    yield RULE
    earlier = earlier_owners(comparison)
    for change in comparison.changes:
        line = change_sentence(change, language, title=earlier_title if change.op is Op.REMOVED else title)
        owner = earlier.get((change.entity_type, change.label)) if _is_new_field(change) else None
        yield f"{line} ({say(Word.LABEL_REUSED, language, code=visible(owner))})" if owner else line
        yield from (f"    {phrase}" for phrase in inside_phrases(change, language))
    if not comparison.changes:
        yield say(Word.NO_CHANGES, language)
    if comparison.not_compared:
        yield ""
        yield say(Word.NOT_COMPARED, language)
    for gap in comparison.not_compared:
        yield f"  {not_compared_sentence(gap, language, title=earlier_title)}"


def _side(source: Source) -> str:
    snapshot = source.snapshot
    moment = source.moment(snapshot.read_at)
    if snapshot.number is None:
        snapshot_text = source.say(Word.SNAPSHOT_SINGLE, moment=moment)
    else:
        snapshot_text = source.say(Word.SNAPSHOT_NUMBERED, number=snapshot.number, moment=moment)
    mark = source.say(Word.FINGERPRINT, fingerprint=fingerprint(snapshot))
    return f"{visible(snapshot.portal.domain)}  {snapshot_text}  {mark}"


def _titles(side: Source, other: Source) -> Callable[[str], str]:
    """The name of an entity type on this side, or on the other side if this one lacks it.

    In two portals the same number may belong to different smart processes.
    """
    return lambda key: (side if key in side.entities else other).entity_title(key)


def earlier_owners(comparison: Comparison) -> Mapping[tuple[str | None, str | None], str]:
    """Codes of the fields that lost a label in this comparison, by entity type and label.

    A new field with such a label is easily mistaken for the old one.
    """
    owners: dict[tuple[str | None, str | None], str] = {}
    for change in comparison.changes:
        if change.kind is not ComparedKind.USER_FIELDS or change.code is None:
            continue
        if change.op is Op.REMOVED and change.label:
            owners[change.entity_type, change.label] = change.code
        elif change.attribute == "labels":
            owners.update({(change.entity_type, label): change.code for label in change.before.values()})
    return owners


def _is_new_field(change: Change) -> bool:
    return change.kind is ComparedKind.USER_FIELDS and change.op is Op.ADDED
