"""What a comparison that is looked at has to be told: which of its runs logged, and whether others joined."""

from typing import Any

from runs.comparing.chosen import Chosen
from runs.comparing.state import State
from runs.models import Metric, RunStatus
from trackerweb.clock import now_ms

#: A run is told of again for so long after it was heard of: its clock of writing is older than its commit.
OVERLAP_MS = 10_000


def growth(state: State, since: str) -> dict[str, Any]:
    """The ids of the runs (`runs`), how many still log (`running`), and of those heard of `since` an earlier answer's
    `time` how many points each series has (`points`, by run and key); of all without it.
    """
    chosen = Chosen(state)
    now = now_ms()
    moment = int(since) - OVERLAP_MS if since.isascii() and since.isdigit() and len(since) < 16 else 0
    heard = {run.pk: run.run_id for run in chosen.runs if run.heartbeat_time >= moment}
    points: dict[str, dict[str, int]] = {}
    for run, key, count in Metric.objects.filter(run__in=list(heard)).values_list("run_id", "key", "count"):
        points.setdefault(heard[run], {})[key] = count
    return {
        "time": now,
        "running": sum(run.status == RunStatus.RUNNING and not run.is_stale for run in chosen.runs),
        "runs": [run.run_id for run in chosen.runs],
        "points": points,
    }
