"""Two accounts of the cabinet side by side, or two versions of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.cabinet.compare import lines as compare_lines
from shared.db import accounts, recording
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.db.tables.cabinets import AccountRow
from shared.domain.coverage import Kind, State
from shared.domain.snapshot import Snapshot
from tests.builders import (
    READ_AT,
    a_pipeline,
    a_reader,
    a_snapshot,
    a_stage,
    a_user,
    a_user_field,
    complete_coverage,
    with_coverage,
)
from tests.services.cabinet.conftest import WEBHOOK_CODE, Tenant
from tests.services.cabinet.labels import assert_harmless, fields_called
from tests.services.cabinet.pages import Browser, Page
from tests.shared.specification.hostile import SHOWN

Read = Callable[..., None]


@pytest.fixture
def other(ours: Tenant, database_url: str, keyring: Keyring) -> UUID:
    """Another account of our cabinet, not read yet."""
    operator = Database(database_url, Role.OPERATOR, keyring)
    with operator.session() as session:
        url = f"https://other.example/rest/1/{WEBHOOK_CODE}/"
        account, _ = accounts.connect_webhook(
            session, keyring, ours.cabinet_id, url=url, host="other.example"
        )
    operator.close()
    return account


@pytest.fixture
def read(worker_db: Database) -> Read:
    """The portal of an account is read with this outcome."""

    def recorded(account: UUID, snapshot: Snapshot) -> None:
        with worker_db.session() as session:
            recording.record(session, session.get_one(AccountRow, account).portal_id, snapshot)

    return recorded


def later(**changes: Any) -> Snapshot:
    """The portal an hour after ``a_snapshot``."""
    snapshot = a_snapshot(read_at=READ_AT + timedelta(hours=1), **changes)
    coverage = (replace(line, read_at=snapshot.read_at) for line in complete_coverage(snapshot))
    return replace(snapshot, coverage=tuple(coverage))


def compared(browser: Browser, a: object, b: object) -> Page:
    page = browser.open(f"/compare?a={a}&b={b}")
    assert page.status == 200
    return page


def told(page: Page) -> str:
    """What the page says below its form, in one line."""
    return " ".join(page.text.partition("Сравнить")[2].split())


def test_two_accounts_stand_side_by_side(owner: Browser, ours: Tenant, other: UUID, read: Read) -> None:
    opt = {"id": 7, "name": "Опт", "directory": "DEAL_STAGE_7", "is_default": False}
    read(
        other,
        a_snapshot(
            pipelines=(a_pipeline(), a_pipeline(**opt)),
            stages=(a_stage(id=900, name="Лид"),),
            user_fields=(a_user_field(id=3, mandatory=True),),
        ),
    )
    page = compared(owner, ours.account, other)
    assert [heading.text for heading in page.of("h2")] == ["Воронки 1", "Стадии 2", "Пользовательские поля 1"]
    assert [heading.text.partition(" ·")[0] for heading in page.of("h3")] == [
        "Только в B other.example",
        "Только в A ours.example",
        "Есть в обоих, но различается A → B",
        "Есть в обоих, но различается A → B",
    ]
    text = told(page)
    assert "Опт Сделка DEAL_STAGE_7 id 7" in text
    assert "Оплачена Сделка · Общая WON id 111" in text
    assert "Новая заявка Сделка · Общая NEW id 101 Лид Сделка · Общая NEW id 900" in text
    assert "название «Новая заявка» → «Лид»" in text
    assert "обязательное нет → да" in text
    assert "Пользователи и подразделения у каждого портала свои" in text
    assert {link.attributes["href"] for link in page.of("a") if "main" in link.place} >= {
        f"/accounts/{ours.account}",
        f"/accounts/{other}",
    }


def test_every_identifier_has_a_button_beside_it(
    owner: Browser, ours: Tenant, other: UUID, read: Read
) -> None:
    read(other, a_snapshot(stages=(a_stage(id=900, name="Лид"),)))
    page = compared(owner, ours.account, other)
    codes = [code.text for code in page.of("code") if "main" in code.place]
    buttons = [button for button in page.of("button", class_="copy") if "main" in button.place]
    assert codes == ["WON", "111", "NEW", "101", "NEW", "900"]
    assert len(buttons) == len(codes)


def test_what_is_alike_is_said_to_be_alike(owner: Browser, ours: Tenant, other: UUID, read: Read) -> None:
    read(other, a_snapshot())
    assert "Различий нет." in compared(owner, ours.account, other).text


def test_versions_of_one_account_are_compared_by_id(owner: Browser, ours: Tenant, read: Read) -> None:
    read(ours.account, later(pipelines=(a_pipeline(name="Продажи"),), users=(a_user(), a_user(id=13))))
    page = compared(owner, f"{ours.account}.1", ours.account)
    text = told(page)
    assert "название «Общая» → «Продажи»" in text
    assert "Пользователи 1 Только в B ours.example · 1 Пример Иван id 13" in text
    assert "Пользователи и подразделения у каждого портала свои" not in text
    assert "Версия 1 ·" in text
    assert "Версия 2 · нынешняя" in text
    back = told(compared(owner, ours.account, f"{ours.account}.1"))
    assert "название «Продажи» → «Общая»" in back
    assert "Только в A ours.example · 1 Пример Иван id 13" in back


def test_a_label_that_went_is_told_though_only_other_parts_still_speak_its_language(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    english = {"ru": "Смета", "en": "Estimate"}
    contact = a_user_field(entity_type="contact", id=502, code="UF_CRM_2", labels=english)
    for labels in (english, {"ru": "Смета"}):
        read(ours.account, later(user_fields=(a_user_field(labels=labels), contact)))
    shown = told(compared(owner, f"{ours.account}.2", f"{ours.account}.3"))
    assert "Estimate" in shown
    assert "UF_CRM_2" not in shown


def test_the_versions_of_a_chosen_account_can_be_chosen(
    owner: Browser, ours: Tenant, other: UUID, read: Read
) -> None:
    read(ours.account, later(pipelines=(a_pipeline(name="Продажи"),)))
    empty = owner.open("/compare")
    assert len(empty.of("option")) == 6
    page = owner.open(f"/compare?a={ours.account}.1&b=")
    group = [option.attributes for option in page.of("option") if "optgroup" in option.place]
    assert [one["value"] for one in group] == [f"{ours.account}.2", f"{ours.account}.1"]
    assert [one["value"] for one in group if "selected" in one] == [f"{ours.account}.1"]
    assert "Выберите два аккаунта" in page.text
    assert str(other) in [option.attributes["value"] for option in page.of("option")]


@pytest.mark.parametrize("version", ["", ".1"])
def test_an_account_is_not_compared_with_itself(owner: Browser, ours: Tenant, version: str) -> None:
    page = compared(owner, ours.account, f"{ours.account}{version}")
    assert "A и B — одно и то же." in page.text


def test_an_account_that_was_never_read_is_named(owner: Browser, ours: Tenant, other: UUID) -> None:
    assert "Аккаунт other.example ещё не прочитан." in compared(owner, ours.account, other).text


def test_a_cabinet_without_accounts_is_told_how_to_get_one(browser: Browser) -> None:
    browser.send(
        browser.open("/sign-up"), "/sign-up", email="anna@example.com", password="correct horse battery"
    )
    page = browser.open("/compare")
    assert "ещё нет аккаунтов" in page.text
    assert page.of("select") == []


def test_what_was_not_read_is_said_and_not_called_missing(
    owner: Browser, ours: Tenant, other: UUID, read: Read
) -> None:
    read(other, with_coverage(a_snapshot(user_fields=()), Kind.USER_FIELDS, state=State.FORBIDDEN))
    page = compared(owner, ours.account, other)
    assert "Пользовательские поля: Сделка: в B прочитано не полностью" in page.text
    assert "В том, что удалось сравнить, различий нет." in page.text


def test_what_fewer_rights_may_have_hidden_is_not_called_missing(
    owner: Browser, ours: Tenant, other: UUID, read: Read
) -> None:
    read(other, a_snapshot(reader=a_reader(admin=False), stages=(a_stage(),)))
    page = compared(owner, ours.account, other)
    assert "Стадии: B прочитан с меньшими правами" in page.text
    assert "Только в A" not in page.text


def test_nobody_compares_what_belongs_to_others(owner: Browser, ours: Tenant, theirs: Tenant) -> None:
    for query in (f"a={theirs.account}&b=", f"a={ours.account}&b={theirs.account}", f"a={uuid4()}&b="):
        page = owner.open(f"/compare?{query}")
        assert page.status == 404
        assert "theirs" not in page.html


@pytest.mark.parametrize(
    ("version", "status"),
    [(".9", 404), (".0", 400), (".-1", 400), (".x", 400), (".99999999999999999999", 400), (".٣", 400)],
)
def test_a_version_that_never_was_has_no_page(
    owner: Browser, ours: Tenant, version: str, status: int
) -> None:
    assert owner.open(f"/compare?a={ours.account}{version}&b={ours.account}").status == status


@pytest.mark.parametrize("key", ["x", "%00", "'; drop table link; --", "../../etc/passwd"])
def test_what_is_no_account_has_no_page(owner: Browser, key: str) -> None:
    assert owner.open("/compare", params={"a": key}).status == 400


def test_of_very_many_differences_the_first_are_shown(
    owner: Browser, ours: Tenant, other: UUID, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_lines, "MOST", 3)
    read(other, a_snapshot(user_fields=fields_called(*("Поле" for _ in range(8)))))
    page = compared(owner, ours.account, other)
    assert "и ещё 5 различий" in page.text
    assert len([one for one in page.of("strong") if "UF" not in one.text]) == 4


def test_a_reader_compares_too(ours: Tenant, enter: Callable[..., Browser]) -> None:
    assert enter(ours, role="reader").open("/compare").status == 200


def test_hostile_names_do_nothing(owner: Browser, ours: Tenant, other: UUID, read: Read) -> None:
    read(ours.account, later(user_fields=fields_called(*("Поле" for _ in SHOWN))))
    read(other, a_snapshot(user_fields=fields_called(*SHOWN), pipelines=(a_pipeline(name=SHOWN[0]),)))
    page = compared(owner, ours.account, other)
    assert_harmless(page)
    assert page.text.count("«Поле» → «") == len(SHOWN)
