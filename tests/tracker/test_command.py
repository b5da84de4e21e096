"""The `tracker` command, as people and programs use it."""

import json
import subprocess
import sys
import time
from email.utils import formatdate

import pytest

from tests.server import ROOT
from tests.tracker.conftest import Scripts
from tests.tracker.servers import ParrotServer


@pytest.fixture(scope="module")
def runs(shared_server, tmp_path_factory):
    """Three runs of a small sweep."""
    scripts = Scripts(tmp_path_factory.mktemp("sweep"), shared_server.url)
    code = """
    import time, tracker
    for lr in (0.1, 0.01, 0.001):
        time.sleep(0.002)  # of two that start in the same millisecond none is the newer one
        with tracker.start_run(experiment="sweep", run_name=f"lr-{lr}", params={"lr": lr, "model": "mlp"}) as run:
            for step in range(5):
                run.log({"loss": lr * step, "acc": 1 - lr}, step=step)
            print(run.run_id)
    try:
        with tracker.start_run(experiment="failing", run_name="broken"):
            raise ValueError("no data")
    except ValueError:
        pass
    """
    return scripts, scripts.run(code).stdout.split()


def test_ls_shows_the_newest_runs_and_what_tells_them_apart(runs):
    scripts, ids = runs
    done = scripts.command("run", "ls", "-e", "sweep")
    head, *lines = done.stdout.splitlines()
    assert head.split() == ["run", "name", "status", "started", "lr", "acc", "loss"]
    assert [line.split()[:3] for line in lines] == [
        [run_id[:8], name, "finished"]
        for run_id, name in zip(reversed(ids), ("lr-0.001", "lr-0.01", "lr-0.1"), strict=True)
    ]


def test_search_finds_by_filter_and_sorts(runs):
    scripts, ids = runs
    done = scripts.command("search", "metrics.loss < 0.1", "-e", "sweep", "-o", "metrics.loss ASC", "--json")
    assert [run["run_id"] for run in json.loads(done.stdout)["runs"]] == [ids[2], ids[1]]


def test_search_of_nothing_says_so(runs):
    scripts, _ = runs
    assert scripts.command("search", "params.lr = 'logged by nobody'").stdout == "No runs.\n"


def test_a_wrong_filter_is_told_with_its_place(runs):
    scripts, _ = runs
    done = scripts.command("search", "metrics.loss <")
    assert done.returncode == 1
    assert done.stderr.startswith("tracker: ")
    assert "Traceback" not in done.stderr


def test_show_takes_an_id_its_beginning_or_a_name(runs):
    scripts, ids = runs
    for said in (ids[0], ids[0][:10], "lr-0.1"):
        done = scripts.command("run", "show", said)
        assert done.stdout.startswith("lr-0.1  finished")
        assert "loss    0.4" in done.stdout


def test_show_tells_why_a_run_failed(runs):
    scripts, _ = runs
    assert "ValueError: no data" in scripts.command("run", "show", "broken").stdout


@pytest.mark.parametrize(("said", "words"), [("nothing", "There is no run 'nothing'"), ("'; --", "There is no run")])
def test_a_run_that_is_not_there_is_told(runs, said, words):
    scripts, _ = runs
    done = scripts.command("run", "show", said)
    assert done.returncode == 1
    assert words in done.stderr


def test_compare_shows_what_differs(runs):
    scripts, ids = runs
    lines = scripts.command("run", "compare", ids[0], "lr-0.01").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["lr-0.1", "lr-0.01"],
        ["status", "finished", "finished"],
        ["params.lr", "0.1", "0.01"],
        ["metrics.acc", "0.9", "0.99"],
        ["metrics.loss", "0.4", "0.04"],
    ]
    assert "params.model" in scripts.command("run", "compare", ids[0], ids[1], "--all").stdout
    assert len(json.loads(scripts.command("run", "compare", *ids, "--json").stdout)["runs"]) == 3


