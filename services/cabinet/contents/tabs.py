"""The tabs that show an account: on its own pages, in the tables of a group and inside the portal.

One entry here is enough to show a kind: it names the function that builds the rows and the template of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.cabinet.base.words import Words
from services.cabinet.contents.dictionaries import dictionaries
from services.cabinet.contents.entity_types import entity_types
from services.cabinet.contents.pipelines import pipelines
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.stages import stage_count, stages
from services.cabinet.contents.standard_fields import standard_fields
from services.cabinet.contents.user_fields import user_fields
from services.cabinet.contents.users import departments, users
from shared.domain.coverage import Kind
from shared.wording.sentences import N_

Rows = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """The tab of one kind of metadata.

    ``name`` ends its address. ``hint`` says what the filter looks at. ``title_in_portal`` is empty for a
    kind that is not shown there. ``is_per_entity``: one entity type is shown at a time. ``is_in_cards``: its table
    brings its own cards. ``depends_on`` is a kind whose gaps are shown here too, ``beside`` a tab on the same page.
    """

    name: str
    title: str
    kind: Kind
    rows: Callable[[Contents, Words, str], Rows]
    row_count: Callable[[Rows], int] = len
    hint: str = N_("Filter by name, id, code…")
    title_in_portal: str = ""
    is_in_groups: bool = False
    is_per_entity: bool = False
    is_counted: bool = True
    is_of_full_reads: bool = False
    is_in_cards: bool = False
    depends_on: Kind | None = None
    beside: Tab | None = None

    @property
    def template(self) -> str:
        """The template of its table: for one account (``table``) and for a group (``group_head``, ``bodies``)."""
        return f"contents/{self.name.replace('-', '_')}.html"


TABS: Final = (
    Tab(
        name="pipelines",
        title=N_("Pipelines"),
        kind=Kind.PIPELINES,
        rows=pipelines,
        title_in_portal=N_("PIPELINES"),
        is_in_groups=True,
    ),
    Tab(
        name="stages",
        title=N_("Stages of pipelines"),
        kind=Kind.STAGES,
        rows=stages,
        row_count=stage_count,
        title_in_portal=N_("STAGES OF PIPELINES"),
        is_in_groups=True,
        is_per_entity=True,
        is_in_cards=True,
        depends_on=Kind.PIPELINES,
    ),
    Tab(
        name="fields",
        title=N_("User fields"),
        kind=Kind.USER_FIELDS,
        rows=user_fields,
        hint=N_("Filter by label, code, type, value…"),
        title_in_portal=N_("USER FIELDS"),
        is_in_groups=True,
        is_per_entity=True,
    ),
    Tab(
        name="standard-fields",
        title=N_("Standard fields"),
        kind=Kind.STANDARD_FIELDS,
        rows=standard_fields,
        hint=N_("Filter by label, code, type…"),
        is_in_groups=True,
        is_per_entity=True,
        is_of_full_reads=True,
    ),
    Tab(
        name="users",
        title=N_("Users"),
        kind=Kind.USERS,
        rows=users,
        hint=N_("Filter by name, id, position…"),
        title_in_portal=N_("USERS"),
        is_in_groups=True,
        beside=Tab(name="departments", title=N_("Departments"), kind=Kind.DEPARTMENTS, rows=departments),
    ),
    Tab(
        name="dictionaries",
        title=N_("Dictionaries"),
        kind=Kind.DICTIONARIES,
        rows=dictionaries,
        is_counted=False,
        is_in_cards=True,
    ),
    Tab(name="smart-processes", title=N_("Entity types"), kind=Kind.ENTITY_TYPES, rows=entity_types),
)
IN_GROUPS: Final[Mapping[str, Tab]] = {tab.name: tab for tab in TABS if tab.is_in_groups}
IN_PORTAL: Final[Mapping[str, Tab]] = {tab.name: tab for tab in TABS if tab.title_in_portal}


def tab_of(kind: Kind) -> Tab:
    """The tab that shows items of this kind."""
    return next(tab for tab in TABS if kind in (tab.kind, tab.beside and tab.beside.kind))
