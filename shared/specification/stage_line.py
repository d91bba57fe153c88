"""A pipeline drawn as a line of stages, the way its kanban board shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from shared.domain.snapshot import Meaning, Stage
from shared.specification.columns import clip
from shared.wording.kinds import NAMELESS
from shared.wording.language import Language
from shared.wording.sentences import say
from shared.wording.visible import visible

BOX_WIDTH, BOX_HEIGHT, TIP, GAP = 118, 34, 10, 4
IN_A_ROW = 6
NAME_COLUMNS = 14
GREY = "#c8ccd2"

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
# Perceived brightness above which dark letters read better than light ones (W3C, relative luminance, simplified).
_BRIGHT = 140


def stage_line(stages: Sequence[Stage], language: Language) -> str:
    """An SVG with one arrow for each stage, in its colour; success and failure are marked by a sign too."""
    rows = -(-len(stages) // IN_A_ROW)
    width = min(len(stages), IN_A_ROW) * (BOX_WIDTH + GAP) + TIP
    height = rows * (BOX_HEIGHT + GAP)
    label = escape(" → ".join(visible(stage.name or say(NAMELESS, language)) for stage in stages), quote=True)
    arrows = "".join(_arrow(place, stage, language) for place, stage in enumerate(stages))
    return (
        f'<svg class="line" role="img" aria-label="{label}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{arrows}</svg>'
    )


def _arrow(place: int, stage: Stage, language: Language) -> str:
    row, column = divmod(place, IN_A_ROW)
    left, top = column * (BOX_WIDTH + GAP), row * (BOX_HEIGHT + GAP)
    right, bottom, middle = left + BOX_WIDTH, top + BOX_HEIGHT, top + BOX_HEIGHT // 2
    upper = f"{left},{top} {right},{top} {right + TIP},{middle}"
    lower = f"{right},{bottom} {left},{bottom} {left + TIP},{middle}"
    color = stage.color if stage.color and _COLOR.fullmatch(stage.color) else GREY
    signs = {Meaning.SUCCESS: "✓ ", Meaning.FAILURE: "✗ ", Meaning.APOLOGY: "✗ "}
    name = visible(stage.name or say(NAMELESS, language))
    short = escape(signs.get(stage.meaning, "") + clip(name, NAME_COLUMNS))
    code = escape(visible(stage.status_id))
    letters = "#1b1f24" if _brightness(color) > _BRIGHT else "#ffffff"
    return (
        f'<g><title>{escape(name)} ({code})</title><polygon points="{upper} {lower}" fill="{color}"/>'
        f'<text x="{left + TIP + 6}" y="{middle + 4}" fill="{letters}">{short}</text></g>'
    )


def _brightness(color: str) -> float:
    red, green, blue = (int(color[n : n + 2], 16) for n in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue
