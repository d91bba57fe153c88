"""Whatever somebody writes into a portal is text on our pages, wherever it stands, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.bitrix24.coerce import text
from shared.db import recording
from shared.db.session import Database
from shared.db.tables.cabinets import AccountRow
from shared.domain.doubts import CONFIRM_AFTER
from shared.domain.snapshot import Snapshot
from shared.wording.visible import visible
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.pages import Browser, Page
from tests.shared.specification.hostile import (
    ENDLESS,
    LABELS,
    PROCESS,
    SHORT,
    SHOWN,
    coded,
    labelled,
    together,
)

TABLES = (
    "/accounts/{account}/pipelines",
    "/accounts/{account}/stages",
    "/accounts/{account}/fields",
    f"/accounts/{{account}}/fields?entity={PROCESS}",
    "/accounts/{account}/users",
    "/accounts/{account}/dictionaries",
    "/accounts/{account}/smart-processes",
    "/accounts/{account}/standard-fields",
)
GROUP_TABLES = (
    "/groups/{group}/pipelines",
    "/groups/{group}/stages",
    "/groups/{group}/fields",
    "/groups/{group}/fields?entity=smart",
    "/groups/{group}/standard-fields",
    "/groups/{group}/users",
)
# Their sentences depend on the label itself: twins, damaged texts, what changed.
TOLD = ("/accounts/{account}", "/accounts/{account}/changes")
PLAIN = "Обычное название"


class Portal:
    """Our portal, in which somebody writes what he likes."""

    def __init__(self, db: Database, tenant: Tenant, browser: Browser) -> None:
        self._db, self._tenant, self._browser = db, tenant, browser

    def says(self, snapshot: Snapshot) -> None:
        with self._db.session() as session:
            portal_id = session.get_one(AccountRow, self._tenant.account).portal_id
            recording.record(session, portal_id, snapshot)

    def page(self, path: str) -> Page:
        page = self._browser.open(path.format(account=self._tenant.account, group=self._tenant.group))
        assert page.status == 200, path
        return page


@pytest.fixture
def portal(ours: Tenant, worker_db: Database, owner: Browser) -> Portal:
    return Portal(worker_db, ours, owner)


Shape = list[tuple[str, tuple[str, ...], tuple[str, ...]]]


def shape(page: Page) -> Shape:
    """The elements of a page with the names of their attributes, whatever they say."""
    return [(one.tag, tuple(sorted(one.attributes)), one.place) for one in page.elements]


def assert_shown(page: Page, expected: Shape, path: str, *labels: str) -> None:
    """The page is what it is with plain names, but that it says these."""
    assert_harmless(page, path)
    for element, found, wanted in zip(page.elements, shape(page), expected, strict=False):
        assert found == wanted, (path, element.text[:100])
    assert len(page.elements) == len(expected), path
    for label in labels:
        assert visible(label) in page.text, (label[:100], path)


def assert_harmless(page: Page, where: str) -> None:
    for element in page.elements:
        assert element.tag not in ("img", "iframe", "object", "embed", "style"), where
        assert not any(name == "style" or name.startswith("on") for name in element.attributes), where
        assert element.attributes.get("href", "/").startswith(("/", "#")), where
        assert element.tag != "script" or element.attributes.get("src", "").startswith("/static/"), where
        assert element.tag not in ("polygon", "rect") or len(element.attributes["fill"]) == len("#ffffff")


def test_a_label_adds_nothing_to_a_page_and_is_shown_as_it_is(portal: Portal) -> None:
    portal.says(together(labelled(PLAIN) for _ in SHORT))
    expected = {path: shape(portal.page(path)) for path in (*TABLES, *GROUP_TABLES)}
    portal.says(together(map(labelled, SHORT)))
    for path, wanted in expected.items():
        assert_shown(portal.page(path), wanted, path, *SHORT)


def test_an_endless_label_is_shown_to_its_end(portal: Portal) -> None:
    portal.says(labelled(PLAIN))
    expected = {path: shape(portal.page(path)) for path in (*TABLES, *GROUP_TABLES)}
    for label in ENDLESS:
        portal.says(labelled(label))
        for path, wanted in expected.items():
            assert_shown(portal.page(path), wanted, path, label)


def test_a_code_adds_nothing_either(portal: Portal) -> None:
    portal.says(together(coded(PLAIN) for _ in SHOWN))
    expected = {path: shape(portal.page(path)) for path in TABLES}
    found = together(map(coded, SHOWN))
    portal.says(found)
    # So many new codes at once are believed when they are seen again.
    portal.says(replace(found, read_at=found.read_at + CONFIRM_AFTER))
    for path, wanted in expected.items():
        assert_shown(portal.page(path), wanted, path)


def test_no_label_harms_what_is_told_of_a_portal(portal: Portal) -> None:
    for name, given in LABELS.items():
        portal.says(labelled(text(given) or ""))
        for path in TOLD:
            assert_harmless(portal.page(path), name)


def test_what_has_no_label_is_shown_all_the_same(portal: Portal) -> None:
    portal.says(labelled(""))
    for path in (*TABLES, *GROUP_TABLES):
        assert_harmless(portal.page(path), path)
