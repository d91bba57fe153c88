"""What may be held against what: readings and rights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.compare import compare_portals
from shared.domain.coverage import Kind, State
from shared.domain.diff import Comparison, NotCompared, WhyNot, diff
from shared.domain.identity import ComparedKind
from shared.domain.snapshot import Reader, Snapshot
from tests.builders import (
    a_list_field,
    a_reader,
    a_smart_process,
    a_snapshot,
    a_standard_field,
    a_user,
    a_user_field,
    an_entity_type,
    complete_coverage,
    with_coverage,
)
from tests.shared.domain.comparing import changes, edits, short

C, U = State.COMPLETE, State.NOT_AVAILABLE
UNREAD = tuple(state for state in State if state is not C)
READINGS = [
    (C, C, None),
    (U, U, None),
    *((C, state, WhyNot.NEW_UNREAD) for state in UNREAD),
    *((state, C, WhyNot.OLD_UNREAD) for state in UNREAD),
    *((was, now, WhyNot.BOTH_UNREAD) for was in UNREAD for now in UNREAD if (was, now) != (U, U)),
]
# Every kind with the collection that holds its items and the kinds of its changes.
KINDS: list[tuple[Kind, str, set[ComparedKind]]] = [
    (Kind.ENTITY_TYPES, "entity_types", {ComparedKind.ENTITY_TYPES}),
    (Kind.PIPELINES, "pipelines", {ComparedKind.PIPELINES}),
    (Kind.STAGES, "stages", {ComparedKind.STAGES}),
    (Kind.DICTIONARIES, "dictionaries", {ComparedKind.DICTIONARIES}),
    (Kind.STANDARD_FIELDS, "standard_fields", {ComparedKind.STANDARD_FIELDS}),
    (Kind.USER_FIELDS, "user_fields", {ComparedKind.USER_FIELDS, ComparedKind.LIST_VALUES}),
    (Kind.USERS, "users", {ComparedKind.USERS}),
    (Kind.DEPARTMENTS, "departments", {ComparedKind.DEPARTMENTS}),
]
FULL = a_snapshot(standard_fields=(a_standard_field(),), user_fields=(a_list_field("Курьер", "Почта"),))


def gaps(comparison: Comparison) -> list[tuple[Kind, str | None, WhyNot]]:
    return [(gap.kind, gap.entity_type, gap.why) for gap in comparison.not_compared]


def without(snapshot: Snapshot, collection: str) -> Snapshot:
    nothing: dict[str, Any] = {collection: ()}
    return replace(snapshot, **nothing)


class TestReadings:
    def test_every_pair_of_states_is_decided(self) -> None:
        assert {(was, now) for was, now, _ in READINGS} == {(was, now) for was in State for now in State}

    @pytest.mark.parametrize(("kind", "collection", "kinds"), KINDS)
    @pytest.mark.parametrize(("was", "now", "why"), READINGS)
    def test_only_what_was_read_completely_twice_can_be_told_apart(
        self,
        was: State,
        now: State,
        why: WhyNot | None,
        *,
        kind: Kind,
        collection: str,
        kinds: set[ComparedKind],
    ) -> None:
        old = with_coverage(FULL, kind, state=was)
        new = with_coverage(without(FULL, collection), kind, state=now)
        entity_type = "deal" if kind.is_per_entity else None
        assert gaps(diff(old, new)) == ([] if why is None else [(kind, entity_type, why)])
        told = {change.kind for change in diff(old, new).changes}
        assert bool(told & kinds) is (why is None)

    def test_the_portal_itself_is_no_kind_of_items(self) -> None:
        unread = with_coverage(FULL, Kind.PORTAL, state=State.PARTIAL)
        assert changes(FULL, unread) == changes(unread, FULL) == []

    def test_what_a_receipt_does_not_mention_was_not_read(self) -> None:
        def without_line(kind: Kind) -> Snapshot:
            return replace(FULL, coverage=tuple(entry for entry in FULL.coverage if entry.kind is not kind))

        for kind, collection, _ in KINDS:
            if kind is Kind.STANDARD_FIELDS:
                continue
            entity_type = "deal" if kind.is_per_entity else None
            silent = without(without_line(kind), collection)
            assert gaps(diff(FULL, silent)) == [(kind, entity_type, WhyNot.NEW_UNREAD)], kind
            assert gaps(diff(silent, FULL)) == [(kind, entity_type, WhyNot.OLD_UNREAD)], kind
            assert diff(FULL, silent).changes == (), kind
            if kind is not Kind.USER_FIELDS:
                assert gaps(diff(silent, silent)) == [(kind, None, WhyNot.BOTH_UNREAD)], kind

    def test_standard_fields_of_which_one_receipt_is_silent_are_no_matter(self) -> None:
        ordinary = replace(FULL, standard_fields=())
        ordinary = replace(ordinary, coverage=complete_coverage(ordinary))
        for old, new in ((FULL, ordinary), (ordinary, FULL), (ordinary, ordinary)):
            assert diff(old, new) == compare_portals(old, new) == Comparison((), ())

    def test_what_is_unread_does_not_hide_what_is_read(self) -> None:
        new = with_coverage(without(FULL, "stages"), Kind.STAGES, state=State.FAILED)
        new = replace(new, users=(a_user(name="Ветрова Мария"),))
        comparison = diff(FULL, new)
        assert [short(change) for change in comparison.changes] == [
            ("users", 12, "name", "Пример Иван", "Ветрова Мария")
        ]
        assert comparison.not_compared == (NotCompared(Kind.STAGES, None, WhyNot.NEW_UNREAD),)


class TestEntityTypesComeAndGo:
    """Each entity type has a line of its own for its fields: there or not, like the entity type itself."""

    old = a_snapshot()
    new = a_snapshot(
        entity_types=(an_entity_type(), a_smart_process()),
        user_fields=(a_user_field(), a_list_field("Холод", id=702, entity_type="dynamic_1040")),
    )

    def test_with_their_fields_implied(self) -> None:
        assert edits(self.old, self.new) == [("added", "entity_types", 1040)]
        assert edits(self.new, self.old) == [("removed", "entity_types", 1040)]

    @pytest.mark.parametrize("state", UNREAD)
    def test_unless_it_is_not_certain_which_there_are(self, state: State) -> None:
        old = with_coverage(self.old, Kind.ENTITY_TYPES, state=state)
        for there, back, why in ((old, self.new, WhyNot.OLD_UNREAD), (self.new, old, WhyNot.NEW_UNREAD)):
            comparison = diff(there, back)
            assert comparison.changes == ()
            assert gaps(comparison) == [
                (Kind.ENTITY_TYPES, None, why),
                (Kind.USER_FIELDS, "dynamic_1040", why),
            ]

    def test_and_take_unread_fields_along(self) -> None:
        unread = with_coverage(self.new, Kind.USER_FIELDS, state=State.FAILED, entity_type="dynamic_1040")
        unread = replace(unread, user_fields=(a_user_field(),))
        assert edits(self.old, unread) == [("added", "entity_types", 1040)]
        assert edits(unread, self.old) == [("removed", "entity_types", 1040)]

    def test_and_a_line_that_is_merely_missing_proves_nothing(self) -> None:
        coverage = [entry for entry in self.new.coverage if entry.entity_type != "dynamic_1040"]
        silent = replace(self.new, coverage=tuple(coverage), user_fields=(a_user_field(),))
        comparison = diff(self.new, silent)
        assert comparison.changes == ()
        assert gaps(comparison) == [(Kind.USER_FIELDS, "dynamic_1040", WhyNot.NEW_UNREAD)]


ADMIN, OTHER_ADMIN = a_reader(id=1), a_reader(id=12)
EMPLOYEE, COLLEAGUE = a_reader(id=5, admin=False), a_reader(id=6, admin=False)


class TestRights:
    """An administrator sees everybody; an employee sees, of three people, those he works with."""

    few = a_snapshot(users=(a_user(id=1, name="Анна"), a_user(id=2)))
    many = a_snapshot(users=(a_user(id=1, name="Анна Петровна"), a_user(id=3)))

    def read_by(self, old: Reader, new: Reader) -> Comparison:
        return diff(replace(self.few, reader=old), replace(self.many, reader=new))

    @pytest.mark.parametrize(("old", "new"), [(ADMIN, ADMIN), (ADMIN, OTHER_ADMIN), (EMPLOYEE, EMPLOYEE)])
    def test_equal_rights_tell_everything(self, old: Reader, new: Reader) -> None:
        comparison = self.read_by(old, new)
        assert gaps(comparison) == []
        assert [short(change) for change in comparison.changes] == [
            ("users", 1, "name", "Анна", "Анна Петровна"),
            ("added", "users", 3),
            ("removed", "users", 2),
        ]

    @pytest.mark.parametrize(("old", "new"), [(ADMIN, EMPLOYEE), (EMPLOYEE, COLLEAGUE)])
    def test_fewer_or_other_rights_tell_nothing(self, old: Reader, new: Reader) -> None:
        comparison = self.read_by(old, new)
        assert comparison.changes == ()
        told = [kind for kind, _, _ in KINDS if kind is not Kind.STANDARD_FIELDS]
        assert gaps(comparison) == [
            (kind, "deal" if kind.is_per_entity else None, WhyNot.FEWER_RIGHTS) for kind in told
        ]

    def test_more_rights_tell_what_is_gone_and_edited_but_not_what_is_new(self) -> None:
        comparison = self.read_by(EMPLOYEE, ADMIN)
        assert gaps(comparison) == [(Kind.USERS, None, WhyNot.MORE_RIGHTS)]
        assert [short(change) for change in comparison.changes] == [
            ("users", 1, "name", "Анна", "Анна Петровна"),
            ("removed", "users", 2),
        ]

    def test_more_rights_leave_nothing_open_where_nothing_came_to_light(self) -> None:
        assert changes(replace(FULL, reader=EMPLOYEE), FULL) == []

    def test_what_came_to_light_inside_an_entity_type_is_left_open_once(self) -> None:
        entities = TestEntityTypesComeAndGo
        comparison = diff(replace(entities.old, reader=EMPLOYEE), entities.new)
        assert comparison.changes == ()
        assert gaps(comparison) == [(Kind.ENTITY_TYPES, None, WhyNot.MORE_RIGHTS)]

    def test_a_failed_read_is_named_before_rights_are(self) -> None:
        unread = with_coverage(FULL, Kind.USERS, state=State.FAILED)
        comparison = diff(FULL, replace(unread, reader=EMPLOYEE))
        assert (Kind.USERS, None, WhyNot.NEW_UNREAD) in gaps(comparison)
