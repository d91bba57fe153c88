"""What the guides and the READMEs say to type, set and follow is there. Files and make targets: test_documents.py."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from shared.settings import PREFIX, Settings
from tests.deploy.compose import compose
from tests.test_documents import DOCUMENTS, ROOT, code_lines
from tests.test_readme_commands import OPTION, all_commands, help_of

GUIDES = [
    ROOT / "docs" / f"{name}.md"
    for name in ("architecture", "connect-a-portal", "glossary", "operate", "security")
]
# Variables that are no settings: of the tests, and for whoever looks for a fault of ours.
OTHERS = {f"{PREFIX}DEBUG", f"{PREFIX}SCREENSHOTS"}
PROSE = re.compile(r"```.*?```", re.DOTALL)
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def each_document() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)


@cache
def anchors(document: Path) -> set[str]:
    """The anchors GitHub gives the headings of a document."""
    headings = HEADING.findall(PROSE.sub("", document.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_document()
def test_every_anchor_a_document_links_to_is_a_heading(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", document.read_text())
    assert [
        f"{file}#{anchor}"
        for file, anchor in links
        if anchor not in anchors((document.parent / file).resolve() if file else document)
    ] == []


CALL = re.compile(
    r"(?:^(?:[A-Z0-9_]+=\S+ )*(?:\.venv/bin/)?crmap|docker compose run --rm (?:-T )?operator) ([a-z][^|<>#]*)"
)


def calls(document: Path) -> list[str]:
    """What stands after ``crmap``, or after the service in which it is the command, in each line of code."""
    return [found[1].strip() for line in code_lines(document) if (found := CALL.match(line))]


@each_document()
def test_every_command_a_document_names_exists_with_its_options(document: Path) -> None:
    commands = all_commands()
    wrong = []
    for call in calls(document):
        command = next((name for name in commands if f"{call} ".startswith(f"{name} ")), None)
        if command is None:
            wrong.append(call)
        else:
            known = set(OPTION.findall(help_of(*command.split())))
            wrong += [f"{call}: {option}" for option in OPTION.findall(call) if option not in known]
    assert wrong == []


@each_document()
def test_every_setting_a_document_names_exists(document: Path) -> None:
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(rf"\b{PREFIX}[A-Z0-9_]*[A-Z0-9]\b", document.read_text()))
    assert {name for name in named - settings - OTHERS if not name.startswith(f"{PREFIX}TEST_")} == set()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_service_a_guide_names_to_compose_exists(guide: Path) -> None:
    services = set(compose()["services"])
    lines = [line for line in code_lines(guide) if line.startswith("docker compose ")]
    named = {
        word
        for line in lines
        if (asked := re.match(r"docker compose (?:exec|logs|run|stop|up)\b(.*)", line))
        for word in re.sub(r"\b(operator|postgres) .*", r"\1", asked[1]).split()
        if re.fullmatch(r"[a-z_]+", word)
    }
    assert named - services == set()


def test_the_guide_to_operating_names_every_secret_and_every_service() -> None:
    said = set(code_lines(ROOT / "docs" / "operate.md"))
    assert {Path(secret["file"]).name for secret in compose()["secrets"].values()} - said == set()
    assert set(compose()["services"]) - said == set()
