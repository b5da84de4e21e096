"""Measures imports of mlruns folders: points a second and memory, beside MLflow's own migration of the same folder.

    python -m bench.importing

Prints a Markdown table. Runs of ten metrics with a thousand points each, ten params; and one run of one long metric.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mlflow.environment import CURRENT, python_of
from tests.server import ROOT

NOON = 1_795_521_600_000
PEER_RUNS = 20
SIZES = {"10,000 points, 1 run": (1, 10, 1_000), "1,000,000 points, 100 runs": (100, 10, 1_000)}
LONG = {"1,000,000 points, 1 metric": (1, 1, 1_000_000), "5,000,000 points, 1 metric": (1, 1, 5_000_000)}


def main() -> None:
    """Write folders, import them, print."""
    print("| folder | seconds | points a second | peak memory | again |\n| --- | --- | --- | --- | --- |")
    for name, (runs, keys, steps) in (SIZES | LONG).items():
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / "mlruns", runs, keys, steps)
            seconds, memory = ours(Path(folder))
            again, _ = ours(Path(folder))
            rate = runs * keys * steps / seconds
            print(f"| {name} | {seconds:.1f} | {rate:,.0f} | {memory / 1024:.0f} MiB | {again:.1f} s |")
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "mlruns", PEER_RUNS, 10, 1_000)
        peer, mine = theirs(Path(folder)), ours(Path(folder))[0]
    print(f"\n{PEER_RUNS * 10_000:,} points: {mine:.1f} s here, {peer:.1f} s by `mlflow migrate-filestore`, both whole")
    print(f"processes: {peer / mine:.1f} times.")


def write(root: Path, runs: int, keys: int, steps: int) -> None:
    """A store with one experiment."""
    experiment = root / "1"
    experiment.mkdir(parents=True)
    (experiment / "meta.yaml").write_text(
        f"artifact_location: {experiment.as_uri()}\ncreation_time: {NOON}\nexperiment_id: '1'\n"
        f"last_update_time: {NOON}\nlifecycle_stage: active\nname: bench\n"
    )
    for number in range(runs):
        _write_run(experiment, f"{number:032x}", keys, steps)


def _write_run(experiment: Path, run_id: str, keys: int, steps: int) -> None:
    run = experiment / run_id
    for part in ("metrics", "params", "tags", "artifacts"):
        (run / part).mkdir(parents=True)
    (run / "meta.yaml").write_text(
        f"artifact_uri: {(run / 'artifacts').as_uri()}\nend_time: {NOON + 1}\nentry_point_name: ''\n"
        f"experiment_id: '1'\nlifecycle_stage: active\nrun_id: {run_id!r}\nrun_name: bench\nsource_name: ''\n"
        f"source_type: 4\nsource_version: ''\nstart_time: {NOON}\nstatus: 3\ntags: []\nuser_id: bench\n"
    )
    for key in range(keys):
        # Not all lines at once: a child's peak memory counts from what its parent had.
        with (run / "metrics" / f"m{key}").open("w") as file:
            file.writelines(f"{NOON + 137 * step} {1 / (step + 1.5)} {step}\n" for step in range(steps))
    for key in range(10):
        (run / "params" / f"p{key}").write_text(str(key))


def ours(folder: Path) -> tuple[float, int]:
    """(seconds, peak memory in KiB) of `manage.py import_mlruns` into a database beside the folder."""
    environment = os.environ | {"TRACKER_HOME": str(folder / "home")}
    if not (folder / "home").exists():
        subprocess.run(
            [sys.executable, "manage.py", "migrate"], cwd=ROOT, env=environment, check=True, capture_output=True
        )
    return _timed([sys.executable, "manage.py", "import_mlruns", str(folder / "mlruns")], environment)


def theirs(folder: Path) -> float:
    """Seconds of MLflow's migration of the folder."""
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ALLOW_FILE_STORE": "true"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    source, target = str(folder / "mlruns"), f"sqlite:///{folder}/mlflow.db"
    command = [str(python_of(CURRENT)), "-m", "mlflow", "migrate-filestore", "--source", source, "--target", target]
    return _timed(command, environment)[0]


def _timed(command: Sequence[str], environment: dict[str, str]) -> tuple[float, int]:
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - begun, _peak(used)


def _peak(used: resource.struct_rusage) -> int:
    return int(used.ru_maxrss)


if __name__ == "__main__":
    main()
