"""Forks, threads, children of multiprocessing, distributed training: nothing locks up, is lost, or comes twice."""

import pytest

from tests.tracker.conftest import PATIENCE_SECONDS


def test_threads_log_to_one_run(scripts, stored):
    code = """
    import threading, tracker
    with tracker.start_run(experiment="threads") as run:
        def work(name):
            for step in range(300):
                tracker.log_metric(name, float(step), step=step)
                tracker.log_metric("shared", 1.0)
        threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    """
    assert scripts.run(code).returncode == 0
    (run,) = stored.named("threads")
    assert {key: one["count"] for key, one in run["metrics"].items()} == {
        **{f"t{number}": 300 for number in range(8)}, "shared": 2400,
    }  # fmt: skip
    assert run["metrics"]["shared"]["last_step"] == 2399


def test_a_thread_may_have_a_run_of_its_own(scripts, stored):
    code = """
    import threading, tracker
    def work(number):
        with tracker.start_run(experiment="own-runs", run_name=f"n{number}"):
            for step in range(20):
                tracker.log_metric("x", float(number))
    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    """
    assert scripts.run(code).returncode == 0
    runs = stored.named("own-runs")
    assert sorted(run["name"] for run in runs) == [f"n{number}" for number in range(6)]
    assert all(run["metrics"]["x"]["count"] == 20 for run in runs)
    assert all(run["metrics"]["x"]["last"] == float(run["name"][1:]) for run in runs)


@pytest.mark.parametrize("leave", ["os._exit(0)", "sys.exit(0)", "pass"])
@pytest.mark.slow
def test_a_forked_child_logs_to_the_same_run(scripts, stored, leave):
    name = f"fork-{leave[:6]}".replace(".", "").strip("(")
    code = f"""
    import os, sys, tracker
    run = tracker.start_run(experiment="{name}")
    run.log_metric("parent", 1.0)
    children = []
    for number in range(3):
        pid = os.fork()
        if pid == 0:
            for step in range(50):
                tracker.log_metric(f"child{{number}}", 1.0)
            run.log_text("hello", f"from/{{number}}.txt")
            {leave}
            break
        children.append(pid)
    else:
        for pid in children:
            os.waitpid(pid, 0)
        run.log_metric("parent", 2.0)
    """
    assert scripts.run(code).returncode == 0
    (run,) = stored.named(name)
    assert run["status"] == "FINISHED"
    counts = {key: one["count"] for key, one in run["metrics"].items()}
    assert counts == {"parent": 2, "child0": 50, "child1": 50, "child2": 50}
    assert stored.file(run["run_id"], "from/2.txt") == "hello"
    assert scripts.left() == []


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.slow
def test_children_of_multiprocessing_log_to_the_run_they_are_given(scripts, stored, method):
    code = f"""
    import multiprocessing, tracker
    def work(run, number):
        for step in range(100):
            run.log({{f"worker{{number}}": float(step)}}, step=step)
    if __name__ == "__main__":
        context = multiprocessing.get_context("{method}")
        with tracker.start_run(experiment="mp-{method}") as run:
            workers = [context.Process(target=work, args=(run, number)) for number in range(3)]
            [worker.start() for worker in workers]
            [worker.join() for worker in workers]
            assert [worker.exitcode for worker in workers] == [0, 0, 0]
    """
    done = scripts.run(code)
    assert done.returncode == 0, done.stderr
    (run,) = stored.named(f"mp-{method}")
    assert run["status"] == "FINISHED"
    assert {key: one["count"] for key, one in run["metrics"].items()} == {f"worker{n}": 100 for n in range(3)}
    assert scripts.left() == []


def test_a_pool_logs_and_is_terminated_with_nothing_lost(scripts, stored):
    code = """
    import multiprocessing, tracker
    def work(number):
        tracker.log_metric("job", float(number), step=number)
        return number
    if __name__ == "__main__":
        with tracker.start_run(experiment="pool") as run:
            with multiprocessing.get_context("fork").Pool(3) as pool:
                assert sum(pool.imap_unordered(work, range(60))) == 1770
    """
    done = scripts.run(code)
    assert done.returncode == 0, done.stderr
    (run,) = stored.named("pool")
    assert run["metrics"]["job"]["count"] == 60
    assert scripts.left() == []


