"""Everything CRMAP says is in the catalogue in Russian, and the catalogue holds nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import c2py
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from shared.wording import catalogue
from shared.wording.catalogue import CONTEXT_END, LOCALE, russian, russian_form

ROOT = Path(__file__).parents[3]
KEYWORDS = {**DEFAULT_KEYWORDS, "NP_": ((1, "c"), 2)}
PLACE = re.compile(r"\{(\w+)\}")
OPTIONAL = re.compile(r"\[[^\[\]]*\]")

Forms = tuple[str, ...]


def said() -> set[tuple[str | None, Forms]]:
    """Every sentence in code and templates with its context, in the forms it has in English."""
    with (LOCALE / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)
    return {(context, forms(sentence)) for _, _, sentence, _, context in found}


def forms(sentence: object) -> Forms:
    return (sentence,) if isinstance(sentence, str) else tuple(map(str, sentence or ("",)))  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def ru_po() -> Catalog:
    """The catalogue as Babel reads it."""
    with (LOCALE / "ru.po").open("rb") as file:
        return read_po(file, locale="ru", abort_invalid=True)


def entries(ru_po: Catalog) -> Iterator[tuple[str | None, Forms, Forms]]:
    """Context, English and Russian of every entry."""
    for message in ru_po:
        if message.id:
            yield message.context, forms(message.id), forms(message.string)


def test_every_sentence_has_its_russian_and_none_is_left_over(ru_po: Catalog) -> None:
    in_catalogue = {(context, english) for context, english, _ in entries(ru_po)}
    assert in_catalogue == said(), "run make words"
    untranslated = [english for _, english, translations in entries(ru_po) if not all(translations)]
    assert untranslated == []
    assert not any(message.fuzzy for message in ru_po if message.id)


def test_both_languages_have_the_same_places_and_may_leave_out_the_same(ru_po: Catalog) -> None:
    for _, english, translations in entries(ru_po):
        first, *others = [shape(text) for text in (*english, *translations)]
        assert others == [first] * len(others), english


def shape(sentence: str) -> tuple[set[str], list[set[str]]]:
    """The places that always need their fact, and those of each part that may be left out."""
    parts = [set(PLACE.findall(part)) for part in OPTIONAL.findall(sentence)]
    return set(PLACE.findall(OPTIONAL.sub("", sentence))), sorted(parts, key=sorted)


def test_braces_stand_around_places_only(ru_po: Catalog) -> None:
    for _, english, translations in entries(ru_po):
        for text in (*english, *translations):
            assert not re.search(r"[{}]|%\(", PLACE.sub("", text)), text


def test_the_catalogue_is_read_as_babel_reads_it(ru_po: Catalog) -> None:
    as_babel_reads = {
        english[0] if context is None else f"{context}{CONTEXT_END}{english[0]}": translations
        for context, english, translations in entries(ru_po)
    }
    assert russian() == as_babel_reads


def test_what_a_po_file_may_hold_is_understood() -> None:
    text = (
        '# a comment\nmsgid ""\nmsgstr "Language: ru\\n"\n\n'
        '#, python-brace-format\nmsgctxt "stage"\nmsgid "a \\"b\\"\\tc \\\\ {d}"\nmsgstr ""\n"э"\n"ю\\n"\n\n'
        'msgid "day"\nmsgid_plural "days"\nmsgstr[0] "день"\nmsgstr[1] "дня"\nmsgstr[2] "дней"\n\n'
        '#~ msgid "gone"\n#~ msgstr "нет"\n'
    )
    assert catalogue.read_po(text) == {
        'stage\x04a "b"\tc \\ {d}': ("эю\n",),
        "day": ("день", "дня", "дней"),
    }


def test_a_number_takes_the_form_that_the_head_of_the_catalogue_says(ru_po: Catalog) -> None:
    form_of = c2py(ru_po.plural_expr)
    assert [russian_form(number) for number in range(300)] == [form_of(number) for number in range(300)]
