"""All formats together: none is missing, none is surprised, each says the same twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.domain.snapshot import Snapshot
from shared.specification.formats import FORMATS, Format
from shared.wording.language import LANGUAGES, Language
from tests.builders import a_snapshot, a_user_field
from tests.shared.specification.example import example

SNAPSHOTS = {
    "example": example(),
    "nothing at all": Snapshot(a_snapshot().portal, a_snapshot().read_at, a_snapshot().reader, coverage=()),
    "no fields": a_snapshot(user_fields=()),
    "many fields": a_snapshot(
        user_fields=tuple(
            a_user_field(id=n, code=f"UF_CRM_{n}", labels={"ru": f"Поле {n}"}) for n in range(2000)
        )
    ),
    "strangers only": replace(a_snapshot(), entity_types=()),
}


def test_the_promised_formats_are_there() -> None:
    assert list(FORMATS) == ["txt", "md", "html", "json", "xlsx", "csv"]
    assert all(format_.name == name for name, format_ in FORMATS.items())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("snapshot", SNAPSHOTS.values(), ids=SNAPSHOTS)
@pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)
def test_every_format_writes_any_portal_the_same_way_twice(
    format_: Format, snapshot: Snapshot, language: Language
) -> None:
    data = format_.render(snapshot, language=language)
    assert data
    assert data == format_.render(snapshot, language=language)
    if not format_.binary:
        data.decode("utf-8")


@pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)
def test_every_format_speaks_both_languages(format_: Format) -> None:
    assert format_.render(example(), language="ru") != format_.render(example(), language="en")
