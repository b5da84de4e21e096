"""Ctrl-C and other signals: what a project started ends with it, and its run says so."""

import json
import os
import signal
import time

import psutil
import pytest

from tests.patience import until
from tests.tracker.projects.running.conftest import PATIENCE_SECONDS, run_id_in
from tracker import families

#: A command with a child and a grandchild, which tells of itself once all run.
TREE = "python tree.py"
TREE_FILE = """
    import os, subprocess, sys, time
    group = os.setsid if "away" in sys.argv else None
    code = "import subprocess, sys; subprocess.run(['sleep', '100'])"
    child = subprocess.Popen([sys.executable, "-c", code], preexec_fn=group)
    open("started", "w").write(f"{os.getpid()} {child.pid}")
    time.sleep(100)
"""
STUBBORN = "trap 'touch asked' INT; trap '' TERM; touch started; while true; do sleep 0.1; done"


def started(projects, command, **settings):
    """A project that runs: the process of the command line, and those that it started."""
    projects.make(main=command, files={"tree.py": TREE_FILE})
    process = projects.start("project", **settings)
    file = projects.folder / "started"
    until(file.exists, "the project does not start")
    if not command.startswith(TREE):
        return process, []
    ids = until(file.read_text, "no ids").split()
    family = [psutil.Process(int(pid)) for pid in ids]
    until(lambda: len(family[1].children()) == 1, "no grandchild")
    return process, family + family[1].children()


def live(family):
    return [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def ended(process):
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, run_id_in(err), err


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGINT, 130),
        pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, 129, marks=pytest.mark.slow),
    ],
)
def test_a_signal_ends_all_that_was_started(projects, stored, number, status):
    process, family = started(projects, TREE)
    process.send_signal(number)
    code, run_id, _ = ended(process)
    assert code == status
    assert not live(family)
    assert stored.run(run_id)["status"] == "KILLED"


@pytest.mark.slow
def test_what_began_a_session_of_its_own_ends_too(projects, stored):
    process, family = started(projects, f"{TREE} away")
    process.send_signal(signal.SIGINT)
    _, run_id, _ = ended(process)
    assert not live(family)
    assert stored.run(run_id)["status"] == "KILLED"


@pytest.mark.slow
def test_a_second_ctrl_c_waits_for_nobody(projects, stored):
    process, _ = started(projects, STUBBORN)
    process.send_signal(signal.SIGINT)
    until((projects.folder / "asked").exists, "it is not asked to end")
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    code, run_id, _ = ended(process)
    assert code == 130
    assert time.monotonic() - begun < families.GRACES[0][1]
    run = stored.run(run_id)
    assert (run["status"], run["tags"]["tracker.exitStatus"]) == ("KILLED", "-9")


@pytest.mark.slow
def test_a_command_that_cleans_up_has_time_for_it(projects, stored):
    careful = "trap 'sleep 0.5; echo saved; exit 7' INT; touch started; while true; do sleep 0.1; done"
    process, _ = started(projects, careful)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    run = stored.run(run_id_in(err))
    assert out == "saved\n"
    assert (run["status"], run["tags"]["tracker.exitStatus"]) == ("KILLED", "7")


@pytest.mark.slow
def test_a_command_whose_starter_is_killed_ends_too(projects):
    process, family = started(projects, TREE)
    process.kill()
    process.communicate(timeout=PATIENCE_SECONDS)
    until(lambda: not live(family[:2]), "the command still runs")


@pytest.fixture
def building(projects, tmp_path):
    """A project whose environment never comes to be: the command line that makes it, and the process that hangs."""
    slow = projects.folder / "slow"
    slow.mkdir()
    (slow / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "slow"\nversion = "1"\n'
    )
    begun = projects.folder / "building"
    code = f"import os, time\nopen({str(begun)!r}, 'w').write(str(os.getpid()))\ntime.sleep(100)"
    (slow / "backend.py").write_text(code)
    projects.make(main="echo never", files={"python_env.yaml": "dependencies: ['./slow']"})
    words = ("project", "--env-manager", "uv", "--json")
    process = projects.start(*words, XDG_CACHE_HOME=str(tmp_path / "cache"))
    until(lambda: begun.exists() and begun.read_text(), "nothing is built")
    return process, psutil.Process(int(begun.read_text()))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_making_of_an_environment(building, stored, number):
    process, builder = building
    process.send_signal(number)
    out, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 128 + number
    assert not live([builder])
    told = json.loads(out)
    assert (told["status"], told["exit_status"]) == ("KILLED", None)
    run = stored.run(told["run_id"])
    assert run["status"] == "KILLED"
    assert "tracker.exitStatus" not in run["tags"]


