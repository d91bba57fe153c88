"""A command of a batch and the answer to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, TypeVarTuple

from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.php import Params, php_query

Made = TypeVar("Made")
More = TypeVarTuple("More")

# "50 commands in one batch": Bitrix24 REST documentation, batch.
BATCH_SIZE = 50


@dataclass(frozen=True, slots=True)
class Key:
    """What a command asks for. Its answer has the same key.

    ``owner`` is the entity type, directory or field whose list this is, ``language`` the language of the labels,
    ``offset`` the row a page begins with. ``again`` marks the second reading of a list.
    """

    list: str
    owner: str | int | None = None
    language: str | None = None
    offset: int = 0
    again: bool = False

    @property
    def text(self) -> str:
        """The key as it stands in a batch, such as ``fields_from50_in_ru_of_2``; no two keys have the same text.

        It starts with a letter: PHP turns numeric keys into a list, and then a failed command cannot be identified.
        The owner comes last, because portals choose the names of some owners.
        """
        text = f"{self.list}_again" if self.again else self.list
        if self.offset:
            text += f"_from{self.offset}"
        if self.language is not None:
            text += f"_in_{self.language}"
        return text if self.owner is None else f"{text}_of_{self.owner}"


@dataclass(frozen=True, slots=True)
class Command:
    """A method with parameters, and the key of what it asks for."""

    key: Key
    method: str
    params: Params = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The command as it stands in a batch: ``crm.status.list?filter%5BENTITY_ID%5D=SOURCE``."""
        query = php_query(self.params)
        return f"{self.method}?{query}" if query else self.method


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one command: either ``value`` (with ``total`` and ``next`` of a list), or ``error``."""

    method: str
    value: Any = None
    total: int | None = None
    next: int | None = None
    error: PortalError | None = None
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        return hash((self.method, self.total))

    @property
    def ok(self) -> bool:
        """True when the portal executed the command, whatever it returned."""
        return self.error is None

    @property
    def may_succeed_later(self) -> bool:
        """True when the same command is likely to succeed later."""
        return self.error is not None and self.error.fault.may_pass

    @property
    def is_held_back(self) -> bool:
        """True for a command that was not sent because its method rests."""
        return self.error is not None and self.error.fault is Fault.RESTS

    def once(self, make: Callable[[Answer, *More], Made], *more: *More) -> Made:
        """The result of ``make(self, *more)``, computed once and then cached.

        Each round and the snapshot use all answers again, and translating a long list is most of their work.
        """
        key = (make, *more)
        if key not in self._made:
            self._made[key] = make(self, *more)
        made: Made = self._made[key]
        return made


Answers = Mapping[Key, Answer]
