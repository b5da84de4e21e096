from runs.colours import DASHES, colours_of


def test_ten_runs_have_ten_colours_and_no_dash():
    colours = colours_of([f"run-{number}" for number in range(10)]).values()
    assert {colour.token for colour in colours} == {f"run-{number}" for number in range(1, 11)}
    assert {colour.dash for colour in colours} == {""}


def test_the_eleventh_run_is_dashed():
    colours = list(colours_of([f"run-{number}" for number in range(11)]).values())
    assert colours[10].dash == DASHES[1]


def test_a_hundred_runs_are_told_apart():
    assert len(set(colours_of([f"run-{number}" for number in range(100)]).values())) == 100


def test_a_run_keeps_its_colour_when_the_last_one_leaves():
    ids = ["a", "b", "c", "d"]
    few = colours_of(ids[:3])
    assert {run_id: colours_of(ids)[run_id] for run_id in few} == few
