"""Attributes that were not understood: a placeholder instead of them, and below the item the received values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from shared.domain.snapshot import AsRead, NotUnderstood
from shared.specification.document import Detail, Paragraph
from shared.specification.source import Source
from shared.specification.words import Word
from shared.wording.changes import attribute_word
from shared.wording.language import Language
from shared.wording.sentences import say

# A part of these may be understood, and then that part is shown.
_NAMES = ("title", "name", "label", "labels")


def text_or_placeholder(source: Source, item: AsRead, attribute: str, shown: str) -> str:
    """The shown text of an attribute, or the placeholder if it was not understood."""
    return placeholder(item, attribute, source.language) or shown


def placeholder(item: AsRead, attribute: str, language: Language) -> str:
    """The word shown instead of an attribute of which nothing was understood; else empty."""
    return say(Word.NOT_UNDERSTOOD, language) if is_odd(item, attribute) else ""


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


def odd_lines(source: Source, item: AsRead) -> Iterable[str]:
    """Each attribute that was not understood, with the received value."""
    return odd_values(item, source.language).values()


def odd_values(item: AsRead, language: Language) -> Mapping[str, str]:
    """For each attribute that was not understood, its word and the received value: ``цвет «#»``."""
    return {odd.attribute: _odd_value(odd, language) for odd in item.not_understood}


def _odd_value(odd: NotUnderstood, language: Language) -> str:
    word = attribute_word(odd.attribute, language)
    return f"{word} {say(Word.QUOTED, language, name=odd.came)}" if odd.came else word
