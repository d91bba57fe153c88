"""Finding an item by its name, code or id in all accounts of the cabinet."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.db import recording, searching
from shared.db.session import Database
from shared.db.tables.cabinets import AccountRow
from shared.domain.snapshot import Snapshot
from tests.builders import (
    a_list_field,
    a_smart_process,
    a_snapshot,
    a_user_field,
    an_entity_type,
)
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.labels import assert_harmless, fields_called
from tests.services.cabinet.pages import Browser, Page
from tests.shared.specification.hostile import SHOWN

Read = Callable[..., None]


@pytest.fixture
def read(worker_db: Database) -> Read:
    """A tenant's portal is read with this outcome."""

    def recorded(tenant: Tenant, snapshot: Snapshot) -> None:
        with worker_db.session() as session:
            recording.record(session, session.get_one(AccountRow, tenant.account).portal_id, snapshot)

    return recorded


def fields(*labels: str) -> Snapshot:
    return a_snapshot(user_fields=fields_called(*labels))


def found(page: Page) -> list[str]:
    return [link.text for link in page.of("a") if link.place[-1] == "td"]


def asked(browser: Browser, q: str) -> Page:
    return browser.open("/search", params={"q": q})


@pytest.mark.parametrize(
    ("q", "names", "tab"),
    [
        ("способ ДОСТАВКИ", ["Способ доставки"], "fields?entity=deal"),
        ("UF_CRM_1700000000001", ["Способ доставки"], "fields?entity=deal"),
        ("501", ["Способ доставки"], "fields?entity=deal"),
        ("оплачена", ["Оплачена"], "stages?entity=deal"),
        ("DEAL_STAGE", ["Общая"], "pipelines"),
        ("Пример", ["Пример Иван"], "users"),
        ("Ромашка", ["Ромашка Опт"], "users"),
        ("звонок", ["Звонок"], "dictionaries"),
        ("сделка", ["Сделка"], "smart-processes"),
    ],
)
def test_an_item_is_found_by_any_part_of_it_and_shown_where_it_stands(
    owner: Browser, ours: Tenant, q: str, names: list[str], tab: str
) -> None:
    page = asked(owner, q)
    assert page.of("h2")[0].text == "ours.example"
    assert found(page) == names
    (link,) = (link for link in page.of("a") if link.place[-1] == "td")
    assert link.attributes["href"] == f"/accounts/{ours.account}/{tab}"
    shown = owner.open(link.attributes["href"])
    assert shown.status == 200
    assert names[0] in shown.text


def test_a_value_of_a_list_is_found_with_its_id_beside_a_button(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    read(ours, a_snapshot(user_fields=(a_list_field("Самовывоз", "Курьер"),)))
    page = asked(owner, "курьер")
    assert found(page) == ["Курьер"]
    assert "Значения списков" in page.text
    labels = [button.attributes["aria-label"] for button in page.of("button", class_="copy")]
    assert labels[1:] == ["Скопировать UF_CRM_1700000000001", "Скопировать ID 72"]


def test_an_item_of_a_smart_process_is_told_by_its_name(owner: Browser, ours: Tenant, read: Read) -> None:
    field = a_user_field(entity_type="dynamic_1040", id=7, code="UF_CRM_7_1", labels={"ru": "Мастер"})
    read(ours, a_snapshot(entity_types=(an_entity_type(), a_smart_process()), user_fields=(field,)))
    page = asked(owner, "мастер")
    assert "Ремонт" in page.text
    (link,) = (link for link in page.of("a") if link.text == "Мастер")
    assert link.attributes["href"] == f"/accounts/{ours.account}/fields?entity=dynamic_1040"


def test_an_account_without_a_title_of_its_own_is_called_by_its_address(
    owner: Browser, ours: Tenant, worker_db: Database
) -> None:
    with worker_db.session() as session:
        session.get_one(AccountRow, ours.account).title = ""
    assert asked(owner, "доставки").of("h2")[0].text == "ours.example"


def test_nobody_finds_what_belongs_to_others(owner: Browser, theirs: Tenant, read: Read) -> None:
    read(theirs, fields("Неприметное"))
    page = asked(owner, "неприметное")
    assert "ничего не найдено" in page.text
    assert "theirs" not in page.text


def test_nothing_is_looked_for_before_something_is_asked(owner: Browser) -> None:
    for page in (owner.open("/search"), asked(owner, "   ")):
        assert page.status == 200
        assert found(page) == []
        assert "CRMAP просматривает" in page.text


def test_one_sign_is_too_short(owner: Browser) -> None:
    page = asked(owner, "я")
    assert "Введите хотя бы два знака." in page.text
    assert page.of("input", id="q")[0].attributes["value"] == "я"


def test_signs_of_patterns_mean_themselves(owner: Browser, ours: Tenant, read: Read) -> None:
    read(ours, fields("Скидка 10%_", "Скидка 100", r"C:\new", "O'Hara", "Скидка 10__"))
    assert found(asked(owner, "10%")) == ["Скидка 10%_"]
    assert found(asked(owner, "10_")) == ["Скидка 10__"]
    assert found(asked(owner, "%_")) == ["Скидка 10%_"]
    assert found(asked(owner, r":\n")) == [r"C:\new"]
    assert found(asked(owner, "o'h")) == ["O'Hara"]


@pytest.mark.parametrize("q", ["%%%", "__", "''; drop table link; --", "\x00\x00", "\u202e\u202e", "я" * 200])
def test_whatever_is_asked_there_is_an_answer(owner: Browser, q: str) -> None:
    page = asked(owner, q)
    assert_harmless(page)
    assert "ничего не найдено" in page.text


def test_a_very_long_question_is_not_asked(owner: Browser) -> None:
    page = asked(owner, "я" * 10_000)
    assert page.status == 200
    assert "Слишком длинный запрос" in page.text
    assert len(page.of("input", id="q")[0].attributes["value"]) == 200


def test_of_very_many_only_the_first_are_shown(owner: Browser, ours: Tenant, read: Read) -> None:
    read(ours, fields(*(f"Поле {number}" for number in range(searching.MOST_FOUND + 5))))
    page = asked(owner, "поле")
    assert len(found(page)) == searching.MOST_FOUND
    assert "возможно, есть ещё" in page.text


def test_hostile_names_do_nothing(owner: Browser, ours: Tenant, read: Read) -> None:
    read(ours, fields(*(f"{label} цель" for label in SHOWN)))
    page = asked(owner, "цель")
    assert_harmless(page)
    assert len(found(page)) == len(SHOWN)


def test_hostile_questions_do_nothing(owner: Browser) -> None:
    for label in SHOWN:
        if len(label) < 100:
            assert_harmless(asked(owner, label))
