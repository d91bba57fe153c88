"""Attributes that were not understood: a placeholder instead of them, and below the item the received values."""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.snapshot import AsRead
from shared.specification.document import Detail, Paragraph
from shared.specification.source import Source
from shared.specification.words import Word
from shared.wording.changes import attribute_word

# A part of these may be understood, and then that part is shown.
_NAMES = ("title", "name", "label", "labels")


def text_or_placeholder(source: Source, item: AsRead, attribute: str, shown: str) -> str:
    """The shown text of an attribute, or the placeholder if it was not understood."""
    return source.say(Word.NOT_UNDERSTOOD) if is_odd(item, attribute) else shown


def is_odd(item: AsRead, attribute: str) -> bool:
    """True where nothing of the attribute was understood."""
    has_name = attribute in _NAMES and bool(getattr(item, attribute))
    return not item.is_understood(attribute) and not has_name


def odd_details(source: Source, item: AsRead) -> Iterator[Detail]:
    """A line below the item with the received value of each attribute that was not understood."""
    if item.not_understood:
        yield Detail(source.say(Word.NOT_UNDERSTOOD), tuple(odd_lines(source, item)))


def odd_paragraphs(source: Source, item: AsRead) -> Iterator[Paragraph]:
    """The same for an item that has its own table instead of a row."""
    for line in odd_lines(source, item):
        yield Paragraph(f"{source.say(Word.NOT_UNDERSTOOD)}: {line}", under=True)


def odd_lines(source: Source, item: AsRead) -> Iterator[str]:
    """Each attribute that was not understood, with the received value: ``цвет «#»``."""
    for odd in item.not_understood:
        word = attribute_word(odd.attribute, source.language)
        yield f"{word} {source.say(Word.QUOTED, name=odd.came)}" if odd.came else word
