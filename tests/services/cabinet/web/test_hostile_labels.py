"""Whatever somebody writes into a portal is text on our pages, wherever it stands, and nothing else."""

from __future__ import annotations

import pytest

from shared.bitrix24.coerce import text
from shared.db import recording
from shared.db.session import Database
from shared.db.tables.cabinets import LinkRow
from shared.domain.snapshot import Snapshot
from shared.wording.visible import visible
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.web.pages import Browser, Page
from tests.shared.specification.hostile import LABELS, coded, labelled

PROCESS = "dynamic_1040"
TABLES = (
    "/accounts/{account}/pipelines",
    "/accounts/{account}/stages",
    "/accounts/{account}/fields",
    f"/accounts/{{account}}/fields?entity={PROCESS}",
    "/accounts/{account}/users",
    "/accounts/{account}/dictionaries",
    "/accounts/{account}/smart-processes",
)
GROUP_TABLES = (
    "/groups/{group}/pipelines",
    "/groups/{group}/stages",
    "/groups/{group}/fields",
    "/groups/{group}/fields?entity=smart",
    "/groups/{group}/users",
)
# The rows of a group's tables are those of an account's; only what stands before them is their own.
FOR_GROUPS = ("image", "script", "attribute", "line breaks", "bidi override")
# Their sentences depend on the label itself: twins, damaged texts, what changed.
TOLD = ("/accounts/{account}", "/accounts/{account}/changes")
PLAIN = "Обычное название"


class Portal:
    """Our portal, in which somebody writes what he likes."""

    def __init__(self, db: Database, tenant: Tenant, browser: Browser) -> None:
        self._db, self._tenant, self._browser = db, tenant, browser

    def says(self, snapshot: Snapshot) -> None:
        with self._db.session() as session:
            portal_id = session.get_one(LinkRow, self._tenant.account).portal_id
            recording.record(session, portal_id, snapshot)

    def page(self, path: str) -> Page:
        page = self._browser.open(path.format(account=self._tenant.account, group=self._tenant.group))
        assert page.status == 200, path
        return page


@pytest.fixture
def portal(ours: Tenant, worker_db: Database, owner: Browser) -> Portal:
    return Portal(worker_db, ours, owner)


def shape(page: Page) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """The elements of a page with the names of their attributes, whatever they say."""
    return [(one.tag, tuple(sorted(one.attributes)), one.place) for one in page.elements]


def assert_harmless(page: Page, label: str) -> None:
    for element in page.elements:
        assert element.tag not in ("img", "iframe", "object", "embed", "style"), label
        assert not any(name == "style" or name.startswith("on") for name in element.attributes), label
        assert element.attributes.get("href", "/").startswith(("/", "#")), label
        assert element.tag != "script" or element.attributes.get("src", "").startswith("/static/"), label
        assert element.tag not in ("polygon", "rect") or len(element.attributes["fill"]) == len("#ffffff")


def test_a_label_adds_nothing_to_a_page_and_is_shown_as_it_is(portal: Portal) -> None:
    portal.says(labelled(PLAIN))
    expected = {path: shape(portal.page(path)) for path in (*TABLES, *GROUP_TABLES)}
    for name, given in LABELS.items():
        label = text(given) or ""
        portal.says(labelled(label))
        for path in (*TABLES, *TOLD, *(GROUP_TABLES if name in FOR_GROUPS else ())):
            page = portal.page(path)
            assert_harmless(page, name)
            if path not in TOLD and label:
                assert shape(page) == expected[path], (name, path)
                assert visible(label) in page.text, (name, path)


def test_a_code_adds_nothing_either(portal: Portal) -> None:
    portal.says(coded(PLAIN))
    expected = {path: shape(portal.page(path)) for path in TABLES}
    for name, given in LABELS.items():
        code = text(given)
        if not code:
            continue
        portal.says(coded(code))
        for path in TABLES:
            page = portal.page(path)
            assert_harmless(page, name)
            assert shape(page) == expected[path], (name, path)
