"""Worker processes of a simulated week: their queue, shares and leases are the real ones, only their reads are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
from pydantic import SecretStr

from services.sync_worker.app import create_worker
from services.sync_worker.dispatching import tick
from services.sync_worker.heartbeat import beat
from services.sync_worker.worker import Hourly, Worker
from shared.db import jobs, portal_states, recording
from shared.db.jobs import ClaimedJob, LeaseLost
from shared.db.portal_states import Schedule
from shared.domain.schedule import READ_AGAIN_AFTER, Lane
from shared.settings import Settings
from tests.builders import a_snapshot
from tests.week.figures import Figures
from tests.week.process import Process, Verify
from tests.week.timeline import Timeline
from tests.week.world import Answer, Portal, World

KEY = "a key of the simulation"
TICK_S = 3.0
_HEARTBEAT_S = 15.0
_RESTARTS_AFTER_S = 10.0
_PURGE_EVERY = 500
# Asked so often that it has to be quick, on a connection of its own.
_NEXT_DUE = (
    "select least((select min(next_read_at) from portal where state <> 'removed'),"
    " (select min(run_after) from job where state = 'queued'),"
    " (select min(try_after) from inbox where verdict = 'new'))"
)
_BEATEN = "update attempt set window_at = %s where bucket = 'last heartbeat'"
_MOST_URGENT = "select min(lane) from job where state = 'queued' and run_after <= %s"


class Workers:
    """All processes and the bells they hear. Nothing happens but on the timeline."""

    def __init__(
        self,
        timeline: Timeline,
        world: World,
        figures: Figures,
        url: str,
        *,
        processes: int,
        verify: Verify,
    ) -> None:
        self.timeline, self.world, self.figures = timeline, world, figures
        self._planning = psycopg.connect(url, autocommit=True)
        self._verify = verify
        self._settings = Settings(
            database_url=SecretStr(url), broker_url=SecretStr("memory://"), secret_keys=SecretStr(KEY)
        )
        self.processes = [self._started() for _ in range(processes)]
        self._bells = 0
        self._next_tick: datetime | None = None
        # When the leases of the worker that died last are over.
        self._lost_at: datetime | None = None
        # No process has beaten since the database was away, nor ever before.
        self._was_away = True
        timeline.every(_HEARTBEAT_S, self._beat)

    @property
    def slots(self) -> int:
        return sum(process.worker.slots for process in self.processes)

    def close(self) -> None:
        for process in self.processes:
            process.end()
        self._planning.close()

    def ring(self, bells: int = 1) -> None:
        """Bells are heard at once by whoever is free, unless the broker is away: then they are lost."""
        if not self.world.is_up("broker", self.timeline.now):
            return
        self._bells += bells
        while self._bells and (process := next((each for each in self.processes if each.is_free), None)):
            self._bells -= 1
            if self.world.is_up("database", self.timeline.now):
                self._take(process)

    def look(self, *, ring: bool = True) -> None:
        """The bell is rung if something is due, and there will be a tick for what is due later."""
        due = self._next_due()
        if ring and due is not None and due <= self.timeline.now:
            self.ring()
        if due is not None:
            self._plan_tick(due)

    def _next_due(self) -> datetime | None:
        ((found,),) = self._planning.execute(_NEXT_DUE).fetchall()
        return found if isinstance(found, datetime) else None

    def _plan_tick(self, moment: datetime) -> None:
        """Beat ticks all the time. Ticks that would find nothing to do are left out."""
        passed = (max(moment, self.timeline.now) - self.timeline.begin).total_seconds()
        planned = self.timeline.begin + timedelta(seconds=TICK_S * (passed // TICK_S + 1))
        if self._next_tick is None or planned < self._next_tick:
            self._next_tick = planned
            self.timeline.at(planned, self._tick)

    def kill(self, process: Process) -> None:
        """It is gone with everything in its hands, and another one starts soon."""
        self.figures.deaths += 1
        process.end()

        def restart() -> None:
            self.processes[self.processes.index(process)] = self._started()

        self._lost_at = self.timeline.now + process.worker.lease
        self._plan_tick(self._lost_at)
        self.timeline.after(_RESTARTS_AFTER_S, restart)

    def _started(self) -> Process:
        worker = create_worker(self._settings)
        self.timeline.rule(worker.db)
        return Process(replace(worker, cleaning=Hourly(self.timeline.seconds)), self._verify)

    def _tick(self) -> None:
        now = self.timeline.now
        if self._next_tick != now:
            return
        self._next_tick = None
        process = next((process for process in self.processes if process.is_alive), None)
        if (back_at := self.world.away_until(("broker", "database"), now)) is not None or process is None:
            self._plan_tick(back_at or now)
            return
        due = self._next_due()
        if self._lost_at is None or self._lost_at > now:
            if due is None or due > now:
                self.look()
                return
        else:
            self._lost_at = None
        self.figures.ticks += 1
        bells = tick(process.worker)
        if self.figures.ticks % _PURGE_EVERY == 0:
            # Nobody hears these: the ones below are rung in their place.
            process.worker.celery.control.purge()
        self.ring(bells)
        self.look(ring=False)

    def _beat(self) -> None:
        """Beats that would find nothing to do are left out, and to whoever looks for the last one they came."""
        if not self.world.is_up("database", self.timeline.now):
            self._was_away = True
            return
        for process in self.processes:
            if process.is_alive and (process.in_hand or process.owes or self._was_away):
                if not self._was_away:
                    self._planning.execute(_BEATEN, [self.timeline.now])
                process.owes = not beat(process.worker)
                self._was_away = False

    def _take(self, process: Process) -> None:
        ((urgent,),) = self._planning.execute(_MOST_URGENT, [self.timeline.now]).fetchall()
        match process.take(urgent, self.world.unverified):
            case ClaimedJob() as job:
                self._begin(process, job)
            case int(settled):
                self.world.unverified -= settled
                self.ring()

    def _begin(self, process: Process, job: ClaimedJob) -> None:
        portal, began = self.world.by_id[job.portal_id], self.timeline.now
        answer = self.world.answer(portal, began)
        self.figures.began(began, self.timeline.begin)
        self.figures.most_busy = max(
            self.figures.most_busy, sum(len(each.in_hand) for each in self.processes)
        )
        if portal.asked_at is not None:
            self.figures.waits_to_begin.append((began - portal.asked_at).total_seconds())
            portal.asked_at = None

        def end() -> None:
            if process.is_alive:
                self.figures.busy_s += answer.seconds
                process.let_go(job)
                self._end(process, job, portal, answer)

        self.timeline.after(answer.seconds, end)

    # -- what services.sync_worker.syncing does with an answer

    def _end(self, process: Process, job: ClaimedJob, portal: Portal, answer: Answer) -> None:
        if not self.world.is_up("database", self.timeline.now):
            # The next heartbeat with a database releases the job.
            self.figures.reads["interrupted"] += 1
            process.owes = True
            return
        try:
            self._write(process.worker, job, portal, answer)
        except LeaseLost:
            self.figures.leases_lost += 1
            return
        if portal.pressed_at is not None:
            self.figures.waits_to_end.append((self.timeline.now - portal.pressed_at).total_seconds())
            portal.pressed_at = None
        self.look()

    def _write(self, worker: Worker, job: ClaimedJob, portal: Portal, answer: Answer) -> None:
        now = self.timeline.now
        with worker.db.session() as session:
            if answer.error is not None:
                self.figures.reads[answer.error.code] += 1
                portal_states.read_failed(session, job.portal_id, answer.error, started_at=job.started_at)
                jobs.finish(session, job, error=answer.error.code)
                return
            jobs.check_lease(session, job)
            snapshot = answer.snapshot or a_snapshot(read_at=job.started_at)
            doubt = (
                answer.snapshot is not None
                and recording.record(session, job.portal_id, answer.snapshot).is_in_doubt
            )
            schedule = Schedule(job.started_at, timedelta(0), worker.sync_every, self.world.dice.random())
            portal_states.read_succeeded(session, job.portal_id, snapshot, {}, schedule)
            jobs.finish(session, job)
            if doubt:
                jobs.request_job(session, job.portal_id, lane=Lane.EVENT, after=READ_AGAIN_AFTER)
        self.figures.reads["done"] += 1
        if portal.read_at is None and portal.installed_at is not None:
            self.figures.installs.append((now - portal.installed_at).total_seconds())
        portal.read_at = job.started_at
        self.figures.versions += any(at <= job.started_at for at, _ in portal.unseen)
        for changed_at, with_event in portal.unseen:
            if changed_at <= job.started_at:
                lag = (now - changed_at).total_seconds()
                self.figures.lags["event" if with_event else "no event"].append(lag)
        portal.unseen = [change for change in portal.unseen if change[0] > job.started_at]
