"""How much an account has of everything is one number, wherever it stands."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from psycopg.types.json import Jsonb

from shared.db import groups, recording
from tests.gateway_room import GatewayRoom
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.in_portal.frames import Frame
from tests.services.cabinet.pages import Browser, Page
from tests.stories.reading import read
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal

SIZES = ("showcase", "S", "M")
COUNTED = ("pipelines", "stages", "user_fields", "users")
TABS = {"pipelines": "pipelines", "stages": "stages", "fields": "user_fields", "users": "users"}
FACES = (
    "list",
    "API list",
    "API account",
    "API coverage",
    "tab",
    "rows of tabs",
    "group",
    "in the portal",
    "TXT",
    "JSON",
)


@dataclass(frozen=True)
class Faces:
    """Everything that tells how much there is in one account."""

    room: GatewayRoom
    client: TestClient
    owner: Browser
    tenant: Tenant

    def recorded(self, portal: SimulatedPortal) -> UUID:
        """The portal was read and is an account; its id."""
        portal_id, account_id = self.room.installed(portal), uuid4()
        with self.room.db.session() as session:
            outcome = recording.record(session, portal_id, read(portal))
        self.room.rows(
            "update portal set counts = %s, read_at = now() where id = %s",
            Jsonb(dict(outcome.counts)),
            portal_id,
        )
        self.room.rows(
            "insert into link (id, cabinet_id, portal_id, title, note) values (%s, %s, %s, '', '')",
            account_id,
            self.tenant.cabinet_id,
            portal_id,
        )
        return account_id

    def told(self, portal: SimulatedPortal, account: UUID) -> dict[str, Mapping[str, int]]:
        """What each of them says."""
        text = self.file(account, "txt").decode("utf-8-sig")
        return {
            "list": self.in_list(account),
            "API list": next(one for one in self.api("accounts")["items"] if one["id"] == str(account))[
                "counts"
            ],
            "API account": self.api(f"accounts/{account}")["counts"],
            "API coverage": summed(self.api(f"accounts/{account}")["coverage"]),
            "tab": self.on_tabs(account),
            "rows of tabs": self.rows_of_tabs(account),
            "group": self.in_group(account),
            "in the portal": self.in_portal(portal),
            "TXT": in_summary(text),
            "JSON": summed(json.loads(self.file(account, "json"))["coverage"]),
        }

    def api(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1/{path}", headers=self.headers)
        assert answer.status_code == 200
        return answer.json()

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tenant.tokens['owner']}"}

    def file(self, account: UUID, form: str) -> bytes:
        path = f"/api/v1/accounts/{account}/specification"
        answer = self.client.get(path, params={"format": form}, headers=self.headers)
        assert answer.status_code == 200
        return answer.content

    def in_list(self, account: UUID) -> dict[str, int]:
        html = self.owner.open("/accounts").html
        row = next(row for row in html.split("<tr data-row>") if f'href="/accounts/{account}"' in row)
        return dict(
            zip(COUNTED, map(int, re.findall(r'<td class="number"[^>]*>(\d+)</td>', row)), strict=True)
        )

    def on_tabs(self, account: UUID) -> dict[str, int]:
        page = self.owner.open(f"/accounts/{account}")
        links = {link.attributes["href"]: link.text for link in page.of("a")}
        return {kind: number_in(links[f"/accounts/{account}/{tab}"]) for tab, kind in TABS.items()}

    def rows_of_tabs(self, account: UUID) -> dict[str, int]:
        """Counted on the pages, of each entity in its turn."""
        return self._rows_below(f"/accounts/{account}")

    def in_group(self, account: UUID) -> dict[str, int]:
        with self.room.db.session() as session:
            group = groups.save(session, self.tenant.cabinet_id, "Counted", [account])
        assert group is not None
        return self._rows_below(f"/groups/{group.id}")

    def _rows_below(self, address: str) -> dict[str, int]:
        found: Counter[str] = Counter()
        for tab, kind in TABS.items():
            page = self.owner.open(f"{address}/{tab}")
            chips = [link.attributes["href"] for link in page.of("a") if "entity=" in link.attributes["href"]]
            for shown in [self.owner.open(chip) for chip in chips] or [page]:
                found[kind] += rows_of(shown, tab)
        return dict(found)

    def in_portal(self, portal: SimulatedPortal) -> dict[str, int]:
        frame = Frame(self.client, self.room.client, self.room.frame(portal))
        buttons = {
            button.attributes["value"]: button.text for button in frame.open().of("button", name="tab")
        }
        return {kind: number_in(buttons[tab]) for tab, kind in TABS.items()}


def number_in(text: str) -> int:
    return int(re.findall(r"\d+", text)[-1])


def rows_of(page: Page, tab: str) -> int:
    """Departments stand below the users, in a table of their own."""
    html = page.html.partition("<h2>Подразделения</h2>")[0]
    return html.count("<tr data-row") if tab != "fields" else html.count("<tbody data-row")


def summed(coverage: list[Any]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for line in coverage:
        found[line["kind"]] += line["items"]
    return {kind: found[kind] for kind in COUNTED}


def in_summary(text: str) -> dict[str, int]:
    """The columns of the summary, added up; of users the sentence below it."""
    lines = text.partition("2 СВОДКА")[2].partition("3 КАРТА")[0].splitlines()
    rows = [re.split(r"\s{2,}", line) for line in lines if re.search(r"\S\s{2,}\S", line)]
    users = next(line for line in lines if line.startswith("Пользователи"))
    columns = {"pipelines": 1, "stages": 2, "user_fields": 3}
    counts = {
        kind: sum(int(row[place]) for row in rows[1:] if row[place] != "нет")
        for kind, place in columns.items()
    }
    return {**counts, "users": sum(map(int, re.findall(r"\d+", users)))}


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    with SimulatedCloud([PortalSpec(size, size, seed=7) for size in SIZES]) as found:
        yield found


@pytest.fixture
def faces(room: GatewayRoom, client: TestClient, owner: Browser, ours: Tenant) -> Faces:
    return Faces(room, client, owner, ours)


@pytest.mark.parametrize("size", SIZES)
def test_a_count_is_the_same_everywhere(faces: Faces, cloud: SimulatedCloud, size: str) -> None:
    portal = cloud.portal(size)
    account = faces.recorded(portal)
    specification = json.loads(faces.file(account, "json"))
    counts = {kind: len(specification[kind]) for kind in COUNTED}
    assert faces.told(portal, account) == dict.fromkeys(FACES, counts)
