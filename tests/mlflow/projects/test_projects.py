"""Each project becomes the same with `mlflow run --env-manager local` and with ours."""

import pytest

from tests.mlflow.projects.cases import CASES, DIFFERENT

#: Tags that are made up, or the same by other means: MLflow's name of a run.
MADE_UP = {"mlflow.runName"}


def of_mlflow(tags):
    return {key: value for key, value in tags.items() if key.startswith("mlflow.") and key not in MADE_UP}


def test_most_of_a_hundred_projects_run(outcomes):
    ran = [name for name in CASES if outcomes[name][0].became != "refused"]
    assert len(CASES) >= 100
    assert len(ran) >= 70


@pytest.mark.parametrize("name", CASES)
def test_a_project_becomes_the_same(outcomes, name):
    theirs, ours = outcomes[name]
    assert (ours.became, ours.exit_status) == (theirs.became, theirs.exit_status), (theirs, ours)
    assert ours.command == theirs.command
    assert ours.said == theirs.said
    assert ours.params == theirs.params
    assert of_mlflow(ours.tags) == of_mlflow(theirs.tags)


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_differs_on_purpose(outcomes, name):
    theirs, ours = outcomes[name]
    assert (theirs.became, ours.became) == DIFFERENT[name][1:], (theirs, ours)


@pytest.mark.parametrize("name", CASES)
def test_what_is_refused_is_told_in_words(outcomes, name):
    _, ours = outcomes[name]
    if ours.became == "refused":
        kind, _, message = ours.error.partition(": ")
        assert kind in {"InvalidProject", "InvalidValue"}
        assert len(message) > 30
