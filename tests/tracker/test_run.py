"""What a script may say of its run, and what the server has of it then."""

import logging
import math
import time
import urllib.request

import matplotlib.figure
import numpy as np
import pytest

import tracker
from tracker.errors import InvalidValue, ParamAlreadySet, RunEnded, TrackerError


def test_a_plain_training_is_stored_whole(here, stored):
    with tracker.start_run(experiment="plain", params={"lr": 0.1, "layers": [16, 8]}, run_name="first") as run:
        for step in range(50):
            run.log({"loss": 1 / (step + 1), "acc": step / 50}, step=step)
    assert tracker.flush()
    found = stored.run(run.run_id)
    assert (found["name"], found["status"]) == ("first", "FINISHED")
    assert found["params"] == {"lr": "0.1", "layers": "[16, 8]"}
    assert stored.points(run.run_id, "loss") == [(step, 1 / (step + 1)) for step in range(50)]
    assert list(here.iterdir()) == []


def test_mlflow_names_carry_a_plain_script(here, stored):
    mlflow = tracker
    mlflow.set_experiment("as-mlflow")
    with mlflow.start_run(run_name="same", tags={"team": "red"}, description="a note") as run:
        mlflow.log_param("alpha", 0.5)
        mlflow.log_params({"beta": 2})
        mlflow.log_metric("rmse", 0.7)
        mlflow.log_metrics({"r2": 0.9, "mae": 0.1}, step=3)
        mlflow.set_tag("kind", "base")
        mlflow.log_text("hello", "notes/a.txt")
        mlflow.log_dict({"a": 1}, "conf.json")
        assert mlflow.active_run() is run
    assert mlflow.active_run() is None
    assert mlflow.last_active_run() is run
    mlflow.flush()
    found = stored.run(run.run_id)
    assert found["params"] == {"alpha": "0.5", "beta": "2"}
    assert found["tags"] == {"team": "red", "kind": "base"}
    assert found["note"] == "a note"
    assert found["metrics"]["mae"]["last_step"] == 3
    assert stored.file(run.run_id, "notes/a.txt") == "hello"
    tracker.fluent._experiment = {}


def test_run_info_and_data_are_where_mlflow_has_them(here):
    with tracker.start_run(run_name="named") as run:
        tracker.log_param("a", 1)
        tracker.set_tag("t", "v")
        tracker.log_metric("m", 0.5)
        assert run.info.run_id == run.run_id
        assert run.info.run_name == "named"
        assert run.info.status == "RUNNING"
        assert run.data.params == {"a": "1"}
        assert run.data.tags["t"] == "v"
        assert run.data.metrics == {"m": 0.5}
    assert run.info.status == "FINISHED"
    assert run.info.end_time >= run.info.start_time


def test_steps_are_counted_where_none_are_given(here, stored):
    with tracker.start_run() as run:
        for value in (3.0, 2.0):
            run.log_metric("loss", value)
        run.log_metric("loss", 1.0, step=10)
        run.log({"loss": 0.5, "acc": 1.0})
    tracker.flush()
    assert stored.points(run.run_id, "loss") == [(0, 3.0), (1, 2.0), (10, 1.0), (11, 0.5)]
    assert stored.points(run.run_id, "acc") == [(11, 1.0)]


