"""What changed in all accounts of the cabinet, on one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.cabinet.changes import pages as changes
from shared.db import recording
from shared.db.session import Database
from shared.db.tables.cabinets import AccountRow
from shared.domain.snapshot import Snapshot
from tests.builders import a_pipeline, a_smart_process, a_snapshot, a_stage, a_user_field, an_entity_type
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.labels import assert_harmless, fields_called
from tests.services.cabinet.pages import Browser, Page
from tests.shared.specification.hostile import SHOWN

NOW = datetime.now(UTC).replace(microsecond=0)
Read = Callable[..., None]


@pytest.fixture
def read(worker_db: Database) -> Read:
    """A tenant's portal is read with this outcome."""

    def recorded(tenant: Tenant, snapshot: Snapshot) -> None:
        with worker_db.session() as session:
            recording.record(session, session.get_one(AccountRow, tenant.account).portal_id, snapshot)

    return recorded


def renamed(name: str, *, ago: timedelta = timedelta(0), **others: Any) -> Snapshot:
    return a_snapshot(read_at=NOW - ago, pipelines=(a_pipeline(name=name),), **others)


def sentences(page: Page) -> list[str]:
    return [link.text for link in page.of("a", class_="quiet")]


def test_changes_are_told_in_words_newest_first_and_lead_to_what_they_speak_of(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    read(ours, renamed("Продажи"))
    read(ours, renamed("Опт", stages=(a_stage(name="Лид"),)))
    page = owner.open("/changes")
    assert page.title == "Изменения в аккаунтах"
    assert [heading.text.split(" · ")[0] for heading in page.of("h3")] == [
        "ours.example Версия 3",
        "ours.example Версия 2",
    ]
    assert sentences(page) == [
        "СДЕЛКА · воронка 0 «Опт»: название «Продажи» → «Опт»",
        "СДЕЛКА · стадия NEW «Лид»: название «Новая заявка» → «Лид»",
        "СДЕЛКА · стадия WON «Оплачена»: удалена",
        "СДЕЛКА · воронка 0 «Продажи»: название «Общая» → «Продажи»",
    ]
    addresses = [link.attributes["href"] for link in page.of("a", class_="quiet")]
    assert addresses[:2] == [
        f"/accounts/{ours.account}/pipelines",
        f"/accounts/{ours.account}/stages?entity=deal",
    ]
    for address in addresses:
        assert owner.open(address).status == 200


def test_the_menu_leads_to_the_changes(owner: Browser) -> None:
    (link,) = (link for link in owner.open("/accounts").of("a") if link.text == "Изменения")
    page = owner.open(link.attributes["href"])
    assert page.of("a", href="/changes")[0].attributes["aria-current"] == "page"


def test_what_changed_elsewhere_is_never_seen(owner: Browser, theirs: Tenant, read: Read) -> None:
    read(theirs, renamed("Секрет"))
    page = owner.open("/changes")
    assert "ничего не изменилось" in page.text
    assert "Секрет" not in page.text
    assert owner.open(f"/changes?account={theirs.account}").status == 404


def test_a_cabinet_without_accounts_is_told_how_to_get_one(browser: Browser) -> None:
    browser.send(
        browser.open("/sign-up"), "/sign-up", email="anna@example.com", password="correct horse battery"
    )
    page = browser.open("/changes")
    assert "ещё нет аккаунтов" in page.text
    assert [link.attributes["href"] for link in page.of("a") if link.text == "Подключить"] == ["/accounts"]


def test_changes_are_filtered_by_account_kind_and_period(owner: Browser, ours: Tenant, read: Read) -> None:
    read(ours, renamed("Давно", ago=timedelta(days=20)))
    read(ours, renamed("Недавно", stages=(a_stage(),)))

    def told(query: str) -> int:
        page = owner.open(f"/changes?{query}")
        assert page.status == 200
        return len(sentences(page))

    assert told("") == told(f"account={ours.account}") == told("account=&kind=&period=") == 3
    assert told("kind=pipelines") == 2
    assert told("kind=pipelines&period=week") == 1
    assert told("period=month") == 3
    assert told("kind=users") == 0
    page = owner.open(f"/changes?account={ours.account}&kind=stages&period=day")
    assert [
        option.attributes["value"] for option in page.of("option") if "selected" in option.attributes
    ] == [
        str(ours.account),
        "stages",
        "day",
    ]
    assert "Таких изменений нет" in owner.open("/changes?kind=users").text


@pytest.mark.parametrize(
    "query",
    ["kind=nothing", "period=year", "before=0", "before=-1", "before=9223372036854775808", "before=x"],
)
def test_an_address_with_nonsense_in_it_has_no_page(owner: Browser, query: str) -> None:
    assert owner.open(f"/changes?{query}").status == 400


@pytest.mark.parametrize("account", ["x", "00000000-0000-0000-0000-000000000000", "%00"])
def test_an_account_that_never_was_is_not_found(owner: Browser, account: str) -> None:
    assert owner.open(f"/changes?account={account}").status == 404


def test_earlier_changes_are_a_page_further(
    owner: Browser, ours: Tenant, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "AT_ONCE", 3)
    for number in range(5):
        read(ours, renamed(f"Продажи {number}"))
    seen: list[str] = []
    address = "/changes?kind=pipelines"
    while address:
        page = owner.open(address)
        seen += sentences(page)
        # A page further stays what it is while more is recorded.
        read(ours, renamed(f"Новая {len(seen)}"))
        links = [link.attributes["href"] for link in page.of("a") if link.text == "Более ранние изменения"]
        address = links[0] if links else ""
        assert not address or "kind=pipelines" in address
    assert [sentence.rpartition("→ ")[2] for sentence in seen] == [
        f"«Продажи {number}»" for number in range(4, -1, -1)
    ]


def test_a_smart_process_is_called_by_its_name(owner: Browser, ours: Tenant, read: Read) -> None:
    types = (an_entity_type(), a_smart_process())
    for label in ("Мастер", "Исполнитель"):
        field = a_user_field(entity_type="dynamic_1040", id=7, code="UF_CRM_7_1", labels={"ru": label})
        read(ours, renamed("Общая", entity_types=types, user_fields=(a_user_field(), field)))
    (sentence,) = (one for one in sentences(owner.open("/changes")) if "UF_CRM_7_1" in one)
    assert sentence == "Ремонт · поле UF_CRM_7_1 «Исполнитель»: название «Мастер» → «Исполнитель»"


def test_hostile_names_do_nothing(owner: Browser, ours: Tenant, read: Read) -> None:
    read(ours, renamed("Общая", user_fields=fields_called(*("Поле" for _ in SHOWN))))
    read(ours, renamed("Общая", user_fields=fields_called(*SHOWN)))
    page = owner.open("/changes?kind=user_fields")
    assert_harmless(page)
    assert len([sentence for sentence in sentences(page) if "→" in sentence]) == len(SHOWN)


def test_what_went_with_something_removed_is_found_by_its_code_or_name(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    process, pipeline = "dynamic_1040", "DYNAMIC_1040_STAGE_9"
    field = a_user_field(entity_type=process, id=7, code="UF_CRM_7_MASTER", labels={"ru": "Мастёр"})
    whole = renamed(
        "Общая",
        entity_types=(an_entity_type(), a_smart_process()),
        user_fields=(a_user_field(), field),
        stages=(a_stage(), a_stage(entity_type=process, directory=pipeline, id=9, status_id="DT1040_9:NEW")),
    )
    pipelines = (*whole.pipelines, a_pipeline(entity_type=process, id=9, directory=pipeline))
    read(ours, replace(whole, pipelines=pipelines))
    read(ours, renamed("Общая", stages=(a_stage(),)))
    for asked in ("UF_CRM_7_MASTER", "dt1040_9:new", "мастер", pipeline):
        (gone, *_) = sentences(owner.open("/changes", params={"q": asked}))
        assert gone.startswith("сущность dynamic_1040 «Ремонт»: удалена; с ней "), asked
    assert sentences(owner.open("/changes", params={"q": "label"})) == []
    (row,) = owner.client.get(
        f"/api/v1/accounts/{ours.account}/changes?since=2&q=uf_crm_7_master",
        headers={"Authorization": f"Bearer {ours.tokens['reader']}"},
    ).json()["items"]
    assert (row["op"], row["kind"], row["before"], row["after"]) == ("removed", "entity_types", None, None)
    assert [part["code"] for part in row["inside"]["user_fields"]] == ["UF_CRM_7_MASTER"]
    assert sentences(owner.open("/changes", params={"q": "%00"})) == []
