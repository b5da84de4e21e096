"""Where the room goes: by experiment, run and type of file, largest first; shared content once."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.artifacts import store
from runs.disk_use import DiskUse
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


def test_the_largest_experiment_and_run_come_first():
    small, large = make_experiment("small"), make_experiment("large")
    for experiment, size in ((small, 10), (large, 5000)):
        store.put(make_run(experiment, name=experiment.name), "w.bin", [b"0" * size])
    disk = DiskUse()
    assert [item.thing.name for item in disk.experiments][:2] == ["large", "small"]
    assert [item.thing.name for item in disk.runs] == ["large", "small"]
    assert (disk.runs[0].files, disk.runs[0].file_bytes, disk.runs[0].share) == (1, 5000, 1.0)


def test_points_take_room_too():
    make_run(name="few", metrics={"loss": [1.0]})
    make_run(name="many", metrics={"loss": [1.0] * 500})
    assert [item.thing.name for item in DiskUse().runs] == ["many", "few"]
    assert DiskUse().runs[0].row_bytes > 500 * 29


def test_types_are_told_by_name():
    run = make_run()
    for path in ("a.png", "b.png", "c.csv"):
        store.put(run, path, [path.encode() * 10])
    assert [(item.thing, item.files, item.file_bytes) for item in DiskUse().types] == [
        ("image/png", 2, 100),
        ("text/csv", 1, 50),
    ]


def test_shared_content_counts_once_and_names_who_shares_it():
    for name in ("one", "two", "three", "four", "five"):
        store.put(make_run(name=name), "same.bin", [b"0" * 1000])
    disk = DiskUse()
    assert disk.blobs == {"count": 1, "size": 1000}
    assert disk.saved_bytes == 4000
    (content,) = disk.contents
    assert [artifact.run.name for artifact in content.artifacts] == ["one", "two", "three"]
    assert content.more == 2


def test_the_trash_is_counted_and_linked():
    run = make_run()
    store.put(run, "a", [b"0" * 10_000])
    run.trash()
    assert DiskUse().trash_bytes == 10_000 + 1600
    assert "11.3 KB in the trash" in Client().get("/disk/").content.decode().replace("\xa0", " ")


def test_an_empty_store_shows_how_to_log_a_file():
    page = Client().get("/disk/").content.decode()
    assert re.search(r"curl -T model.onnx http://testserver/api/v1/runs/RUN_ID/artifacts/model.onnx", page)


@pytest.mark.parametrize("size", [1, 10])
def test_the_page_costs_so_many_queries(size):
    for number in range(size):
        store.put(make_run(make_experiment()), "a.png", [b"%d" % number])
    with CaptureQueriesContext(connection) as queries:
        Client().get("/disk/")
    # blobs; bytes as logged, of runs and of models; trash; experiments; runs; their files; types; contents; who shares
    # them; bar
    assert len(queries) == 11, [query["sql"][:100] for query in queries]