@pytest.mark.parametrize(
    "value", [1, True, np.float32(0.5), np.int64(3), np.array([0.25]), np.float64("nan"), math.inf, "0.5"]
)
def test_what_holds_a_number_is_one(here, stored, value):
    with tracker.start_run() as run:
        run.log_metric("x", value)
    tracker.flush()
    assert str(stored.points(run.run_id, "x")[0][1]).lower()[:3] == str(float(np.asarray(value, float).ravel()[0]))[:3]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda run: run.log({"x": "high"}), "metric 'x': 'high' is no number"),
        (lambda run: run.log({"x": [1, 2]}), "metric 'x'"),
        (lambda run: run.log({"x": 10**400}), "metric 'x'"),
        (lambda run: run.log({"": 1}), "a key is empty"),
        (lambda run: run.log({3: 1}), "the key 3 is no text"),
        (lambda run: run.log({"a\nb": 1}), "can't be shown"),
        (lambda run: run.log({"x" * 251: 1}), "250 are allowed"),
        (lambda run: run.log({"x": 1}, step=0.5), "step=0.5"),
        (lambda run: run.log({"x": 1}, step=2**63), "64 bits"),
        (lambda run: run.log({"x": 1}, step="a"), "step='a'"),
        (lambda run: run.log({"x": 1}, timestamp=-1), "timestamp=-1"),
        (lambda run: run.log_param("p", "x" * 2_000_001), "2,000,000 are allowed"),
        (lambda run: run.set_tag("\t", "x"), "a key is empty"),
        (lambda run: run.log_text("x", "../a"), "'../a' is no path"),
        (lambda run: run.log_text("x", "/etc/passwd"), "is no path"),
        (lambda run: run.log_text("x", ""), "is no path"),
        (lambda run: run.log_artifacts("nowhere"), "nowhere is no folder"),
        (lambda run: run.log_table({"a": [1], "b": [1, 2]}, "t.json"), "differ in length"),
        (lambda run: run.log_image(np.zeros((2, 2, 7)), "a.png"), "is no picture"),
        (lambda run: run.end("DONE"), "status='DONE' is not one of"),
    ],
)
def test_what_can_not_be_logged_is_refused_in_words_and_leaves_nothing(here, call, message):
    run = tracker.start_run()
    before = (run.journal_folder / "journal").read_bytes()
    with pytest.raises(InvalidValue, match=message):
        call(run)
    assert (run.journal_folder / "journal").read_bytes() == before


def test_a_refused_value_uses_up_no_step(here, stored):
    with tracker.start_run() as run:
        with pytest.raises(InvalidValue):
            run.log({"x": 1.0, "y": "high"})
        run.log_metric("x", 1.0)
    tracker.flush()
    assert stored.points(run.run_id, "x") == [(0, 1.0)]


def test_a_param_is_written_once(here, stored):
    with tracker.start_run() as run:
        run.log_param("lr", 0.1)
        run.log_param("lr", "0.1")
        with pytest.raises(ParamAlreadySet, match=r"Param 'lr' is '0.1' already and can't become '0.2'"):
            run.log_params({"seed": 1, "lr": 0.2})
    tracker.flush()
    assert stored.run(run.run_id)["params"] == {"lr": "0.1"}


def test_thousands_of_params_and_odd_texts_arrive(here, stored):
    params = {f"p{number}": "x" * 50_000 for number in range(60)} | {f"q{number}": number for number in range(3000)}
    with tracker.start_run() as run:
        run.log_params(params)
        run.set_tags({"emoji": "🙂", "half": "a\ud800b", "line": "a\nb", "empty": ""})
    tracker.flush()
    found = stored.run(run.run_id)
    assert found["params"] == {key: str(value) for key, value in params.items()}
    assert found["tags"] == {"emoji": "🙂", "half": "a?b", "line": "a\nb", "empty": ""}


def test_a_tag_is_removed(here, stored):
    with tracker.start_run(tags={"a": 1, "b": 2}) as run:
        run.delete_tag("a")
    tracker.flush()
    assert stored.run(run.run_id)["tags"] == {"b": "2"}


def test_nothing_is_logged_after_the_end_in_silence(here):
    with tracker.start_run() as run:
        pass
    for call in (lambda: run.log({"x": 1}), lambda: run.set_tag("a", "b"), lambda: run.log_text("x", "a.txt")):
        with pytest.raises(RunEnded, match="has ended"):
            call()


def test_an_exception_in_the_block_is_told(here, stored):
    with pytest.raises(ValueError, match="no data"), tracker.start_run() as run:
        raise ValueError("no data")
    tracker.flush()
    found = stored.run(run.run_id)
    assert found["status"] == "FAILED"
    assert found["failure"].endswith("ValueError: no data\n")


