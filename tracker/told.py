"""A run as MLflow's scripts read it: `run.info.run_id`, `run.data.params`. It tells what this process said of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RunInfo:
    """Names and times (ms since 1970). `artifact_uri` is the address below which its files are."""

    run_id: str
    run_name: str
    experiment_name: str
    status: str
    start_time: int
    end_time: int | None
    artifact_uri: str
    lifecycle_stage: str = "active"


@dataclass(frozen=True)
class RunData:
    """What was logged here: params and tags as texts, the last value of each metric."""

    params: dict[str, str]
    tags: dict[str, str]
    metrics: dict[str, float]
