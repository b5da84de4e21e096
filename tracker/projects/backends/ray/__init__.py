"""Runs a project's command as a job of a Ray cluster. docs/clusters.md tells what passes where."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from tracker.errors import InvalidValue, TrackerError
from tracker.notices import say, warn
from tracker.projects.backends import Job, Output, Place
from tracker.projects.backends.ray import cluster, options, shipping
from tracker.projects.backends.ray.cluster import Cluster
from tracker.projects.backends.ray.following import ENDS, RayHandle
from tracker.projects.backends.ray.options import Options
from tracker.projects.signals import let_through


class RayBackend:
    """The command is a job on a cluster, named by its run's id."""

    name = "ray"

    def submit(self, job: Job, output: Output) -> RayHandle:
        """Send the project's folder to the cluster and start the command there, or follow it if it already runs.

        Errors: MissingLibrary without Ray; InvalidValue for the options or an environment that Ray can't make;
        Unavailable when no cluster answers; TrackerError when it refuses the job.
        """
        chosen = options.read(job.options)
        entry_point = shipping.entry_point(job.command, job.project.folder)
        environment = shipping.runtime_env(job, chosen)
        with let_through():
            found = Cluster(chosen.address, chosen.lost_seconds)
            shipping.check_reach(job.variables, chosen, found.address)
            job_id = _sent(found, job.run_id, entry_point, environment, chosen)
        return RayHandle(found, job_id, output, lambda: job.tell(Place(shipping.kind(job))))

    def slots(self, said: Mapping[str, Any]) -> int | None:
        """How many jobs with these options the cluster holds at once, at least 1; None: as many as are sent.

        Errors: as of `submit`.
        """
        chosen = options.read(said)
        if not chosen.needs():
            return None
        found = Cluster(chosen.address, chosen.lost_seconds)
        return max(1, cluster.slots(found.nodes(), chosen.needs()) or 0)


def _sent(found: Cluster, run_id: str, entry_point: str, environment: dict[str, Any], chosen: Options) -> str:
    """The name of the run's job, which runs there, or was sent now."""
    job_id, is_running = _name(found, run_id, entry_point)
    if is_running:
        say(f"the job {job_id} already runs on Ray at {found.address}: it is followed, from its log's beginning")
        return job_id
    try:
        _start(found, job_id, entry_point, environment, chosen)
    except KeyboardInterrupt:
        # Ray may have taken it already.
        with suppress(TrackerError):
            found.stop(job_id)
        raise
    return job_id


def _name(found: Cluster, run_id: str, entry_point: str) -> tuple[str, bool]:
    """The name of the run's job, and whether it runs already. Ray gives a name once, so a second job gets a number.

    Errors: InvalidValue when the run's job still runs another command.
    """
    number, name = 1, run_id
    while (details := found.details(name)) is not None:
        if details.status.value not in ENDS:
            if details.entrypoint != entry_point:
                raise InvalidValue(
                    f"The job {name} of this run still runs another command. End it: ray job stop {name}."
                )
            return name, True
        number += 1
        name = f"{run_id}-{number}"
    return name, False


def _start(found: Cluster, job_id: str, entry_point: str, environment: dict[str, Any], chosen: Options) -> None:
    if cluster.slots(found.nodes(), chosen.needs()) == 0:
        warn(f"no node of {found.address} has {chosen.needs()}: the job waits until one comes")
    if folder := environment.get("working_dir"):
        say(f"{folder} goes to Ray at {found.address}, without what its .gitignore and .rayignore name")
    for tool in ("pip", "uv", "conda"):
        if tool in environment:
            say(f"Ray will install there by {tool}: {environment[tool]}")
    found.submit(
        job_id, uuid.uuid4().hex, entry_point,
        runtime_env=environment,
        entrypoint_num_cpus=chosen.num_cpus,
        entrypoint_num_gpus=chosen.num_gpus,
        entrypoint_memory=int(chosen.memory) or None,
        entrypoint_resources=dict(chosen.resources) or None,
    )  # fmt: skip
    say(f"the job {job_id} was sent to Ray at {found.address}")