def test_files_are_safe_once_the_call_returns(here, stored, tmp_path):
    (tmp_path / "out/deep").mkdir(parents=True)
    (tmp_path / "out/model.bin").write_bytes(b"\x00\x01" * 10)
    (tmp_path / "out/deep/log.txt").write_text("first")
    with tracker.start_run() as run:
        run.log_artifact(tmp_path / "out/deep/log.txt", "logs")
        (tmp_path / "out/deep/log.txt").write_text("second")
        run.log_artifact(tmp_path / "out/deep/log.txt")
        run.log_artifacts(tmp_path / "out", "all")
        run.log_artifact(tmp_path / "out")
        run.log_text("", "empty.txt")
    tracker.flush()
    assert stored.file(run.run_id, "logs/log.txt") == "first"
    assert stored.file(run.run_id, "log.txt") == "second"
    assert stored.file(run.run_id, "all/deep/log.txt") == "second"
    assert stored.file(run.run_id, "out/model.bin") == "\x00\x01" * 10
    assert stored.file(run.run_id, "empty.txt") == ""


def test_a_large_file_is_uploaded_before_the_call_returns(here, stored, tmp_path, monkeypatch):
    monkeypatch.setattr("tracker.settings.COPY_LIMIT_BYTES", 1000)
    (tmp_path / "big").write_text("b" * 3_000_000)
    with tracker.start_run() as run:
        run.log_artifact(tmp_path / "big")
        assert list((run.journal_folder / "files").iterdir()) == []
        assert len(stored.file(run.run_id, "big")) == 3_000_000


def test_a_large_file_is_copied_where_the_server_is_not_there(offline):
    code = """
    import tracker.settings
    tracker.settings.COPY_LIMIT_BYTES = 1000
    open("big", "w").write("b" * 2000)
    tracker.start_run().log_artifact("big")
    """
    offline.run(code, TRACKER_EXIT_SECONDS="0")
    (copy,) = offline.journals.glob("*/files/*")
    assert copy.stat().st_size == 2000


def test_tables_grow_and_pictures_are_pictures(here, stored):
    with tracker.start_run() as run:
        run.log_table({"q": ["a", "b"], "n": [1, np.int64(2)]}, "eval.json")
        run.log_table({"n": [3], "q": ["c"]}, "eval.json")
        run.log_image(np.zeros((4, 4, 3), "uint8"), "zero.png")
        run.log_image(np.ones((4, 4)), key="sample", step=2)
    tracker.flush()
    table = stored.client.get(f"/api/v1/runs/{run.run_id}/artifacts/eval.json").body
    assert table == {"columns": ["q", "n"], "data": [["a", 1], ["b", 2], ["c", 3]]}
    listed = stored.client.get(f"/api/v1/runs/{run.run_id}/artifacts/?path=images").body["artifacts"]
    assert listed[0]["path"].startswith("images/sample+step+2+timestamp+")


def test_figures_are_drawn_in_the_format_of_their_name(here, stored):
    figure = matplotlib.figure.Figure()
    figure.subplots().plot([1, 2, 3])
    with tracker.start_run() as run:
        run.log_figure(figure, "plots/line.svg")
        with pytest.raises(InvalidValue, match="str is no figure"):
            run.log_figure("line", "plots/line.png")
    tracker.flush()
    assert "<svg" in stored.file(run.run_id, "plots/line.svg")


def test_the_data_that_was_used_is_noted(here, shared_server, stored):
    with tracker.start_run() as run:
        rows = np.arange(6.0).reshape(3, 2)
        digits = tracker.data.from_numpy(rows, source="https://example.org/digits", name="digits")
        run.log_input(digits, context="training")
        run.log_input(digits, context="training")
    tracker.flush()
    told = stored.client.get(f"/api/2.0/mlflow/runs/get?run_id={run.run_id}").body["run"]["inputs"]["dataset_inputs"]
    assert [one["dataset"]["name"] for one in told] == ["digits"]
    assert told[0]["tags"] == [{"key": "mlflow.data.context", "value": "training"}]


