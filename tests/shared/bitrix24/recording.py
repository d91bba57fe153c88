"""A portal that answers without a network: its first batch recorded once, anything further asked for directly."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.bitrix24.body import batch_answers
from shared.bitrix24.commands import BATCH_SIZE, Answer, Command, Key
from shared.bitrix24.expected import Expected
from shared.bitrix24.read_portal import first_commands, next_commands, snapshot_of
from shared.domain.snapshot import Snapshot
from tests.builders import READ_AT
from tests.shared.bitrix24.reading import an_access
from tools.simulator import ledger
from tools.simulator.batch import batch
from tools.simulator.calling import Call
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.executing import execute
from tools.simulator.field_making import add_field
from tools.simulator.portal import SimulatedPortal

Answered = dict[Key, Answer]
Spoil = Callable[[Answered], Answered]

#: No read of this portal takes longer, however its answers are spoiled.
MOST_ROUNDS = 12


def a_portal_with_second_pages() -> SimulatedPortal:
    """The showcase with more people, departments and fields of a smart process than one page holds."""
    portal = SimulatedCloud([PortalSpec("romashka", "showcase")]).portal("romashka")
    for number in range(100, 160):
        portal.crm.users.append(ledger.User(number, "Имя", f"Фамилия {number}", departments=[1]))
        portal.crm.departments.append(ledger.Department(number, f"Отдел {number}", parent_id=1))
    for number in range(60):
        add_field(portal.crm, "CRM_162", "string", f"Поле {number}")
    return portal


class Recording:
    """What the portal answers to its administrator, who asks first for what is ``expected`` of it."""

    def __init__(self, portal: SimulatedPortal, expected: Expected | None = None) -> None:
        user_id, code = portal.webhook_url.rstrip("/").split("/")[-2:]
        caller = portal.callers.by_webhook(user_id, code)
        if caller is None:
            raise LookupError(code)
        self._portal, self._caller = portal, caller
        self.truth = portal.truth()
        self.first = self.ask(first_commands("ru", expected))

    def ask(self, commands: Sequence[Command]) -> Answered:
        """The answers of all commands, batch by batch."""
        answers: Answered = {}
        for start in range(0, len(commands), BATCH_SIZE):
            asked = list(commands[start : start + BATCH_SIZE])
            call = {"cmd": {command.key.text: command.text for command in asked}}
            found = batch(Call(self._portal, self._caller, "batch", call), execute)
            answers |= batch_answers(found.result, asked)
        return answers

    def read(self, spoil: Spoil, *, lasting: bool) -> Snapshot:
        """The snapshot when the first answers are spoiled, and the further ones too if it is ``lasting``."""
        answers = spoil(self.first)
        for _ in range(MOST_ROUNDS):
            wanted = next_commands(answers, "ru")
            if not wanted:
                return snapshot_of(answers, an_access(), language="ru", read_at=READ_AT)
            further = self.ask(wanted)
            answers |= spoil(further) if lasting else further
        raise AssertionError(f"never done, still wanted: {[command.key for command in wanted]}")
