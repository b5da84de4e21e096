"""Runs, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.speaker import API, Speaker

TAGS = [{"key": "b", "value": "1"}, {"key": "a", "value": ""}]


@alike
def test_create(server: Speaker):
    server.tell(server.run())


@alike
def test_create_with_everything(server: Speaker):
    server.tell(server.run(user_id="ada", run_name="first run", start_time=1234, tags=TAGS))


@alike
def test_create_in_the_default_experiment(server: Speaker):
    server.tell(server.run("0"))


@differs("codes of errors", theirs=(400, "BAD_REQUEST"), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_create_without_an_experiment(server: Speaker):
    return server.ask("POST", API + "runs/create", {}).outcome


@pytest.mark.parametrize("number", ["999999", "abc", "-1"])
@alike
def test_create_in_an_experiment_that_is_not_there(server: Speaker, number):
    server.post("runs/create", experiment_id=number)


@alike
def test_create_with_an_id_as_a_number(server: Speaker):
    server.post("runs/create", experiment_id=0, start_time=1)


@alike
def test_create_with_numbers_as_texts(server: Speaker):
    server.tell(server.run(start_time="1234"))


@pytest.mark.parametrize("time", ["abc", -5, "1.0"])
@alike
def test_create_with_an_odd_start(server: Speaker, time):
    server.ask("POST", API + "runs/create", {"experiment_id": server.experiment(), "start_time": time})


@pytest.mark.parametrize("time", [1.5, 2**63, True])
@differs("whole numbers that are none", theirs=(200, ""), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_create_with_a_start_that_is_no_whole_number(server: Speaker, time):
    body = {"experiment_id": server.experiment(), "start_time": time}
    return server.ask("POST", API + "runs/create", body).outcome


@alike
def test_create_with_a_name_in_a_tag(server: Speaker):
    server.tell(server.run(tags=[{"key": "mlflow.runName", "value": "in a tag"}]))


@alike
def test_create_with_a_name_twice_the_same(server: Speaker):
    server.tell(server.run(run_name="same", tags=[{"key": "mlflow.runName", "value": "same"}]))


@alike
def test_create_with_two_names(server: Speaker):
    tags = [{"key": "mlflow.runName", "value": "one"}]
    server.post("runs/create", experiment_id=server.experiment(), run_name="other", tags=tags)


@alike
def test_create_with_the_tags_of_the_client(server: Speaker):
    tags = {
        "mlflow.user": "ada", "mlflow.source.name": "train.py", "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": "abc", "mlflow.note.content": "# Note", "mlflow.project.entryPoint": "main",
    }  # fmt: skip
    server.tell(server.run(tags=[{"key": key, "value": value} for key, value in tags.items()]))


@alike
def test_create_a_child(server: Speaker):
    experiment = server.experiment()
    parent = server.run(experiment)
    server.tell(server.run(experiment, tags=[{"key": "mlflow.parentRunId", "value": parent}]))


@differs("tags of a new run", theirs=(400, "BAD_REQUEST"), ours=(200, ""))
def test_create_with_the_same_tag_twice(server: Speaker):
    tags = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]
    return server.ask("POST", API + "runs/create", {"experiment_id": server.experiment(), "tags": tags}).outcome


@pytest.mark.parametrize("tags", ["a", {"a": 1}, [1], [[]], [{"key": "a*b", "value": "x"}]])
@differs("tags of a new run", theirs=(200, ""), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_create_with_tags_that_can_not_be(server: Speaker, tags):
    return server.ask("POST", API + "runs/create", {"experiment_id": server.experiment(), "tags": tags}).outcome


@pytest.mark.parametrize("name", ["ünïcode 💥", "a/b", "<script>", "x" * 250, " ", "a\nb"])
@alike
def test_create_with_an_odd_name(server: Speaker, name):
    server.tell(server.run(run_name=name))


@alike
def test_create_with_an_empty_name(server: Speaker):
    server.tell(server.run(run_name=""))


@alike
def test_get(server: Speaker):
    run = server.run()
    server.get("runs/get", run_id=run)
    server.get("runs/get", run_uuid=run)


@alike
def test_get_what_is_not_there(server: Speaker):
    server.get("runs/get", run_id="0" * 32)
    server.get("runs/get", run_id="nobody")


@alike
def test_get_without_an_id(server: Speaker):
    server.get("runs/get")
    server.get("runs/get", run_id="")


@alike
def test_get_with_a_body(server: Speaker):
    server.ask("GET", API + "runs/get", {"run_id": server.run()})


@pytest.mark.parametrize("status", ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"])
@alike
def test_update_the_status(server: Speaker, status):
    run = server.run()
    server.post("runs/update", run_id=run, status=status)
    server.tell(run)


@pytest.mark.parametrize("status", [1, 3, "3", 5])
@alike
def test_update_the_status_by_number(server: Speaker, status):
    run = server.run()
    server.post("runs/update", run_id=run, status=status)
    server.tell(run)


@pytest.mark.parametrize("status", ["finished", "DONE", ""])
@alike
def test_update_to_a_status_that_nobody_knows(server: Speaker, status):
    run = server.run()
    server.ask("POST", API + "runs/update", {"run_id": run, "status": status})
    server.tell(run)


@alike
def test_update_the_end(server: Speaker):
    run = server.run()
    server.post("runs/update", run_id=run, status="FINISHED", end_time=5000)
    server.tell(run)


@alike
def test_update_the_end_as_text(server: Speaker):
    run = server.run()
    server.post("runs/update", run_id=run, status="FINISHED", end_time="5000")
    server.tell(run)


@alike
def test_update_the_name(server: Speaker):
    run = server.run(run_name="before")
    server.post("runs/update", run_id=run, run_name="after")
    server.tell(run)


@alike
def test_update_with_nothing(server: Speaker):
    run = server.run()
    server.post("runs/update", run_id=run)
    server.tell(run)


@alike
def test_update_by_run_uuid(server: Speaker):
    run = server.run()
    server.post("runs/update", run_uuid=run, status="FAILED")
    server.tell(run)


@alike
def test_update_what_is_not_there(server: Speaker):
    server.post("runs/update", run_id="nobody", status="FINISHED")
    server.post("runs/update", status="FINISHED")


@alike
def test_update_again_and_back(server: Speaker):
    run = server.run()
    for status in ("FINISHED", "RUNNING", "KILLED"):
        server.post("runs/update", run_id=run, status=status, end_time=7000)
        server.tell(run)


@alike
def test_delete_and_restore(server: Speaker):
    run = server.run()
    for action in ("delete", "restore"):
        server.post(f"runs/{action}", run_id=run)
        server.tell(run)


@alike
def test_delete_and_restore_twice(server: Speaker):
    run = server.run()
    for action in ("delete", "delete", "restore", "restore"):
        server.post(f"runs/{action}", run_id=run)


@pytest.mark.parametrize("action", ["delete", "restore"])
@alike
def test_delete_or_restore_what_is_not_there(server: Speaker, action):
    server.post(f"runs/{action}", run_id="nobody")
    server.post(f"runs/{action}")


@alike
def test_a_trashed_run_takes_nothing(server: Speaker):
    run = server.run()
    server.post("runs/delete", run_id=run)
    server.post("runs/log-metric", run_id=run, key="m", value=1, timestamp=1)
    server.post("runs/log-parameter", run_id=run, key="p", value="1")
    server.post("runs/set-tag", run_id=run, key="t", value="1")
    server.post("runs/delete-tag", run_id=run, key="t")
    server.post("runs/log-batch", run_id=run, params=[{"key": "p", "value": "1"}])
    server.post("runs/update", run_id=run, status="FINISHED")
    server.post("runs/log-inputs", run_id=run, datasets=[])
    server.tell(run)


@alike
def test_a_run_tells_all_that_was_logged(server: Speaker):
    run = server.run()
    server.log(run, loss=0.5, acc=0.9)
    server.post("runs/log-batch", run_id=run, params=[{"key": "lr", "value": "0.1"}], tags=TAGS)
    server.tell(run)


@alike
def test_the_last_point_of_a_series_is_the_one_with_the_highest_step(server: Speaker):
    run = server.run()
    for step, value in ((2, 0.2), (5, 0.5), (1, 0.1)):
        server.post("runs/log-metric", run_id=run, key="m", value=value, step=step, timestamp=10 - step)
    server.tell(run)


@alike
def test_of_equal_steps_the_last_point_is_the_latest(server: Speaker):
    run = server.run()
    for time, value in ((5, 0.5), (9, 0.9), (7, 0.7)):
        server.post("runs/log-metric", run_id=run, key="m", value=value, timestamp=time)
    server.tell(run)


@alike
def test_of_equal_steps_and_times_the_last_point_is_the_largest(server: Speaker):
    run = server.run()
    for value in (0.5, 0.9, 0.7):
        server.post("runs/log-metric", run_id=run, key="m", value=value, timestamp=5)
    server.tell(run)


@alike
def test_the_ajax_address_answers_the_same(server: Speaker):
    run = server.run()
    server.ask("GET", f"/ajax-api/2.0/mlflow/runs/get?run_id={run}")
    server.ask("POST", "/ajax-api/2.0/mlflow/runs/set-tag", {"run_id": run, "key": "a", "value": "b"})
    server.tell(run)


@differs("children of a deleted run", theirs="active", ours="deleted")
def test_delete_a_parent(server: Speaker):
    experiment = server.experiment()
    parent = server.run(experiment)
    child = server.run(experiment, tags=[{"key": "mlflow.parentRunId", "value": parent}])
    server.post("runs/delete", run_id=parent)
    return server.tell(child)["run"]["info"]["lifecycle_stage"]


@differs("a run that is its own ancestor", theirs=(200, ""), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_a_run_is_its_own_parent(server: Speaker):
    run = server.run()
    body = {"run_id": run, "key": "mlflow.parentRunId", "value": run}
    return server.ask("POST", API + "runs/set-tag", body).outcome


@differs("a run without a start", theirs=True, ours=False)
def test_create_without_a_start(server: Speaker):
    made = server.post("runs/create", experiment_id=server.experiment())
    return made["run"]["info"]["start_time"] == 0
