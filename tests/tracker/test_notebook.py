"""A notebook's cells, run by a real IPython."""

CELLS = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
def cell(text):
    return shell.run_cell(text).success
assert cell("import tracker")
assert cell("run = tracker.start_run(experiment='notebook')")
assert cell("run.log_metric('loss', 0.5)")
assert not cell("1 / 0")
assert cell("run.log_metric('loss', 0.4)")
assert cell("print('printed in a cell')")
assert not cell("with tracker.start_run(experiment='notebook', nested=True): raise ValueError('in a cell')")
{end}
"""


def test_a_run_stays_open_from_cell_to_cell_whatever_fails(scripts, stored):
    done = scripts.run(CELLS.format(end="assert cell('run.end()')"), TRACKER_CAPTURE="console")
    assert done.returncode == 0, done.stderr
    run, child = stored.named("notebook")
    assert (run["status"], run["metrics"]["loss"]["count"]) == ("FINISHED", 2)
    assert (child["status"], child["parent_run_id"]) == ("FAILED", run["run_id"])
    assert "ValueError: in a cell" in child["failure"]


def test_the_end_of_the_kernel_ends_it(scripts, stored):
    code = CELLS.replace("'notebook'", "'kernel'").format(end="")
    assert scripts.run(code).returncode == 0
    assert stored.named("kernel")[0]["status"] == "FINISHED"
