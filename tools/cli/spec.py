"""``crmap spec``: a portal's specification in one go, without a database and without registration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Annotated

import typer

from shared.domain.coverage import Coverage, missing
from shared.domain.snapshot import Snapshot
from shared.specification.formats import FORMATS
from shared.specification.txt import render_txt
from shared.wording.kinds import entity_key_title, entity_title, kind_word, state_word
from shared.wording.language import Language
from shared.wording.reasons import reason_sentence
from tools.cli.console import Console
from tools.cli.failing import one_sentence
from tools.cli.output import OutputFile, StandardOutput
from tools.cli.sentences import TERMINAL, WRITTEN, Complaint

COMPLETE, FAILED, INCOMPLETE = 0, 1, 3


def _known_format(name: str | None) -> str | None:
    if name is not None and name not in FORMATS:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(FORMATS)}.")
    return name


def spec(  # noqa: PLR0913 - every option of a command is an argument
    url: Annotated[str, typer.Argument(metavar="URL", help="https://…/rest/1/code/", show_default=False)],
    *,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            callback=_known_format,
            metavar=f"[{'|'.join(FORMATS)}]",
            help="What to write.  [default: what FILE ends with, else txt]",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write to FILE, which appears whole or not at all; - is standard output.",
        ),
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of the document and of the messages.")] = "ru",
    lf: Annotated[
        bool, typer.Option("--lf", help="For txt: plain line feeds and no byte order mark, as on a terminal.")
    ] = False,
    patience: Annotated[
        float, typer.Option(min=1, max=65, metavar="SECONDS", help="How long to wait for a silent portal.")
    ] = 65,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Read standard fields too, order, default and external code of every list value, and labels in "
            "Russian and English.",
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="No progress, only what is missing or wrong.")
    ] = False,
) -> None:
    """The document is written, and what it lacks is named."""
    console = Console(lang, quiet=quiet)
    with one_sentence(console, exit_code=FAILED):
        name = format_ or format_of(output)
        destination = StandardOutput() if output in (None, "-") else OutputFile(output)
        destination.check()
        if destination.is_terminal and FORMATS[name].binary:
            raise Complaint(TERMINAL, format=name)

        from tools.cli.reading import read  # noqa: PLC0415 - wrong usage is told without loading HTTP

        snapshot = read(url, console=console, patience_s=patience, full=full)
        if name == "txt" and (lf or destination.is_terminal):
            document = render_txt(snapshot, language=lang, newline="\n", bom=False)
        else:
            document = FORMATS[name].render(snapshot, language=lang)
        destination.write(document)
        if isinstance(destination, OutputFile):
            console.mention(WRITTEN, file=destination.name)
        for entry in missing(snapshot.coverage):
            console.say_line(_unread(entry, snapshot, lang))
    raise typer.Exit(exit_code_of(snapshot.coverage))


def format_of(file: str | None) -> str:
    """The format a file's name ends with; text where it ends with none."""
    ending = PurePath(file or "").suffix.removeprefix(".").lower()
    return next((name for name, form in FORMATS.items() if form.extension == ending), "txt")


def exit_code_of(coverage: Iterable[Coverage]) -> int:
    """0 when every kind is complete or not available on the portal, else 3."""
    return INCOMPLETE if missing(coverage) else COMPLETE


def _unread(entry: Coverage, snapshot: Snapshot, language: Language) -> str:
    """The kind that is missing, how much of it, why, and what to do."""
    titles = {entity.key: entity_title(entity, language) for entity in snapshot.entity_types}
    title = entry.entity_type and titles.get(entry.entity_type, entity_key_title(entry.entity_type, language))
    sentence = f"{kind_word(entry.kind, title, language)} — {state_word(entry.state, language)}."
    return f"{sentence} {reason_sentence(entry.reason, language)}" if entry.reason else sentence
