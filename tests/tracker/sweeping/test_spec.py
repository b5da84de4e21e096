"""What a sweep is to do: fields that fit together, from a file, from options, and as they are stored."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.sweeping.test_space import domains
from tracker import yaml_files
from tracker.errors import InvalidValue
from tracker.sweeping.spec import CHANGEABLE, GOALS, METHODS, Spec, changed, read, spec_of

SMALL = {"parameters": {"lr": [0.1, 0.01], "depth": {"low": 1, "high": 3}}}


def test_what_is_not_said_has_its_default():
    spec = spec_of(SMALL, "s.yaml")
    assert (spec.method, spec.goal, spec.uri, spec.entry_point, spec.total) == ("grid", "minimize", ".", "main", 6)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"parameters": {}}, "parameters is empty"),
        ({"parameters": ["lr"]}, "parameters=\"['lr']\" is no mapping"),
        ({"parameters": {"lr": {"low": 0.5, "high": 1}}}, "parameters: lr: a grid can't try every number"),
        ({"parameters": {"": [1]}}, "parameters: a name is empty"),
        ({"parameters": {"lr": None}}, "parameters: lr: 'None' is no value"),
        ({"method": "bayes"}, "method='bayes' is not one of grid, random, tpe"),
        ({"method": "random"}, "trials is not given"),
        ({"method": "tpe", "trials": 5}, "metric is not given, and method tpe needs it"),
        ({"pruner": "median"}, "metric is not given, and pruner needs it"),
        ({"stop_at": 0.1}, "metric is not given, and stop_at needs it"),
        ({"trials": 0}, "trials=0 is no whole number from 1"),
        ({"trials": True}, "trials=True is no whole number"),
        ({"jobs": 1.5}, "jobs=1.5 is no whole number"),
        ({"stop_at": "low", "metric": "loss"}, "stop_at='low' is no number"),
        ({"goal": "min"}, "goal='min' is not one of minimize, maximize"),
        ({"metrik": "loss"}, "there is no field 'metrik'; there are uri"),
        ({"env_manager": "poetry"}, "env_manager='poetry' is not one of local"),
        ({"metric": ["loss"]}, "metric=['loss'] is no text"),
        ({"parameters": {"a": {"low": 1, "high": 1000}, "b": {"low": 1, "high": 1000}}}, "1,000,000 trials are more"),
    ],
)
def test_a_mistake_names_the_file_the_field_and_the_value(told, why):
    with pytest.raises(InvalidValue, match=r"s\.yaml: ") as caught:
        spec_of(SMALL | told, "s.yaml")
    assert why in str(caught.value)


def test_a_grid_may_be_cut_off():
    assert spec_of(SMALL | {"trials": 4}, "s").total == 4
    assert spec_of(SMALL | {"trials": 40}, "s").total == 6


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("parameters: {lr: 1:10}", "1:10 in line 1 is a time of day in YAML. Write a range as"),
        ("parameters:\n  lr: [0.1, 1:30.5]", "1:30.5 in line 2 is a time of day"),
        ("trials: 1:00", "1:00 in line 1 is a time of day"),
        ("metric: a\nmetric: b", "metric is there twice in the mapping of line 1"),
        ("parameters: {lr: [1], lr: [2]}", "lr is there twice"),
    ],
)
def test_what_yaml_would_take_for_something_else_is_refused(tmp_path, text, why):
    (tmp_path / "sweep.yaml").write_text(text)
    with pytest.raises(InvalidValue, match=r"sweep\.yaml: ") as caught:
        read(tmp_path / "sweep.yaml")
    assert why in str(caught.value)


def test_texts_in_quotes_are_what_they_seem(tmp_path):
    (tmp_path / "sweep.yaml").write_text("parameters: {clock: ['1:10', a:b]}\n")
    assert spec_of(read(tmp_path / "sweep.yaml"), "s").parameters["clock"].points() == ("1:10", "a:b")


def test_a_file_names_a_folder_beside_itself(tmp_path):
    (tmp_path / "project").mkdir()
    file = tmp_path / "sweep.yaml"
    file.write_text("uri: project\nparameters: {lr: [0.1, 1e-2]}\n")
    assert spec_of(read(file), "s").uri == str(tmp_path / "project")


def test_a_file_may_name_a_repository(tmp_path):
    file = tmp_path / "sweep.yaml"
    file.write_text("uri: https://example.com/a.git#sub\nparameters: {lr: [0.1]}\n")
    assert spec_of(read(file), "s").uri == "https://example.com/a.git#sub"


@pytest.mark.parametrize(("text", "why"), [("- a", "is no mapping"), ("a: [", "is no YAML"), ("a: !!b 1", "a tag")])
def test_a_file_that_can_not_be_read_is_named(tmp_path, text, why):
    file = tmp_path / "sweep.yaml"
    file.write_text(text)
    with pytest.raises(InvalidValue, match=why) as caught:
        read(file)
    assert str(file) in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidValue, match="No such file"):
        read(tmp_path / "sweep.yaml")


@given(
    st.dictionaries(st.text(min_size=1), domains, min_size=1, max_size=3),
    st.sampled_from([method for method in METHODS if method != "grid"]),
    st.sampled_from(GOALS),
    st.integers(0, 2**32 - 1),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_what_is_stored_is_read_as_the_same_sweep(parameters, method, goal, seed, stop_at):
    spec = Spec(parameters=parameters, method=method, goal=goal, seed=seed, stop_at=stop_at, metric="loss", trials=3)
    stored = yaml_files.loaded(yaml_files.dumped(spec.described()), "s")
    assert spec_of(stored, "s") == spec


def test_a_resumed_sweep_may_have_more_trials():
    spec = spec_of(SMALL | {"method": "random", "trials": 3}, "s")
    assert changed(spec, {"trials": 9, "jobs": 2}) == dataclasses.replace(spec, trials=9, jobs=2)


@pytest.mark.parametrize("name", sorted({one.name for one in dataclasses.fields(Spec)} - set(CHANGEABLE)))
def test_a_resumed_sweep_keeps_what_decides_its_values(name):
    with pytest.raises(InvalidValue, match=f"{name} can't change"):
        changed(spec_of(SMALL, "s"), {name: "x"})