def test_nested_runs_are_children(here, stored):
    with tracker.start_run(run_name="sweep") as parent:
        with tracker.start_run(nested=True) as child:
            assert tracker.active_run() is child
        assert tracker.active_run() is parent
    tracker.flush()
    assert stored.run(child.run_id)["parent_run_id"] == parent.run_id


def test_a_second_run_beside_an_active_one_has_to_be_meant(here):
    with tracker.start_run() as run, pytest.raises(TrackerError, match=f"Run {run.run_id} is active"):
        tracker.start_run()


def test_a_run_is_gone_on_with(here, stored):
    with tracker.start_run(experiment="resumed") as run:
        run.log_metric("loss", 3.0)
        run.log_param("lr", 1)
    tracker.flush()
    with tracker.start_run(run_id=run.run_id) as again:
        tracker.flush()
        assert stored.run(run.run_id)["status"] == "RUNNING"
        again.log_metric("loss", 2.0)
    tracker.flush()
    assert stored.points(run.run_id, "loss") == [(0, 3.0), (1, 2.0)]
    assert stored.run(run.run_id)["status"] == "FINISHED"


def test_a_run_named_in_another_experiment_stays_where_it_is(here, stored, capfd):
    with tracker.start_run(experiment="home") as run:
        pass
    tracker.flush()
    with tracker.start_run(run_id=run.run_id, experiment="elsewhere") as again:
        again.set_tag("a", "1")
    tracker.flush()
    assert [one["run_id"] for one in stored.named("home")] == [run.run_id]
    assert stored.run(run.run_id)["tags"] == {"a": "1"}


def test_an_id_that_no_address_could_hold_is_refused(here):
    with pytest.raises(InvalidValue, match="is no run id"):
        tracker.start_run(run_id="../a")


def test_output_and_environment_are_captured(here, stored, capsys):
    with tracker.start_run(capture=["console", "packages", "git", "hardware"]) as run:
        print("epoch 1")
        print("10 %\r50 %\r100 %")
        print("no line feed", end="")
    tracker.flush()
    found = stored.run(run.run_id)
    assert found["environment"]["packages"]["numpy"] == np.__version__
    assert found["environment"]["hardware"]["cpus"] >= 1
    assert len(found["git_commit"]) == 40
    assert "epoch 1" in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_that_ends_waits_for_what_a_busy_machine_takes_seconds_to_find_out(here, stored, monkeypatch):
    monkeypatch.setattr("tracker.capture.environment.packages", lambda: time.sleep(4) or {"numpy": "1"})
    with tracker.start_run(capture=["packages"]) as run:
        pass
    tracker.flush()
    assert stored.run(run.run_id)["environment"]["packages"] == {"numpy": "1"}


def test_what_logging_was_set_up_to_print_before_the_run_is_captured_too(here, shared_server):
    handler = logging.StreamHandler()
    before = handler.stream
    logger = logging.getLogger("training")
    logger.addHandler(handler)
    try:
        with tracker.start_run(capture=["console"]) as run:
            logger.warning("the gradient is large")
        assert handler.stream is before
    finally:
        logger.removeHandler(handler)
    tracker.flush()
    with urllib.request.urlopen(f"{shared_server.url}/runs/{run.run_id}/logs/output.txt") as printed:
        assert b"the gradient is large" in printed.read()


def test_an_address_that_is_none_is_refused(here, monkeypatch):
    monkeypatch.setenv("TRACKER_URI", "localhost:8000")
    with pytest.raises(InvalidValue, match="TRACKER_URI='localhost:8000' is no address"):
        tracker.start_run()
    with pytest.raises(InvalidValue, match="is no address"):
        tracker.set_tracking_uri("mlruns")


def test_a_word_that_is_no_kind_of_capture_is_refused(here):
    with pytest.raises(InvalidValue, match="There is nothing called 'gti' to capture"):
        tracker.start_run(capture=["gti"])
    assert list(here.glob("*")) == []
