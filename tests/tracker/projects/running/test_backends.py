"""Backends are found by name, this package's own and those of others."""

import textwrap

import pytest

from tracker.errors import InvalidValue
from tracker.projects import backends, run

PLUGIN = """
    import subprocess

    class Handle:
        def __init__(self, job, output):
            self.job, self.output = job, output

        def wait(self):
            done = subprocess.run(["bash", "-c", self.job.command], capture_output=True, cwd=self.job.project.folder)
            self.output("stdout", done.stdout)
            return done.returncode + self.job.options["more"]

        def stop(self):
            pass

    class Backend:
        name = "elsewhere"

        def submit(self, job, output):
            if "broken" in job.options:
                raise RuntimeError("no such cluster")
            return Handle(job, output)

        def slots(self, options):
            return 2
"""


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A package that is installed beside, with a backend; and a project."""
    notes = tmp_path / "site/elsewhere-1.0.dist-info"
    notes.mkdir(parents=True)
    (notes / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
    (notes / "entry_points.txt").write_text("[trackerweb.backends]\nelsewhere = elsewhere_backend:Backend\n")
    (tmp_path / "site/elsewhere_backend.py").write_text(textwrap.dedent(PLUGIN))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    project = tmp_path / "project"
    project.mkdir()
    (project / "MLproject").write_text("entry_points: {main: {command: 'echo from elsewhere'}}")
    return project


def test_there_are_ours_without_being_installed():
    assert {"local", "ray"} <= set(backends.names())
    assert backends.find("local").slots({}) is None


def test_a_name_that_is_none_is_told_with_those_there_are(elsewhere):
    with pytest.raises(InvalidValue, match="'nowhere' is not there; there are elsewhere, local, ray"):
        backends.find("nowhere")


def test_a_backend_of_another_package_runs_a_project(elsewhere, here, stored, capfd):
    submitted = run(str(elsewhere), backend="elsewhere", backend_config={"more": 3}, synchronous=False)
    assert submitted.wait() is False
    assert (submitted.status, submitted.exit_status) == ("FAILED", 3)
    assert "from elsewhere" in capfd.readouterr().out
    import tracker

    tracker.flush(10)
    assert stored.run(submitted.run_id)["tags"]["mlflow.project.backend"] == "elsewhere"


def test_a_backend_that_fails_to_start_fails_the_run(elsewhere, here, stored):
    import tracker

    with pytest.raises(RuntimeError, match="no such cluster"):
        run(str(elsewhere), backend="elsewhere", backend_config={"broken": True}, experiment_name="broken-backend")
    tracker.flush(10)
    (found,) = stored.named("broken-backend")
    assert found["status"] == "FAILED"
    assert "no such cluster" in found["failure"]


def test_a_run_is_asked_as_mlflows_is(elsewhere, here):
    # By their order, as mlflow.projects.run takes them.
    told = (elsewhere, "main", None, {}, None, "asked", "", "elsewhere", {"more": 0}, None, True, None, "name", "local")
    submitted = run(*told, False)
    assert submitted.get_status() == "FINISHED"
    assert submitted.wait()


def test_a_failing_project_raises(elsewhere, here):
    from tracker.projects import ProjectFailed

    with pytest.raises(ProjectFailed, match="exit status 1"):
        run(str(elsewhere), backend="elsewhere", backend_config='{"more": 1}')
