"""``crmap diff``: what is different between two specifications, in words or as data."""

from __future__ import annotations

import functools
from typing import Annotated, Literal

import typer

from shared.domain.compare import are_of_one_portal, compare
from shared.domain.diff import Comparison, WhyNot
from shared.domain.snapshot import Snapshot
from shared.specification.changes import changes_json, changes_txt
from shared.wording.changes import not_compared_sentence
from shared.wording.kinds import entity_key_title, entity_title
from shared.wording.language import Language
from tools.cli.commands import COMMANDS
from tools.cli.console import Console
from tools.cli.failing import one_sentence
from tools.cli.output import StandardOutput
from tools.cli.sentences import STDIN_TWICE, TWO_PORTALS, UNDECIDED, Complaint
from tools.cli.sides import STDIN, Side

EQUAL, DIFFERENT, FAILED = 0, 1, COMMANDS["diff"].failed


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="FILE.json, URL or -", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="FILE.json, URL or -", show_default=False)],
    *,
    format_: Annotated[
        Literal["txt", "json"],
        typer.Option("--format", help="In words, or in the shape of the API's changes."),
    ] = "txt",
    lang: Annotated[Language, typer.Option(help="Language of the words.")] = "ru",
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, only what went wrong.")] = False,
) -> None:
    """The differences are on standard output, and the exit code says whether there are any."""
    console = Console(lang, quiet=quiet)
    with one_sentence(console, exit_code=FAILED):
        before, after = _snapshots(Side("OLD", old), Side("NEW", new), console)
        if not are_of_one_portal(before.portal, after.portal):
            console.say(TWO_PORTALS, old=before.portal.domain, new=after.portal.domain)
        comparison = compare(before, after)
        render = changes_txt if format_ == "txt" else changes_json
        StandardOutput().write(render(comparison, before, after, language=lang))
        _name_gaps(comparison, before, after, console)
        code = exit_code_of(comparison)
        if code == FAILED:
            console.say(UNDECIDED)
    raise typer.Exit(code)


def exit_code_of(comparison: Comparison) -> int:
    """EQUAL, DIFFERENT, or FAILED: without a difference, but with something that only one side has read."""
    if comparison.changes:
        return DIFFERENT
    undecided = any(gap.why is not WhyNot.BOTH_UNREAD for gap in comparison.not_compared)
    return FAILED if undecided else EQUAL


def _snapshots(old: Side, new: Side, console: Console) -> tuple[Snapshot, Snapshot]:
    """The snapshots of both sides. Files are read first, so that a wrong file name fails before a portal is read.

    A portal is read in full when the file on the other side was saved in full, so that they can be compared.
    """
    if old.given == new.given == STDIN:
        raise Complaint(STDIN_TWICE)

    def read_now(url: str, *, full: bool = False) -> Snapshot:
        from tools.cli.reading import read  # noqa: PLC0415 - files are compared without loading HTTP

        return read(url, console=console, full=full)

    if old.is_portal:
        after = new.snapshot(read_now)
        return old.snapshot(functools.partial(read_now, full=after.is_full)), after
    before = old.snapshot(read_now)
    return before, new.snapshot(functools.partial(read_now, full=before.is_full))


def _name_gaps(comparison: Comparison, old: Snapshot, new: Snapshot, console: Console) -> None:
    entities = (*new.entity_types, *old.entity_types)
    titles = {entity.key: entity_title(entity, console.language) for entity in entities}
    for gap in comparison.not_compared:
        sentence = not_compared_sentence(
            gap,
            console.language,
            title=lambda key: titles.get(key) or entity_key_title(key, console.language),
        )
        console.say_line(sentence)
