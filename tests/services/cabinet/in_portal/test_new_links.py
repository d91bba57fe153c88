"""An administrator is told which cabinets others have connected his portal to since he was last there."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.builders import a_snapshot, a_user
from tests.gateway_room import GatewayRoom
from tests.services.cabinet.in_portal.frames import Frame
from tools.simulator.portal import SimulatedPortal

NEWS = "Новое: портал подключён к кабинету"
Read = Callable[..., UUID]
Open = Callable[..., Frame]


@pytest.fixture
def portal_id(portal: SimulatedPortal, read: Read) -> UUID:
    """A portal with an administrator who reads this, and another one, Новиков Пётр."""
    other = portal.edit("add_user", name="Пётр", last_name="Новиков").id
    portal.crm.user(other).admin = True
    return read(portal, a_snapshot(users=(a_user(id=other, name="Новиков Пётр"),)))


def links(room: GatewayRoom, portal: SimulatedPortal, portal_id: UUID, user: int | str, title: str) -> None:
    """This administrator connects the portal to a new cabinet."""
    cabinet_id, _ = room.cabinet(f"anna-{title}@example.com", title)
    room.rows(
        "insert into link (id, cabinet_id, portal_id, title, note, linked_by)"
        " values (gen_random_uuid(), %s, %s, '', '', %s)",
        cabinet_id,
        portal_id,
        portal.callers.user_id(user),
    )


def days_pass(room: GatewayRoom, days: int) -> None:
    room.rows("update visit set seen_at = seen_at - make_interval(days => %s)", days)
    room.rows("update visit set before_at = before_at - make_interval(days => %s)", days)
    room.rows("update link set linked_at = linked_at - make_interval(days => %s)", days)


def another(portal: SimulatedPortal) -> int:
    return next(user.id for user in portal.crm.users if user.last_name == "Новиков")


def test_a_connection_by_another_administrator_is_told_until_the_visit_is_over(
    room: GatewayRoom, portal: SimulatedPortal, portal_id: UUID, open_frame: Open
) -> None:
    open_frame(portal)
    days_pass(room, 3)
    links(room, portal, portal_id, another(portal), "Опт")
    days_pass(room, 1)
    text = open_frame(portal).open().text
    assert f"{NEWS} «Опт» (владелец a•••@example.com)" in text
    assert f"Новиков Пётр (id {another(portal)})" in text
    assert NEWS in open_frame(portal).open().text, "the page opens itself anew during a visit"
    days_pass(room, 1)
    assert NEWS not in open_frame(portal).open().text


def test_what_one_has_connected_oneself_and_what_is_not_yours_to_cut_is_no_news(
    room: GatewayRoom, portal: SimulatedPortal, portal_id: UUID, open_frame: Open
) -> None:
    links(room, portal, portal_id, "admin", "Своё")
    assert NEWS not in open_frame(portal).open().text
    assert NEWS in open_frame(portal, another(portal)).open().text
    portal.edit("add_user", name="Ольга", last_name="Смирнова")
    assert NEWS not in open_frame(portal, "employee").open().text


def test_on_a_first_visit_the_connections_of_a_month_are_news(
    room: GatewayRoom, portal: SimulatedPortal, portal_id: UUID, open_frame: Open
) -> None:
    links(room, portal, portal_id, another(portal), "Старое")
    days_pass(room, 31)
    links(room, portal, portal_id, another(portal), "Новое")
    room.rows("delete from visit")
    text = open_frame(portal).open().text
    assert "«Новое»" in text
    assert "«Старое»" not in text


def test_a_cabinet_called_by_an_address_is_masked_and_its_name_is_only_text(
    room: GatewayRoom, portal: SimulatedPortal, portal_id: UUID, open_frame: Open
) -> None:
    links(room, portal, portal_id, another(portal), "<b>{owner}</b>")
    page = open_frame(portal).open()
    assert "«<b>{owner}</b>»" in page.text
    room.rows("update cabinet set title = 'boss@example.com' where title like '<b>%%'")
    assert "b•••@example.com" in open_frame(portal).open().text
