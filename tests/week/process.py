"""A worker process of a simulated week: it takes work as services.sync_worker.next_job does, by the same shares."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from uuid import UUID

from services.sync_worker.worker import Worker
from shared.db import inbox, jobs
from shared.db.inbox import Waiting
from shared.db.jobs import ClaimedJob
from shared.domain.schedule import Lane

# The verdict on an event, ``None`` while the authorization server is away.
Verify = Callable[[Worker, Waiting], str | None]


@dataclass
class Process:
    """``in_hand``: the reads under way, each with what it holds until its end.

    ``owes``: it holds a job it does not work on any more. What a process works on ends with it.
    """

    worker: Worker
    verify: Verify
    in_hand: dict[UUID, ExitStack] = field(default_factory=dict)
    is_alone: bool = False
    is_alive: bool = True
    owes: bool = False

    @property
    def is_free(self) -> bool:
        return self.is_alive and not self.is_alone and len(self.in_hand) < self.worker.slots

    def take(self, urgent: int | None, unverified: int) -> ClaimedJob | int | None:
        """The most urgent read this process may take, or of how many waiting events it knows the verdict now.

        ``urgent``: the lane of the most urgent due job, so that nothing before it has to be claimed in vain.
        """
        occupancy, slots = self.worker.occupancy, self.worker.slots
        with ExitStack() as held:
            held.enter_context(occupancy.slot())
            if urgent is not None and urgent <= Lane.INSTALL and (job := self._claim(held, Lane.INSTALL)):
                return job
            if unverified and (settled := self._settle_event()) is not None:
                return settled
            if urgent is None:
                return None
            return (
                (urgent <= Lane.EVENT and self._claim(held, Lane.EVENT))
                or self._claim(held, Lane.SLOW, occupancy.routine(slots))
                or self._claim(held, Lane.SLOW, occupancy.alone(), alone=True)
            )

    def let_go(self, job: ClaimedJob) -> None:
        """The job is over, and another one may take its slot."""
        self.in_hand.pop(job.id).close()
        self.is_alone = False

    def end(self) -> None:
        """It works on nothing any more, and will not."""
        self.is_alive = False
        for held in self.in_hand.values():
            held.close()
        self.worker.db.close()
        self.worker.celery.close()

    def _claim(
        self,
        held: ExitStack,
        least: Lane,
        share: AbstractContextManager[bool] | None = None,
        *,
        alone: bool = False,
    ) -> ClaimedJob | None:
        """The job, and in hand what is held until its end."""
        worker = self.worker
        with ExitStack() as also_held:
            if not also_held.enter_context(share or nullcontext(enter_result=True)):
                return None
            with worker.db.session() as session:
                job = jobs.claim(
                    session,
                    owner=worker.name,
                    least=least,
                    alone=alone,
                    lease=worker.lease,
                    slots=worker.slots,
                )
            if job is None:
                return None
            also_held.enter_context(worker.occupancy.working_on(job.id))
            held.push(also_held.pop_all())
        self.in_hand[job.id], self.is_alone = held.pop_all(), alone
        return job

    def _settle_event(self) -> int | None:
        """Of how many events the verdict is known now; ``None`` if none may be asked about. That takes no time here."""
        worker = self.worker
        with worker.occupancy.verification(worker.slots) as granted:
            if not granted:
                return None
            with worker.db.session() as session:
                waiting = inbox.claim(session, worker.db.keyring, lease=worker.lease)
            if waiting is None:
                return None
            verdict = self.verify(worker, waiting)
            with worker.db.session() as session:
                if verdict is None:
                    inbox.put_off(session, waiting, after=inbox.PROBE_EVERY, unanswered=True)
                    return 0
                inbox.settle(session, waiting, verdict)
            return len(waiting.ids)
