"""How a program ended is what its run says."""

import signal
import time

import pytest

from tests.tracker.conftest import PATIENCE_SECONDS

TRAIN = """
import sys, threading, time
import tracker
run = tracker.start_run(experiment="{name}")
run.log_metric("loss", 0.5)
{end}
"""


def ended(scripts, stored, end, name, expected_status, **settings):
    done = scripts.run(TRAIN.format(end=end, name=name), **settings)
    (run,) = stored.named(name)
    assert run["status"] == expected_status, done.stderr
    assert run["metrics"]["loss"]["count"] == 1
    assert scripts.left() == []
    return done, run


@pytest.mark.parametrize(
    ("end", "status", "exit_status", "failure"),
    [
        ("", "FINISHED", 0, ""),
        ("raise ValueError('no data')", "FAILED", 1, "ValueError: no data\n"),
        ("1 / 0", "FAILED", 1, "ZeroDivisionError: division by zero\n"),
        ("sys.exit(1)", "FAILED", 1, "(exit status 1)"),
        ("sys.exit('wrong config')", "FAILED", 1, "(wrong config)"),
        ("exit(3)", "FAILED", 3, "(exit status 3)"),
        ("sys.exit()", "FINISHED", 0, ""),
        ("sys.exit(0)", "FINISHED", 0, ""),
        ("try:\n    sys.exit(1)\nexcept SystemExit:\n    pass", "FINISHED", 0, ""),
        ("try:\n    sys.exit(1)\nfinally:\n    run.set_tag('late', '1')", "FAILED", 1, "(exit status 1)"),
        ("raise KeyboardInterrupt", "KILLED", 130, "KeyboardInterrupt\n"),
        ("t = threading.Thread(target=sys.exit, args=(1,))\nt.start()\nt.join()", "FINISHED", 0, ""),
        ("with run:\n    sys.exit(2)", "FAILED", 2, "(exit status 2)"),
        ("def train():\n    yield\n    run.end()\nnext(train())", "FINISHED", 0, ""),
        ("tracker.end_run('KILLED')", "KILLED", 0, ""),
    ],
    ids=lambda value: str(value)[:24].replace("\n", " "),
)
def test_the_way_it_ends_is_told(scripts, stored, request, end, status, exit_status, failure):
    name = f"end-{request.node.callspec.indices}".replace("{", "").replace("}", "").replace("'", "").replace(" ", "")
    done, run = ended(scripts, stored, end, name.replace(":", "-").replace(",", "-"), status)
    assert done.returncode in (exit_status, -signal.SIGINT if exit_status == 130 else exit_status)
    assert run["failure"].endswith(failure)
    assert bool(run["failure"]) == bool(failure)


def test_a_generator_that_is_closed_ends_its_run_as_finished(scripts, stored):
    code = """
    import tracker
    def train():
        with tracker.start_run(experiment="generator") as run:
            for step in range(10):
                run.log_metric("loss", 1.0)
                yield run
    first, second = train(), train()
    next(first).log_metric("extra", 1.0)
    first.close()
    run = next(second)
    del second
    """
    scripts.run(code)
    assert [run["status"] for run in stored.named("generator")] == ["FINISHED", "FINISHED"]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_kills_it_and_all_arrives(scripts, stored, name):
    process = scripts.start(TRAIN.format(name=name, end="print('ready', flush=True)\ntime.sleep(200)"))
    assert process.stdout.readline() == "ready\n"
    process.send_signal(getattr(signal, name))
    process.communicate(timeout=PATIENCE_SECONDS)
    (run,) = stored.named(name)
    assert run["status"] == "KILLED"
    assert process.returncode == -getattr(signal, name)
    assert run["metrics"]["loss"]["count"] == 1
    assert scripts.left() == []


def test_a_signal_in_the_middle_of_logging_does_not_lock_up(scripts, stored):
    code = TRAIN.format(name="midst", end="print('ready', flush=True)\nwhile True: run.log_metric('many', 1.0)")
    process = scripts.start(code)
    process.stdout.readline()
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_SECONDS)
    (run,) = stored.named("midst")
    assert run["status"] == "KILLED"
    steps = [step for step, _ in stored.points(run["run_id"], "many")]
    assert run["metrics"]["many"]["count"] == run["metrics"]["many"]["last_step"] + 1
    assert steps == sorted(steps)


def test_a_program_that_handles_the_signal_itself_ends_as_it_likes(scripts, stored):
    end = "import signal\nprint('ready', flush=True)\ntime.sleep(200)"
    ignoring = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
    code = ignoring + TRAIN.format(name="own", end=end)
    process = scripts.start(code)
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert stored.named("own")[0]["status"] == "FINISHED"


def test_a_hook_of_others_is_called_too(scripts, stored):
    code = """
    import sys
    sys.excepthook = lambda kind, error, trace: print("theirs", error)
    import tracker
    tracker.start_run(experiment="hooks")
    raise ValueError("no data")
    """
    assert scripts.run(code).stdout == "theirs no data\n"
    assert stored.named("hooks")[0]["status"] == "FAILED"


def test_logging_while_the_interpreter_shuts_down_harms_nothing(scripts, stored):
    code = """
    import atexit, tracker
    def last_of_all():
        try:
            run.log_metric("late", 2.0)
        except tracker.RunEnded:
            print("ended")
    def before_it_ends():
        run.log_metric("late", 1.0)
    atexit.register(last_of_all)
    run = tracker.start_run(experiment="shutdown")
    atexit.register(before_it_ends)
    """
    done = scripts.run(code)
    assert done.returncode == 0
    assert done.stdout == "ended\n"
    (run,) = stored.named("shutdown")
    assert run["metrics"]["late"]["count"] == 1


def test_os_exit_leaves_all_in_the_journal(scripts, stored):
    code = TRAIN.format(name="osexit", end="import os\nos._exit(3)")
    assert scripts.run(code).returncode == 3
    scripts.command("sync")
    (run,) = stored.named("osexit")
    assert (run["status"], run["metrics"]["loss"]["count"]) == ("KILLED", 1)
    assert "ended without a word" in run["failure"]


def test_a_killed_process_says_killed_once_it_is_synced(scripts, stored):
    process = scripts.start(TRAIN.format(name="killed", end="print('ready', flush=True)\ntime.sleep(200)"))
    process.stdout.readline()
    process.kill()
    process.communicate()
    assert scripts.command("sync").returncode == 0
    (run,) = stored.named("killed")
    assert (run["status"], run["metrics"]["loss"]["count"]) == ("KILLED", 1)
    assert scripts.left() == []


def test_a_killed_process_that_was_resumed_is_not_called_killed(scripts, stored):
    process = scripts.start(TRAIN.format(name="again", end="print(run.run_id, flush=True)\ntime.sleep(200)"))
    run_id = process.stdout.readline().strip()
    process.kill()
    process.communicate()
    scripts.run(f"import tracker\ntracker.start_run(run_id={run_id!r})")
    scripts.command("sync")
    assert stored.run(run_id)["status"] == "FINISHED"
