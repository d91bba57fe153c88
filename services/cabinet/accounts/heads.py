"""The head of every page of one account: its state, when and by whom it was read, and links to its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import Response
from sqlmodel import Session

from services.cabinet.base.rendering import Page
from services.cabinet.base.visit import Visit
from services.cabinet.base.words import Words
from services.cabinet.contents.account_lines import AccountLine, account_line
from services.cabinet.contents.one_account import account_or_404
from services.cabinet.contents.reading import Contents, contents
from services.cabinet.contents.tabs import TABS
from shared.db.accounts import Account
from shared.domain.coverage import item_counts
from shared.domain.refusals import NotFound
from shared.domain.snapshot import Reader
from shared.specification.formats import FORMATS
from shared.specification.words import Word
from shared.wording.sentences import N_, say

OVERVIEW, CHANGES = "", "changes"


@dataclass(frozen=True, slots=True)
class TabLink:
    """A page of the account. ``count`` is the number of items on it, ``None`` where they are not counted."""

    title: str
    address: str
    count: int | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class Download:
    """The specification in one format."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class AccountHead:
    """The account and the version of it that is shown.

    ``address`` begins the addresses of its pages. ``suffix`` keeps links in a past version (``is_past``). ``reader``
    names the user whose rights it was read with.
    """

    account: AccountLine
    tabs: tuple[TabLink, ...]
    downloads: tuple[Download, ...]
    number: int
    is_past: bool
    address: str
    suffix: str
    age: str
    moment: str
    reader: str
    may_write: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadPage(Page):
    """The page shown for an account that was never read."""

    template: ClassVar[str] = "accounts/unread.html"

    account: AccountLine
    may_write: bool


def account_and_contents(
    session: Session, visit: Visit, account_id: UUID, version: int | None
) -> tuple[Account, Contents | None]:
    """The account and what it contained in this version, or contains now; ``None`` if it was never read.

    Raises NotFound for an account that is not the cabinet's own and for a version that never was.
    """
    account = account_or_404(session, visit.service, visit.member, account_id)
    content = contents(session, account.portal_id, number=version)
    if content is None and version is not None:
        raise NotFound
    return account, content


def account_head(
    visit: Visit, account: Account, content: Contents, *, tab: str, version: int | None
) -> AccountHead:
    """The head of this tab of the account."""
    words = visit.words
    address = f"/accounts/{account.id}"
    suffix = "" if version is None else f"?version={version}"
    return AccountHead(
        account=account_line(account, words),
        tabs=tuple(_tabs(address, suffix, content, words, tab)),
        downloads=tuple(Download(name.upper(), _download(address, name, words, version)) for name in FORMATS),
        number=content.number,
        is_past=version is not None,
        address=address,
        suffix=suffix,
        age=words.age(content.read_at),
        moment=words.moment(content.read_at),
        reader=reader_phrase(content.reader, words),
        may_write=visit.member.may_write,
    )


def unread(visit: Visit, account: Account) -> Response:
    """The page shown instead of any other until the account is read."""
    return visit.show(
        UnreadPage(
            layout=visit.layout("accounts"),
            account=account_line(account, visit.words),
            may_write=visit.member.may_write,
        )
    )


def tab_shown(
    visit: Visit,
    account_id: UUID,
    tab: str,
    version: int | None,
    page: Callable[[Session, Account, Contents, AccountHead], Page],
) -> Response:
    """The page of this tab, built while the session is open; ``UnreadPage`` if the account was never read."""
    with visit.session() as session:
        account, content = account_and_contents(session, visit, account_id, version)
        if content is None:
            return unread(visit, account)
        head = account_head(visit, account, content, tab=tab, version=version)
        built = page(session, account, content, head)
    return visit.show(built)


def reader_phrase(reader: Reader, words: Words) -> str:
    """Whose rights a version was read with, and whether he is an administrator."""
    language = words.language
    if reader.id is None:
        phrase = say(Word.READER_UNKNOWN, language)
    elif reader.name:
        phrase = say(Word.READER, language, name=reader.name, id=reader.id)
    else:
        phrase = say(Word.READER_NAMELESS, language, id=reader.id)
    return f"{phrase}, {say(Word.ADMIN if reader.admin else Word.NOT_ADMIN, language)}"


def _tabs(address: str, suffix: str, contents: Contents, words: Words, current: str) -> Iterator[TabLink]:
    """The tabs of the account; some exist only where it is read in full."""
    counts = item_counts(contents.coverage)
    yield TabLink(words.gettext(N_("Overview")), f"{address}{suffix}", None, current == OVERVIEW)
    for tab in TABS:
        if not tab.is_of_full_reads or contents.has(tab.kind):
            count = counts[tab.kind] if tab.is_counted else None
            yield TabLink(
                words.gettext(tab.title), f"{address}/{tab.name}{suffix}", count, current == tab.name
            )
    yield TabLink(words.gettext(N_("Changes")), f"{address}/{CHANGES}{suffix}", None, current == CHANGES)


def _download(address: str, name: str, words: Words, version: int | None) -> str:
    version_parameter = "" if version is None else f"&version={version}"
    return f"{address}/specification?format={name}&lang={words.language}{version_parameter}"
