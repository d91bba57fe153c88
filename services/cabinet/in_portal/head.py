"""The head above a portal's data: their age, whose rights they were read with, problems and the read under way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlmodel import Session

from services.cabinet.base.words import Words
from services.cabinet.contents.reading import Contents
from services.cabinet.contents.receipt import ReceiptLine, receipts
from services.cabinet.in_portal.visit import FrameVisit
from shared.db import handlers, refreshing, visits
from shared.db.links import masked
from shared.db.refreshing import Progress
from shared.domain.coverage import Kind
from shared.domain.errors import ClientRefused
from shared.domain.portal import PortalState
from shared.domain.snapshot import Reader, User
from shared.wording.errors import code_sentence, lasts
from shared.wording.events import events_phrase, no_events_sentence
from shared.wording.kinds import NAMELESS, kind_word
from shared.wording.sentences import quoted
from shared.wording.visible import visible

# How many new connections are named; all are in the settings.
_MOST_LINKS = 3

Tone = Literal["problem", "warning", "notice"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to the visitor. ``tone`` is its CSS class."""

    tone: Tone
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A read that runs or waits: its step and its progress. ``planned`` is 0 until the number is known."""

    id: UUID
    is_queued: bool
    step: str
    done: int
    planned: int


@dataclass(frozen=True, slots=True)
class Head:
    """The portal and its data. ``age``, ``moment`` and ``reader`` are empty before the first read.

    ``events``: whether it sends events; ``no_events``: why not, empty where that is not known. ``unread`` are the
    receipts of kinds of which something could not be read.
    """

    domain: str
    age: str
    moment: str
    reader: str
    events: str
    no_events: str
    notices: tuple[Notice, ...]
    unread: tuple[ReceiptLine, ...]
    reading: Reading | None


def head(session: Session, visit: FrameVisit, content: Contents | None, watched: UUID | None) -> Head:
    """The head above the data, or above the sentence that there are none. ``watched``: the read to show first."""
    words = visit.words
    events = handlers.events_of(session, visit.portal.id)
    return Head(
        domain=visit.portal.domain,
        age=words.age(content.read_at) if content else "",
        moment=words.moment(content.read_at) if content else "",
        reader=_reader(content.reader, words) if content else "",
        events=events_phrase(events, words.language),
        no_events=no_events_sentence(events, words.language) or "",
        notices=(*_notices(visit, content), *_new_links(session, visit, content)),
        unread=tuple(line for line in receipts(content, words) if not line.is_whole) if content else (),
        reading=_under_way(session, visit, watched),
    )


def _under_way(session: Session, visit: FrameVisit, watched: UUID | None) -> Reading | None:
    """The watched read, else any read under way; ``None`` when neither runs or waits."""
    for refresh_id in (watched, refreshing.under_way(session, visit.who.portal_id)):
        progress = None if refresh_id is None else refreshing.progress(session, refresh_id)
        if refresh_id is not None and progress is not None and not progress.is_over:
            step = step_of(progress, visit.words)
            return Reading(refresh_id, progress.state == "queued", step, progress.done, progress.planned)
    return None


def step_of(progress: Progress, words: Words) -> str:
    """The kinds that are being read right now, as text."""
    kinds = set(Kind)
    return ", ".join(kind_word(Kind(kind), None, words.language) for kind in progress.kinds if kind in kinds)


def _reader(reader: Reader, words: Words) -> str:
    name = reader.name or words.gettext(NAMELESS)
    if reader.admin:
        return words.gettext("Shown by the rights of {name}, an administrator", name=name)
    return words.gettext("Shown by the rights of {name}, not an administrator", name=name)


def _notices(visit: FrameVisit, content: Contents | None) -> Iterator[Notice]:
    gettext, portal = visit.words.gettext, visit.portal
    has_data = (gettext("What was read before stays below with its age."),) if content else ()
    match portal.state:
        case PortalState.SUBSCRIPTION_ENDED:
            renew = code_sentence(portal.state, visit.words.language)
            yield Notice("problem", (renew, *has_data))
        case PortalState.ACCESS_LOST if portal.problem != ClientRefused.code:
            lost = gettext("CRMAP has lost its access to this portal.")
            mend = gettext("An administrator of the portal mends that by opening CRMAP here once.")
            yield Notice("problem", (lost, mend, *has_data))
        case _ if portal.problem:
            tone: Tone = "problem" if lasts(portal.problem) else "warning"
            yield Notice(tone, (visit.words.problem(portal.problem, portal.next_read_at), *has_data))
        case _:
            pass
    if content and not content.reader.admin:
        yield Notice(
            "warning",
            (
                gettext(
                    "The portal was read by somebody who is not an administrator, so some of it may be missing."
                ),
                gettext("Ask an administrator of the portal to open CRMAP here once."),
            ),
        )


def _new_links(session: Session, visit: FrameVisit, content: Contents | None) -> Iterator[Notice]:
    """What others have connected the portal to since an administrator was last here: one may have been deceived."""
    links = visits.new_links(session, visit.who.user_id) if visit.who.is_admin else []
    if not links:
        return
    gettext = visit.words.gettext
    people: tuple[User, ...] = content.items(Kind.USERS) if content else ()
    names = {user.id: user.name for user in people}
    sentences = [
        gettext(
            "New: the portal has been connected to the cabinet {title}[ of {owner}], {moment}, "
            "by the portal's user {who}.",
            title=quoted(masked(link.title), visit.words.language),
            owner=masked(link.owner),
            moment=visit.words.moment(link.linked_at),
            who=_named(names, link.linked_by),
        )
        for link in links[:_MOST_LINKS]
    ]
    advice = gettext("If that was not meant, disconnect it under “SETTINGS”; all cabinets are listed there.")
    yield Notice("warning", (*sentences, advice))


def _named(names: Mapping[int, str | None], user_id: int | None) -> str:
    name = names.get(user_id or 0)
    return f"{visible(name)} (id {user_id})" if name else f"id {user_id}"
