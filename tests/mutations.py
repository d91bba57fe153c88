"""Changes to the source that no test of it notices.

    python -m tests.mutations PATH [OPTION ...]

Mutates what is under ``PATH`` (``shared/domain``, ``shared/domain/retention.py``) in a copy of the tree, with mutmut,
and runs against each mutant the tests of it (``tests.finding``). Further options go to ``mutmut run``.
Prints the mutants that survived; ``mutmut show NAME`` in the copy shows one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.finding import paths_of_tests

ROOT = Path(__file__).parent.parent
COPY = ROOT / "build" / "mutations"
SOURCES = ("shared", "services", "tools")


def settings(path: str) -> str:
    """What mutmut has to know to mutate this file or folder and to run the tests of it."""
    sources = path if path.endswith(".py") else f"{path}/*"
    return f"""
[tool.mutmut]
source_paths = {list(SOURCES)}
only_mutate = ["{sources}"]
also_copy = ["bench", "deploy", "docs", "requirements", "README.md", "README.ru.md", "docker-compose.yml", "Makefile"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "no:randomly"]
pytest_add_cli_args_test_selection = {paths_of_tests(path)}
"""


def main() -> None:
    """Fails as mutmut does; survivors alone are no failure."""
    if len(sys.argv) == 1:
        sys.exit("Say what to mutate: make mutate ARGS=shared/domain")
    path, *options = sys.argv[1:]
    path = path.rstrip("/")
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)
    with (COPY / "pyproject.toml").open("a") as project:
        project.write(settings(path))
    mutmut = str(Path(sys.executable).with_name("mutmut"))
    ran = subprocess.run([mutmut, "run", *options], cwd=COPY, check=False, stdout=subprocess.PIPE, text=True)
    # It draws its progress over and over; the last word counts.
    counts = ran.stdout.rpartition("Running mutation testing")[2].replace("\r", "\n").splitlines()[-2:]
    sys.stdout.writelines(f"{line}\n" for line in counts)
    sys.stdout.flush()
    subprocess.run([mutmut, "results"], cwd=COPY, check=True)
    sys.exit(ran.returncode)


if __name__ == "__main__":
    main()
