"""Remarks about an account, in the words of the specification."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from services.cabinet.base.words import Words
from services.cabinet.contents.entities import title_of
from services.cabinet.contents.reading import Contents
from shared.domain.findings import findings
from shared.wording.findings import finding_advice, finding_line, finding_title

# How many remarks of each kind and how many items of each remark are shown. The specification has all.
LINES_OF_A_KIND, ITEMS_OF_A_LINE = 5, 8


@dataclass(frozen=True, slots=True)
class Remark:
    """Remarks of one kind: their title, where they apply, and what to do. ``more`` is how many are not listed."""

    title: str
    advice: str
    lines: tuple[str, ...]
    more: int


def remarks(contents: Contents, words: Words) -> tuple[Remark, ...]:
    """The remarks about the account, by kind. Loads the whole snapshot."""
    all_remarks = []
    for code, group in groupby(findings(contents.whole()), key=lambda finding: finding.code):
        kind_findings = list(group)
        lines = (
            finding_line(
                finding,
                words.language,
                limit=ITEMS_OF_A_LINE,
                title=lambda key: title_of(contents, words, key),
            )
            for finding in kind_findings[:LINES_OF_A_KIND]
        )
        all_remarks.append(
            Remark(
                title=finding_title(code, words.language),
                advice=finding_advice(code, words.language),
                lines=tuple(lines),
                more=max(len(kind_findings) - LINES_OF_A_KIND, 0),
            )
        )
    return tuple(all_remarks)
