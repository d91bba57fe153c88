"""Python imports this when it starts: the clock of its process is wrong by CLOCK_AHEAD_S seconds."""

import os
from datetime import UTC, datetime, timedelta

import time_machine

ahead = timedelta(seconds=float(os.environ["CLOCK_AHEAD_S"]))
time_machine.travel(datetime.now(UTC) + ahead, tick=True).start()