def test_a_server_that_is_not_there_is_exit_status_3(offline):
    for words in (["run", "ls"], ["search", "x"], ["run", "show", "a"]):
        done = offline.command(*words)
        assert done.returncode == 3
        assert "can't be reached" in done.stderr


def test_a_command_line_that_can_not_be_meant_is_exit_status_2(scripts):
    assert scripts.command("run", "ls", "--limit", "many").returncode == 2
    assert scripts.command("run", "ls", "--uri", "localhost").returncode == 2
    assert scripts.command("nonsense").returncode == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_are_completed(scripts, shell):
    assert f"_TRACKER_COMPLETE={shell}_source" in scripts.command("completion", shell).stdout
    words = {"COMP_WORDS": "tracker ru", "COMP_CWORD": "ru" if shell == "fish" else "1"}
    done = scripts.command(_TRACKER_COMPLETE=f"{shell}_complete", **words)
    assert "run" in done.stdout


def test_doctor_finds_nothing_wrong_where_nothing_is(scripts):
    done = scripts.command("doctor", "--json")
    assert done.returncode == 0
    states = {finding["about"]: finding["state"] for finding in json.loads(done.stdout)["findings"]}
    assert states == {"address": "ok", "token": "ok", "clock": "ok", "disk": "ok", "journal": "ok"}


def test_doctor_says_that_nobody_answers(offline):
    done = offline.command("doctor")
    assert done.returncode == 1
    assert "✗ address:" in done.stdout
    assert "Is the server running? Start it" in done.stdout


def test_doctor_says_that_an_address_is_none(scripts):
    done = scripts.command("doctor", TRACKER_URI="localhost:8000")
    assert done.returncode == 1
    assert "is no address of a server" in done.stdout


def test_doctor_says_that_a_journal_is_left(offline):
    offline.run("import tracker\ntracker.start_run().log_metric('x', 1.0)", TRACKER_EXIT_SECONDS="0")
    assert "is not delivered whole: run tracker sync" in offline.command("doctor").stdout


def test_doctor_says_that_the_journal_can_not_be_written(scripts, tmp_path):
    (tmp_path / "file").write_text("")
    done = scripts.command("doctor", TRACKER_JOURNAL=str(tmp_path / "file" / "below"))
    assert done.returncode == 1
    assert "✗ disk:" in done.stdout
    assert "Point TRACKER_JOURNAL at a folder" in done.stdout


def test_doctor_says_that_the_limit_is_reached(offline):
    offline.run("import tracker\ntracker.start_run().log_text('x' * 5000, 'a.txt')", TRACKER_EXIT_SECONDS="0")
    done = offline.command("doctor", TRACKER_JOURNAL_LIMIT="4KB")
    assert "no more is kept" in done.stdout


def test_doctor_says_that_another_rank_logs(scripts):
    assert "RANK=3: only rank 0 logs" in scripts.command("doctor", RANK="3").stdout


@pytest.mark.parametrize(
    ("status", "hours", "finding"),
    [
        ("401 Unauthorized", 0, "✗ token:"),
        ("404 Not Found", 0, "this is no Trackerweb"),
        ("200 OK", -2, "! clock: this machine's is 72"),
    ],
)
def test_doctor_tells_what_an_odd_server_means(tmp_path, status, hours, finding):
    date = formatdate(time.time() + 3600 * hours, usegmt=True)
    head = f"HTTP/1.1 {status}\r\nDate: {date}\r\nContent-Length: 2\r\nConnection: close"
    with ParrotServer(f"{head}\r\n\r\n{{}}".encode()) as server:
        assert finding in Scripts(tmp_path, server.uri).command("doctor").stdout


def test_importing_the_client_costs_little_and_brings_no_django():
    code = (
        "import sys, tracker; print([n for n in ('django', 'urllib3', 'psutil', 'click', 'numpy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
