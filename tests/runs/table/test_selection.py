"""What is done with the runs that are selected."""

import pytest

from experiments.models import AuditEntry, Experiment
from runs.models import Run, Selection
from tests.factories import NOON, make_experiment, make_run
from trackerweb.clock import now_ms

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment():
    found = make_experiment("sweep")
    for number in range(4):
        make_run(found, run_id=f"r{number}", name=f"run-{number}", start_time=NOON + number, params={"lr": str(number)})
    return found


def do(client, action, experiment=None, **fields):
    form = {"do": action, **fields} | ({"of": str(experiment.pk)} if experiment else {})
    return client.post("/selection/", form)


def active():
    return sorted(Run.objects.active().values_list("run_id", flat=True))


def test_selected_runs_are_compared(client, experiment):
    answer = do(client, "compare", experiment, run=["r1", "r3"])
    assert answer.url == "/compare/?run=r1&run=r3"


def test_all_that_match_are_compared_live(client, experiment):
    answer = do(client, "compare", experiment, all="1", state="?q=lr<1&sort=metrics.loss&base=r1")
    assert answer.url == f"/compare/?q=lr%3C1&experiment={experiment.pk}&sort=metrics.loss&base=r1"


def test_more_runs_than_an_address_holds_are_compared_as_a_selection(client, experiment):
    runs = [make_run(experiment).run_id for _ in range(120)]
    answer = do(client, "compare", experiment, run=runs)
    assert answer.url.startswith("/compare/?selection=")
    assert "Compare 120 runs" in client.get(answer.url).text


def test_selected_runs_are_tagged(client, experiment):
    answer = do(client, "tag", experiment, run=["r1", "r2"], key="paper", value="yes", state="?q=lr%3C9")
    assert answer.url == f"/experiments/{experiment.pk}/?q=lr%3C9"
    assert sorted(Run.objects.search("tags.paper = 'yes'").values_list("run_id", flat=True)) == ["r1", "r2"]
    assert [entry.before for entry in AuditEntry.objects.filter(action="set tag")] == [{"paper": None}] * 2
    assert "Tagged 2 runs paper: yes." in client.get(answer.url).text


def test_a_tag_that_is_a_field_changes_the_field(client, experiment):
    do(client, "tag", experiment, run=["r1"], key="mlflow.runName", value="renamed")
    assert Run.objects.get(run_id="r1").name == "renamed"


def test_selected_runs_are_moved(client, experiment):
    do(client, "move", experiment, run=["r0", "r1"], target="elsewhere")
    assert Experiment.objects.get(name="elsewhere").runs.count() == 2
    assert AuditEntry.objects.filter(action="move").count() == 2


def test_selected_runs_go_to_the_trash_and_come_back_by_undo(client, experiment):
    make_run(experiment, run_id="child", parent_run_id="r2")
    answer = do(client, "trash", experiment, run=["r1", "r2"], state="?q=lr%3E0")
    assert active() == ["r0", "r3"]
    page = client.get(answer.url)
    assert "2 runs moved to the trash." in page.text
    token = page.context["undo"].token
    back = do(client, "undo", experiment, selection=token, state="?q=lr%3E0")
    assert back.url == f"/experiments/{experiment.pk}/?q=lr%3E0"
    assert active() == ["child", "r0", "r1", "r2", "r3"]


def test_all_that_match_are_meant_not_the_page(client, experiment):
    do(client, "trash", experiment, all="1", run=["r0"], state="?q=params.lr+%3E+0&rows=25")
    assert active() == ["r0"]


def test_all_that_match_stay_within_the_experiment(client, experiment):
    make_run(make_experiment(), run_id="other")
    do(client, "trash", experiment, all="1", state="?")
    assert active() == ["other"]


def test_runs_in_the_trash_are_restored(client, experiment):
    Run.objects.get(run_id="r1").trash()
    do(client, "restore", experiment, run=["r1"], state="?trash=1")
    assert len(active()) == 4


def test_selected_runs_are_exported(client, experiment):
    answer = do(client, "export", experiment, run=["r1", "r2"])
    lines = b"".join(client.get(answer.url).streaming_content).decode().splitlines()
    assert [line.split(",")[0] for line in lines] == ["run_id", "r2", "r1"]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"do": "trash"}, 400, "No run is selected"),
        ({"do": "burn", "run": "r1"}, 400, "is not one of compare"),
        ({"do": "tag", "run": "r1", "key": " "}, 400, "A tag needs a name"),
        ({"do": "trash", "run": "nobody"}, 404, "no run &#x27;nobody&#x27;"),
        ({"do": "trash", "run": ["r1", "nobody"]}, 404, "item 1"),
        ({"do": "move", "run": "r1", "target": ""}, 400, ""),
        ({"do": "undo", "selection": "nothing"}, 404, "kept for 30 days"),
        ({"do": "trash", "all": "1", "state": "?q=("}, 400, "ends too early"),
        ({"do": "trash", "run": "r1", "of": "x"}, 400, "is no experiment id"),
        ({"do": "trash", "run": "r\0"}, 400, ""),
        ({"do": "tag", "run": "r1", "key": "a\0b"}, 400, ""),
    ],
)
def test_what_can_not_be_done_changes_nothing(client, experiment, fields, status, words):
    answer = client.post("/selection/", fields)
    assert answer.status_code == status
    assert words in answer.text
    assert len(active()) == 4


def test_a_selection_is_forgotten_after_a_month(experiment):
    runs = list(Run.objects.filter(run_id="r1"))
    old = Selection.keep(runs)
    Selection.objects.filter(pk=old.pk).update(time=now_ms() - 31 * 86_400_000)
    Selection.keep(runs)
    assert not Selection.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize("action", ["trash", "tag"])
def test_a_thousand_runs_are_a_matter_of_few_queries(client, experiment, action, django_assert_max_num_queries):
    Run.objects.bulk_create(
        Run(run_id=f"m{number}", experiment=experiment, name="m", start_time=NOON, heartbeat_time=NOON)
        for number in range(1000)
    )
    with django_assert_max_num_queries(40):
        do(client, action, experiment, all="1", state="?", key="k", value="v")
