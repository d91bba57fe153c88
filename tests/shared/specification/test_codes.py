"""Whatever a code is and wherever it stands, every format shows the whole of it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.order import in_business_order
from shared.domain.snapshot import Dictionary, DictionaryItem, Snapshot
from shared.specification.formats import FORMATS
from tests.builders import a_snapshot, a_stage, a_standard_field, a_user_field, complete_coverage

_WORDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=12)
_TAILS = st.lists(_WORDS, min_size=1, max_size=4).map("_".join)
_CUT = re.compile(r"([A-Za-z0-9_:]{2,})…")


@st.composite
def snapshots(draw: st.DrawFn) -> tuple[Snapshot, list[str]]:
    """A deal with fields of every length of code and type, one of each titled by its code; and all these codes."""
    tails = draw(st.lists(_TAILS, min_size=2, max_size=8, unique=True))
    fields = tuple(
        a_user_field(
            id=number,
            code=f"UF_CRM_{tail}",
            api_name=f"ufCrm_{tail}",
            type=f"rest_188_{tail.lower()}",
            labels={"ru": f"UF_CRM_{tail}"} if number % 2 else {},
        )
        for number, tail in enumerate(tails)
    )
    standard = tuple(
        a_standard_field(code=f"SF_{tail}", api_name=f"sf_{tail}", label=f"SF_{tail}") for tail in tails
    )
    stages = tuple(a_stage(id=number, status_id=f"UC_{tail}") for number, tail in enumerate(tails))
    items = tuple(DictionaryItem(tail, 500 + n, None, None, system=False) for n, tail in enumerate(tails))
    snapshot = a_snapshot(
        user_fields=fields,
        standard_fields=standard,
        stages=stages,
        dictionaries=(Dictionary("SOURCE", "Источники", items),),
    )
    detail = ", ".join(field.code for field in fields)
    coverage = tuple(
        replace(entry, state=State.PARTIAL, reason=Reason(ReasonCode.FIELDS_DISAGREE, detail))
        if entry.key == (Kind.USER_FIELDS, "deal")
        else entry
        for entry in complete_coverage(snapshot)
    )
    codes = [
        *(code for field in fields for code in (field.code, str(field.api_name), field.type)),
        *(code for row in standard for code in (row.code, str(row.api_name))),
        *(stage.status_id for stage in stages),
        *tails,
    ]
    return in_business_order(replace(snapshot, coverage=coverage)), codes


def text_of(snapshot: Snapshot, name: str) -> str:
    """What a reader of this format sees."""
    data = FORMATS[name].render(snapshot, language="ru")
    if name == "xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return "\n".join(file.read(part).decode() for part in file.namelist())
    return data.decode().replace("\\", "")


def cut_codes(text: str, codes: list[str]) -> Iterator[str]:
    """The beginnings of codes that stand where a text was cut."""
    for beginning in _CUT.findall(text):
        if any(code != beginning and code.startswith(beginning) for code in codes):
            yield beginning


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None)
@given(given_codes=snapshots())
def test_no_format_cuts_a_code_in_any_section(name: str, given_codes: tuple[Snapshot, list[str]]) -> None:
    """FC-72: section 8 showed rest_188_sm…"""
    snapshot, codes = given_codes
    text = text_of(snapshot, name)
    assert list(cut_codes(text, codes)) == []
    assert [code for code in codes if code not in text] == []
