"""A known portal is asked for what it had, and nothing that it has besides is missed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import pytest

from shared.bitrix24.commands import BATCH_SIZE
from shared.bitrix24.expected import Expected, expected_after
from shared.bitrix24.read_portal import first_commands
from shared.domain.coverage import Coverage, Kind, Reason, ReasonCode, State
from tests.builders import READ_AT
from tests.shared.bitrix24.reading import as_specification, comparable, gaps, read
from tests.shared.bitrix24.recording import Recording, a_portal_with_second_pages
from tools.simulator import ledger
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.field_making import add_field
from tools.simulator.founding import add_pipeline, add_smart_process
from tools.simulator.ledger import Crm
from tools.simulator.portal import SimulatedPortal


@contextmanager
def a_portal(size: str, change: Callable[[Crm], object] = lambda _crm: None) -> Iterator[SimulatedPortal]:
    """A portal of this size, always the same one, after the change."""
    with SimulatedCloud([PortalSpec("romashka", size, seed=7)]) as cloud:
        portal = cloud.portal("romashka")
        change(portal.crm)
        yield portal


def read_whole(portal: SimulatedPortal, known: Collection[Coverage] = (), *, full: bool = False) -> None:
    """The portal is read with no request before it in its log, and nothing of it is missing."""
    portal.log.clear()
    snapshot = read(portal.webhook_url, known=known, full=full)
    assert as_specification(snapshot) == comparable(portal.truth(full=full), full=full)
    assert gaps(snapshot) == {}


def receipt_of(portal: SimulatedPortal) -> tuple[Coverage, ...]:
    return read(portal.webhook_url).coverage


def asked(portal: SimulatedPortal) -> tuple[int, int, int]:
    """How many requests, how many commands in them, and how many of those the portal refused."""
    commands = [command for command in portal.log.commands if command.method != "batch"]
    return len(portal.log.requests), len(commands), sum(command.error is not None for command in commands)


#: Requests, commands and refused commands of the first read and of the next ones.
ASKED = {
    "empty": ((1, 50, 11), (1, 25, 0)),
    "S": ((1, 50, 11), (1, 25, 0)),
    "showcase": ((1, 50, 8), (1, 28, 0)),
    "M": ((1, 50, 8), (1, 34, 0)),
    "L": ((3, 144, 1), (3, 143, 0)),
}


@pytest.mark.parametrize("size", ASKED)
def test_a_known_portal_is_asked_for_what_it_has(size: str) -> None:
    with a_portal(size) as portal:
        known = receipt_of(portal)
        first = asked(portal)
        read_whole(portal, known)
        assert (first, asked(portal)) == ASKED[size]


@pytest.mark.parametrize("size", ["S", "M"])
def test_a_full_read_of_a_known_portal_is_refused_nothing_either(size: str) -> None:
    with a_portal(size) as portal:
        read_whole(portal, receipt_of(portal), full=True)
        assert asked(portal)[2] == 0


def test_a_known_portal_of_six_hundred_people_takes_one_request() -> None:
    with a_portal("S", hire(590)) as portal:
        known = receipt_of(portal)
        assert asked(portal)[0] == 2
        read_whole(portal, known)
        assert asked(portal) == (1, 25 + 12, 0)


def hire(count: int) -> Callable[[Crm], None]:
    def change(crm: Crm) -> None:
        for number in range(5_000, 5_000 + count):
            crm.users.append(ledger.User(number, "Имя", f"Фамилия {number}", departments=[1]))

    return change


def departments(count: int) -> Callable[[Crm], None]:
    def change(crm: Crm) -> None:
        for number in range(5_000, 5_000 + count):
            crm.departments.append(ledger.Department(number, f"Отдел {number}", parent_id=1))

    return change


def fields(owner: str, count: int) -> Callable[[Crm], None]:
    def change(crm: Crm) -> None:
        for number in range(count):
            add_field(crm, owner, "enumeration", f"Поле {number}", values=("да", "нет"))

    return change


def smart_processes(count: int, *, fields_each: int = 1) -> Callable[[Crm], None]:
    def change(crm: Crm) -> None:
        for number in range(count):
            process = add_smart_process(crm, f"Процесс {number}", isCategoriesEnabled=True)
            add_pipeline(crm, process.entity_type_id, "Вторая")
            fields(process.field_owner, fields_each)(crm)

    return change


def dictionary(crm: Crm) -> None:
    crm.directories["COLOURS"] = ledger.Directory("COLOURS", "Цвета", [])


def no_invoices(crm: Crm) -> None:
    crm.settings.smart_invoices = False
    for row in crm.pipelines_of(ledger.SMART_INVOICE):
        crm.pipelines.remove(row)
        del crm.directories[row.directory]
    crm.user_fields[:] = [field for field in crm.user_fields if field.owner != "CRM_SMART_INVOICE"]


#: What a portal may have more of from one read to the next, and the commands that are refused when it goes again.
MORE: dict[str, tuple[Callable[[Crm], object], int]] = {
    "forty people": (hire(40), 0),
    "pages of people": (hire(160), 0),
    "pages of departments": (departments(110), 0),
    "the fields of contacts": (fields("CRM_CONTACT", 70), 0),
    "pages of fields of invoices": (fields("CRM_SMART_INVOICE", 120), 0),
    "a pipeline": (lambda crm: add_pipeline(crm, ledger.DEAL, "Вторая"), 0),
    "a dictionary": (dictionary, 0),
    "a smart process": (smart_processes(1), 1),
    "a smart process without fields": (smart_processes(1, fields_each=0), 1),
    "smart processes with pages of fields": (smart_processes(3, fields_each=60), 3),
    "smart processes beyond the batch": (smart_processes(34), 10),
}


@pytest.mark.parametrize("size", ["S", "showcase"])
@pytest.mark.parametrize("more", MORE)
def test_what_is_new_since_the_last_read_shows_at_once(size: str, more: str) -> None:
    change, _ = MORE[more]
    with a_portal(size) as before, a_portal(size, change) as portal:
        read_whole(portal, receipt_of(before))
        assert asked(portal)[0] <= 2
        assert asked(portal)[2] == 0


@pytest.mark.parametrize("size", ["S", "showcase"])
@pytest.mark.parametrize("more", MORE)
def test_what_went_since_the_last_read_is_gone_at_once(size: str, more: str) -> None:
    change, refused = MORE[more]
    with a_portal(size, change) as before, a_portal(size) as portal:
        read_whole(portal, receipt_of(before))
        assert asked(portal)[0] == 1
        assert asked(portal)[2] <= refused


def test_invoices_that_are_switched_off_are_not_asked_for_until_they_are_on() -> None:
    with a_portal("S") as on, a_portal("S", no_invoices) as off:
        first = read(off.webhook_url)
        off.log.clear()
        again = read(off.webhook_url, known=first.coverage)
        assert again == first
        # Without invoices and smart processes the list of their fields has no owner left.
        assert [command.method for command in off.log.commands if command.error] == ["userfieldconfig.list"]
        read_whole(on, first.coverage)
        assert asked(on)[0] == 2
        known = receipt_of(on)
        off.log.clear()
        assert read(off.webhook_url, known=known) == first
        assert asked(off)[0] == 1


@pytest.mark.parametrize("size", ["showcase", "M"])
def test_a_reader_with_few_rights_is_not_refused_the_same_again_and_again(size: str) -> None:
    with a_portal(size) as portal:
        employee = portal.webhook(3)
        first = read(employee)
        portal.log.clear()
        again = read(employee, known=first.coverage)
        assert again == first
        refused = [command.method for command in portal.log.commands if command.error]
        assert refused == ["crm.type.list", "userfieldconfig.list"]
        assert asked(portal)[0] == 2


def test_a_portal_that_resolves_no_references_is_read_whole_when_known() -> None:
    with a_portal("M") as portal:
        portal.switches.references = False
        read_whole(portal, receipt_of(portal))
        assert asked(portal)[0] == 2


@pytest.fixture(scope="module")
def big() -> SimulatedPortal:
    return a_portal_with_second_pages()


@pytest.mark.parametrize("switched_on", [True, False])
@pytest.mark.parametrize("smart_processes", [0, 1, 20])
@pytest.mark.parametrize("pages", [1, 30])
def test_whatever_is_expected_nothing_is_missed(
    pages: int,
    smart_processes: int,
    switched_on: bool,  # noqa: FBT001
    big: SimulatedPortal,
) -> None:
    expected = Expected(pages, pages, pages, smart_processes, invoices=switched_on, documents=switched_on)
    recording = Recording(big, expected)
    snapshot = recording.read(lambda answers: answers, lasting=False)
    assert gaps(snapshot) == {}
    assert as_specification(snapshot)["user_fields"] == comparable(recording.truth)["user_fields"]


@pytest.mark.parametrize("extreme", [Expected(), Expected(900, 90, 90, 20), Expected(1, 1, 1, 0)])
def test_the_first_batch_has_room_for_the_beginning_of_every_list(extreme: Expected) -> None:
    asked_first = {command.key for command in first_commands("ru", extreme)}
    assert len(asked_first) <= BATCH_SIZE
    beginnings = {command.key for command in first_commands("ru", Expected(1, 1, 1, 0))}
    assert beginnings <= asked_first


def test_nothing_is_expected_of_a_portal_that_was_never_read() -> None:
    assert expected_after(()) == Expected()


def test_a_page_is_expected_after_a_full_one() -> None:
    for people, pages in ((0, 1), (49, 1), (50, 2), (99, 2), (100, 3)):
        line = Coverage(Kind.USERS, State.COMPLETE, people, READ_AT)
        assert expected_after([line]).user_pages == pages


def test_smart_processes_are_counted_by_the_lines_of_their_fields() -> None:
    names = (
        "lead",
        "deal",
        "requisite",
        "smart_invoice",
        "dynamic_5",
        "dynamic_36",
        "dynamic_39",
        "dynamic_128",
    )
    receipt = [Coverage(Kind.USER_FIELDS, State.COMPLETE, 30, READ_AT, name) for name in names]
    assert expected_after(receipt) == Expected(1, 1, 2, 1, invoices=True, documents=True)


def test_only_what_the_portal_itself_called_switched_off_is_not_expected() -> None:
    for code, is_expected in ((ReasonCode.SWITCHED_OFF, False), (ReasonCode.METHOD_MISSING, True)):
        people = Coverage(Kind.USERS, State.COMPLETE, 1, READ_AT)
        invoices = Coverage(
            Kind.USER_FIELDS,
            State.NOT_AVAILABLE,
            0,
            READ_AT,
            "smart_invoice",
            Reason(code, "crm.item.fields"),
        )
        assert expected_after([people, invoices]).invoices is is_expected
