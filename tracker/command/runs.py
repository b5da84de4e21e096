"""`tracker run ls|show|compare`, `tracker search`, and the group that `tracker run URI` is in."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import click

from tracker.command.meaning import experiment_id, full_id, server_at
from tracker.command.output import ago, as_json, cut, number, print_json, print_table, server_options
from tracker.command.projects import RunsAndProjects, project
from tracker.delivery.server import Server

PAGE = 1000
#: In tables: those that differ most between the runs shown.
MOST_COLUMNS = 4


@click.group(cls=RunsAndProjects, subcommand_metavar="URI | COMMAND [ARGS]...")
def run() -> None:
    """Run a project, or look at runs: list them, show one, compare several.

    What is no command below is a project: a folder, a git address or a zip. `tracker run . --help` tells its options;
    a folder that is called like a command is written ./ls.
    """


run.add_command(project)


@run.command()
@click.option("-e", "--experiment", help="Only runs of this experiment, by name.")
@click.option("-n", "--limit", default=20, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
@server_options
@as_json
def ls(experiment: str | None, limit: int, uri: str | None, is_json: bool) -> None:
    """List the newest runs."""
    found = _search(server_at(uri), experiment, "", [], limit)
    _show_list(found, is_json)


@click.command()
@click.argument("filter_text", metavar="[FILTER]", default="")
@click.option("-e", "--experiment", help="Only runs of this experiment, by name.")
@click.option("-o", "--order-by", multiple=True, help="Such as 'metrics.loss ASC'. Several: the first matters most.")
@click.option("-n", "--limit", default=20, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
@server_options
@as_json
def search(
    filter_text: str, experiment: str | None, order_by: tuple[str, ...], limit: int, uri: str | None, is_json: bool
) -> None:
    """Find runs by a filter, such as "metrics.loss < 0.1 AND params.lr = '0.1'"."""
    found = _search(server_at(uri), experiment, filter_text, order_by, limit)
    _show_list(found, is_json)


@run.command()
@click.argument("run_id")
@server_options
@as_json
def show(run_id: str, uri: str | None, is_json: bool) -> None:
    """Show one run. RUN_ID may be its name, or the first digits of its id, where that means one run."""
    server = server_at(uri)
    found = server.get(f"runs/{full_id(server, run_id)}/")
    if is_json:
        print_json(found)
        return
    click.secho(f"{found['name']}  {_status(found)}", bold=True)
    click.echo(f"{server.uri}/runs/{found['run_id']}/\n")
    facts = {
        "started": f"{ago(found['start_time'])} ago",
        "took": f"{(found['end_time'] - found['start_time']) / 1000:.1f} s" if found["end_time"] else "",
        "user": found["user"],
        "source": found["source_name"],
        "commit": found["git_commit"],
        "note": cut(found["note"], 100),
    }
    _print_pairs("", {name: value for name, value in facts.items() if value})
    _print_pairs("Params", found["params"])
    _print_pairs("Tags", {key: value for key, value in found["tags"].items() if not key.startswith("mlflow.")})
    if found["metrics"]:
        click.secho("\nMetrics", bold=True)
        rows = [
            [key, *(number(one[name]) for name in ("last", "min", "max")), str(one["count"])]
            for key, one in found["metrics"].items()
        ]
        print_table(["metric", "last", "min", "max", "points"], rows)
    if found["failure"]:
        click.secho("\nWhy it failed", bold=True)
        click.echo(found["failure"])


@run.command()
@click.argument("run_ids", nargs=-1, required=True)
@click.option("--all", "is_all", is_flag=True, help="Also what is the same in all of them.")
@server_options
@as_json
def compare(run_ids: tuple[str, ...], is_all: bool, uri: str | None, is_json: bool) -> None:
    """Put runs side by side: params that differ, and the last value of each metric."""
    server = server_at(uri)
    found = [server.get(f"runs/{full_id(server, run_id)}/") for run_id in run_ids]
    if is_json:
        print_json({"runs": found})
        return
    rows = [["status", *(_status(one) for one in found)]]
    rows += _compared("params", found, is_all, lambda value: cut(value, 32))
    rows += _compared("metrics", found, True, lambda summary: number(summary["last"]))
    print_table(["", *(cut(one["name"], 32) for one in found)], rows)


def _compared(kind: str, runs: Sequence[dict[str, Any]], is_all: bool, shown: Any) -> list[list[str]]:
    rows = []
    for key in sorted({key for one in runs for key in one[kind]}):
        cells = [shown(one[kind][key]) if key in one[kind] else "–" for one in runs]
        if is_all or len(set(cells)) > 1:
            rows.append([f"{kind}.{key}", *cells])
    return rows


def _search(
    server: Server, experiment: str | None, filter_text: str, order_by: Iterable[str], limit: int
) -> list[dict[str, Any]]:
    """As many runs as are asked for, page by page."""
    asked: dict[str, Any] = {"filter": filter_text, "order_by": list(order_by)}
    if experiment:
        asked["experiment"] = experiment_id(server, experiment)
    found: list[dict[str, Any]] = []
    cursor = ""
    while len(found) < limit:
        asked |= {"limit": min(PAGE, limit - len(found))} | ({"cursor": cursor} if cursor else {})
        page = server.get("runs/", **asked)
        found += page["runs"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    return found


def _show_list(runs: Sequence[dict[str, Any]], is_json: bool) -> None:
    if is_json:
        print_json({"runs": list(runs)})
        return
    if not runs:
        click.echo("No runs.")
        return
    metrics = _telling(runs, "metrics")
    params = _telling(runs, "params")
    rows = [
        [
            one["run_id"][:8],
            cut(one["name"], 32),
            _status(one),
            f"{ago(one['start_time'])} ago",
            *(cut(one["params"].get(key, "–"), 16) for key in params),
            *(number(one["metrics"].get(key, {}).get("last")) for key in metrics),
        ]
        for one in runs
    ]
    print_table(["run", "name", "status", "started", *(cut(key, 20) for key in (*params, *metrics))], rows)


def _telling(runs: Sequence[dict[str, Any]], kind: str) -> list[str]:
    """Keys that tell these runs apart: of params those with several values, of metrics those that most runs have."""
    counts = Counter(key for one in runs for key in one[kind] if not key.startswith("system/"))
    if kind == "params" and len(runs) > 1:
        counts = Counter({key: n for key, n in counts.items() if len({one[kind].get(key) for one in runs}) > 1})
    return [key for key, _ in counts.most_common(MOST_COLUMNS)]


def _status(one: dict[str, Any]) -> str:
    return "stale" if one["is_stale"] else str(one["status"]).lower()


def _print_pairs(title: str, pairs: dict[str, str]) -> None:
    if not pairs:
        return
    if title:
        click.secho(f"\n{title}", bold=True)
    width = max(len(key) for key in pairs)
    for key, value in pairs.items():
        click.echo(f"{key.ljust(width)}  {cut(value, 200)}")
