"""Every job, one file each."""

from __future__ import annotations

from jobs.tasks import prune, refresh, stand_in
from jobs.tasks.base import Job

JOBS: tuple[Job, ...] = (*refresh.JOBS, stand_in.JOB, prune.JOB)
