"""How a command speaks to the person who runs it: sentences and progress on standard error."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator

from shared.wording.language import Language
from shared.wording.sentences import cleaned, say
from shared.wording.visible import visible
from tools.cli.sentences import CONNECTING, READING

Report = Callable[[int, int, str], None]

# The code after the user's id in a webhook's URL. URLs in our own sentences have the word "code" in its place.
_WEBHOOK_CODE = re.compile(r"(\brest/[^/\s]*/)(?!(?:code|код)\b)([^/\s?#'\"]+)", re.IGNORECASE)
# Shorter codes are not real, and hiding them would hide ordinary words.
_SHORTEST_SECRET = 8


class Console:
    """Standard error in one language. It hides webhook codes and makes control characters visible."""

    def __init__(self, language: Language, *, quiet: bool = False) -> None:
        self.language = language
        self._quiet = quiet
        self._secrets: set[str] = set()

    def keep_secret(self, url: str) -> None:
        """From now on the webhook code in ``url`` is hidden in everything shown."""
        codes = {code for _before, code in _WEBHOOK_CODE.findall(url)}
        self._secrets |= {code for code in codes if len(code) >= _SHORTEST_SECRET}

    def say(self, sentence: str, **facts: str) -> None:
        """One line on standard error."""
        self.say_line(self._spoken(sentence, **facts))

    def mention(self, sentence: str, **facts: str) -> None:
        """One line on standard error that a quiet console leaves out."""
        if not self._quiet:
            self.say(sentence, **facts)

    def say_line(self, text: str) -> None:
        """A finished sentence on standard error. Nothing happens when standard error is closed."""
        safe = visible(self.without_codes(text))
        if sys.stderr is not None:
            with contextlib.suppress(OSError, ValueError):
                print(safe, file=sys.stderr, flush=True)

    def without_codes(self, text: str) -> str:
        """The text with every webhook code in it replaced by ``…``."""
        text = _WEBHOOK_CODE.sub(r"\1…", text)
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text

    @contextlib.contextmanager
    def progress(self, host: str) -> Iterator[Report]:
        """Shows reports (done, planned, kinds): one moving line on a terminal, one line per report in a pipe."""

        def report_line(done: int, planned: int, kinds: str) -> str:
            return self._spoken(READING, host=host, done=str(done), planned=str(planned), kinds=kinds)

        if self._quiet:
            yield lambda _done, _planned, _kinds: None
        elif sys.stderr is not None and sys.stderr.isatty():
            with _moving_line(self._spoken(CONNECTING, host=host)) as show:
                yield lambda done, planned, kinds: show(report_line(done, planned, kinds))
        else:
            yield lambda done, planned, kinds: self.say_line(report_line(done, planned, kinds))

    def _spoken(self, sentence: str, **facts: str) -> str:
        return say(sentence, self.language, **cleaned(facts))


@contextlib.contextmanager
def _moving_line(text: str) -> Iterator[Callable[[str], None]]:
    """One line with a spinner. The function it gives replaces the text; at the end the line disappears."""
    # Slow to import, so imported only for a terminal.
    from rich.console import Console as Terminal  # noqa: PLC0415
    from rich.progress import Progress, SpinnerColumn, TextColumn  # noqa: PLC0415
    from rich.table import Column  # noqa: PLC0415

    one_line = Column(no_wrap=True, overflow="ellipsis")
    words = TextColumn("{task.description}", markup=False, table_column=one_line)
    with Progress(SpinnerColumn(), words, console=Terminal(stderr=True), transient=True) as progress:
        line = progress.add_task(text)
        yield lambda description: progress.update(line, description=description)