@pytest.mark.slow
def test_a_fork_while_threads_log_does_not_lock_up(scripts, stored):
    code = """
    import os, threading, tracker
    run = tracker.start_run(experiment="busy-fork")
    stop = threading.Event()
    def busy():
        while not stop.is_set():
            tracker.log_metric("busy", 1.0)
    threads = [threading.Thread(target=busy) for _ in range(4)]
    [thread.start() for thread in threads]
    for number in range(20):
        pid = os.fork()
        if pid == 0:
            tracker.log_metric("child", float(number), step=number)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
    stop.set()
    [thread.join() for thread in threads]
    """
    assert scripts.run(code).returncode == 0
    (run,) = stored.named("busy-fork")
    assert run["metrics"]["child"]["count"] == 20
    assert run["metrics"]["busy"]["count"] == run["metrics"]["busy"]["last_step"] + 1


@pytest.mark.parametrize(
    "launcher",
    [{"RANK": "{}"}, {"LOCAL_RANK": "{}"}, {"SLURM_PROCID": "{}", "SLURM_LOCALID": "0"}, {"PMI_RANK": "{}"}],
    ids=lambda variables: next(iter(variables)),
)
def test_rank_0_logs_and_the_others_keep_silent(scripts, stored, launcher):
    name = f"ddp-{next(iter(launcher))}"
    code = f"""
    import tracker
    with tracker.start_run(experiment="{name}", params={{"lr": 1}}) as run:
        tracker.log_metric("loss", 0.5)
        run.log_text("hello", "a.txt")
        run.set_tag("t", "1")
    """
    for rank in range(3):
        told = {key: value.format(rank) for key, value in launcher.items()}
        done = scripts.run(code, **told)
        assert done.returncode == 0
        assert ("does not log; rank 0 does" in done.stderr) == (rank > 0)
    (run,) = stored.named(name)
    assert run["metrics"]["loss"]["count"] == 1


def test_all_ranks_log_to_one_run_where_that_is_wanted(scripts, stored):
    code = """
    import os, tracker
    rank = int(os.environ["RANK"])
    run = tracker.start_run(run_id="all-ranks-run") if rank == 0 else tracker.join_run("all-ranks-run")
    for step in range(50):
        run.log({f"rank{rank}/loss": 1.0}, step=step)
    """
    processes = []
    for rank in range(3):
        processes.append(scripts.start(code, RANK=str(rank), TRACKER_RANKS="all"))
    assert [process.wait(PATIENCE_SECONDS) for process in processes] == [0, 0, 0]
    for process in processes:
        process.communicate()
    run = stored.run("all-ranks-run")
    assert {key: one["count"] for key, one in run["metrics"].items()} == {f"rank{n}/loss": 50 for n in range(3)}
    assert run["status"] == "FINISHED"


def test_a_value_whose_text_logs_is_logged(scripts, stored):
    code = """
    import tracker
    class Chatty:
        def __str__(self):
            tracker.log_metric("asked", 1.0)
            return "chatty"
    with tracker.start_run(experiment="reentrant") as run:
        tracker.log_param("who", Chatty())
    """
    assert scripts.run(code).returncode == 0
    (run,) = stored.named("reentrant")
    assert run["params"] == {"who": "chatty"}
    assert run["metrics"]["asked"]["count"] == 1


def test_a_signal_handler_may_log(scripts, stored):
    code = """
    import os, signal, tracker
    run = tracker.start_run(experiment="handler")
    signal.signal(signal.SIGALRM, lambda *_: run.log_metric("alarm", 1.0))
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    for step in range(20_000):
        run.log_metric("loss", 1.0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    """
    assert scripts.run(code).returncode == 0
    (run,) = stored.named("handler")
    assert run["metrics"]["loss"]["count"] == 20_000
    assert run["metrics"]["alarm"]["count"] == run["metrics"]["alarm"]["last_step"] + 1 > 10
