"""What the first batch expects of a portal: of a known one what its last read found, else what most portals have.

No answer is judged by it. Whatever else the portal has is named by lists that every read asks for, or by the total or
the full last page of a list, and is asked for in the next batch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.bitrix24.entity_numbers import BUILT_IN, ON_DEMAND, SMART_DOCUMENT, SMART_INVOICE, key_of
from shared.bitrix24.listing import pages_for
from shared.domain.coverage import Coverage, Kind, ReasonCode


@dataclass(frozen=True, slots=True)
class Expected:
    """What the first batch asks for besides what every portal has. The defaults fill one for an unknown portal."""

    user_pages: int = 10
    department_pages: int = 3
    settings_pages: int = 4
    smart_processes: int = 10
    invoices: bool = True
    documents: bool = True

    @property
    def beginning(self) -> Expected:
        """The same, with no more of anything than of an unknown portal."""
        most = Expected()
        return replace(
            self,
            user_pages=min(self.user_pages, most.user_pages),
            department_pages=min(self.department_pages, most.department_pages),
            settings_pages=min(self.settings_pages, most.settings_pages),
            smart_processes=min(self.smart_processes, most.smart_processes),
        )


def expected_after(receipt: Iterable[Coverage]) -> Expected:
    """What a portal with this receipt of its last read is expected to have; an empty receipt is that of no read."""
    lines = {line.key: line for line in receipt if not _is_for(line, ReasonCode.SWITCHED_OFF)}
    if not lines:
        return Expected()
    fields = {entity_type: line for (kind, entity_type), line in lines.items() if kind is Kind.USER_FIELDS}
    invoices, documents = key_of(SMART_INVOICE), key_of(SMART_DOCUMENT)
    built_in = {key_of(number) for number in (*BUILT_IN, *ON_DEMAND)} - {invoices, documents}
    # A reader to whom settings are refused may not list smart processes either, so no reference reaches them.
    with_settings = {
        entity_type: line.items
        for entity_type, line in fields.items()
        if entity_type not in built_in and not _is_for(line, ReasonCode.FIELD_SETTINGS_HIDDEN)
    }

    def pages(kind: Kind) -> int:
        return pages_for(lines[kind, None].items if (kind, None) in lines else 0)

    return Expected(
        user_pages=pages(Kind.USERS),
        department_pages=pages(Kind.DEPARTMENTS),
        settings_pages=pages_for(sum(with_settings.values())),
        smart_processes=len(with_settings.keys() - {invoices, documents}),
        invoices=invoices in fields,
        documents=documents in fields,
    )


def _is_for(line: Coverage, code: ReasonCode) -> bool:
    return line.reason is not None and line.reason.code is code