@pytest.mark.slow
def test_an_environment_whose_maker_is_killed_is_not_made_on(building):
    process, builder = building
    process.kill()
    process.communicate(timeout=PATIENCE_SECONDS)
    until(lambda: not live([builder]), "it is still built")


@pytest.mark.slow
def test_ctrl_c_while_the_server_is_asked_leaves_no_run_that_goes_on(projects, stored):
    projects.make(main="echo never")
    code = """
    import os, signal, sys, time
    from tracker.delivery.server import Server
    put_run = Server.put_run
    def slowly(*words):
        Server.put_run = put_run
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.5)
        return put_run(*words)
    Server.put_run = slowly
    sys.argv = ["tracker", "run", "project"]
    from tracker.command import main
    main()
    """
    process = projects.scripts.start(code, PATH=os.environ["PATH"])
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "is KILLED: its command was not started" in err
    assert stored.run(run_id_in(err))["status"] == "KILLED"


@pytest.mark.slow
def test_ctrl_c_just_before_the_run_is_waited_for_ends_it(projects, stored):
    projects.make(main="sleep 100")
    code = """
    import sys
    from tracker.command import main
    from tracker.projects import running
    launch = running.launch
    def interrupted(*words):
        launch(*words)
        raise KeyboardInterrupt
    running.launch = interrupted
    sys.argv = ["tracker", "run", "project"]
    main()
    """
    process = projects.scripts.start(code, PATH=os.environ["PATH"])
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert stored.run(run_id_in(err))["status"] == "KILLED"


@pytest.mark.slow
def test_a_project_in_a_project_ends_with_it(projects, stored):
    code = "import tracker.projects; tracker.projects.run('.', 'step')"
    projects.make(main="python steps.py", step="touch started; sleep 100", files={"steps.py": code})
    process = projects.start("project", "--experiment", "ended-together")
    until((projects.folder / "started").exists, "the step does not start")
    process.send_signal(signal.SIGINT)
    code, _, _ = ended(process)
    assert code == 130
    runs = {run["run_id"]: run for run in stored.named("ended-together")}
    assert [run["status"] for run in runs.values()] == ["KILLED", "KILLED"]


@pytest.mark.slow
def test_what_was_left_in_the_background_does_not_hang_it(projects, stored):
    projects.make(main=f"(setsid sleep {10 * PATIENCE_SECONDS} & echo $! > left); echo done")
    done = projects.run("project")
    assert (done.returncode, done.stdout) == (0, "done\n")
    left = psutil.Process(int((projects.folder / "left").read_text()))
    assert left.is_running()
    left.kill()


@pytest.mark.slow
def test_a_program_that_ends_waits_for_the_runs_it_started(projects, stored):
    projects.make(main="for i in $(seq 1200); do [ -e go ] && break; sleep 0.1; done; exit 5")
    code = "import tracker; print(tracker.projects.run('project', synchronous=False).run_id)"
    process = projects.scripts.start(code, PATH=os.environ["PATH"])
    assert any("waiting for run" in line for line in process.stderr)
    (projects.folder / "go").touch()
    out, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert stored.run(out.strip())["tags"]["tracker.exitStatus"] == "5"


@pytest.mark.slow
def test_sigterm_ends_the_runs_that_a_program_started(projects, stored):
    projects.make(main="touch started; sleep 100")
    code = "import tracker; submitted = tracker.projects.run('project', synchronous=False); submitted.wait()"
    process = projects.scripts.start(code, PATH=os.environ["PATH"])
    until((projects.folder / "started").exists, "it does not start")
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == -signal.SIGTERM
    assert stored.run(run_id_in(process.stderr.read()))["status"] == "KILLED"


@pytest.mark.slow
def test_a_child_that_is_forked_meanwhile_leaves_the_run_alone(projects, stored):
    projects.make(main="sleep 2; echo fine")
    code = """
    import multiprocessing, tracker
    submitted = tracker.projects.run('project', synchronous=False)
    child = multiprocessing.get_context("fork").Process(target=print, args=("child",))
    child.start()
    child.join()
    assert submitted.wait()
    print(submitted.run_id)
    """
    done = projects.scripts.run(code, PATH=os.environ["PATH"])
    assert stored.run(done.stdout.split()[-1])["status"] == "FINISHED", done.stderr
