"""Event files of TensorBoard, written by its own package."""

import math
import os
import time

import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from experiments.models import Experiment
from runs.models import Run
from tests.factories import NOON
from tests.importing.conftest import Done, series

pytestmark = pytest.mark.django_db


class Log:
    """A run's folder, written to."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.writer = EventFileWriter(str(folder))

    def scalar(self, tag, value, step):
        self.add(summary_pb2.Summary.Value(tag=tag, simple_value=value), step)

    def add(self, value, step=0):
        summary = summary_pb2.Summary(value=[value])
        self.writer.add_event(event_pb2.Event(wall_time=NOON / 1000 + step, step=step, summary=summary))

    def close(self, *, is_old=True):
        self.writer.close()
        for file in self.folder.glob("*tfevents*"):
            moment = time.time() - (3600 if is_old else 0)
            os.utime(file, (moment, moment))


@pytest.fixture
def log(tmp_path):
    written = Log(tmp_path / "logs" / "lr=0.1" / "train")
    written.scalar("loss", 0.5, 0)
    written.scalar("loss", 0.25, 1)
    written.scalar("odd", math.nan, 3)
    return written


def test_a_folder_with_event_files_is_a_run(log, tmp_path):
    log.close()
    Done(tmp_path / "logs")
    run = Experiment.objects.named("logs").runs.get()
    assert (run.name, run.status, run.start_time) == ("lr=0.1/train", "FINISHED", NOON)
    assert series(run.run_id, "loss") == [(0, NOON, 0.5), (1, NOON + 1000, 0.25)]
    assert math.isnan(series(run.run_id, "odd")[0][2])


def test_one_that_is_written_to_runs_and_grows(log, tmp_path):
    log.writer.flush()
    Done(tmp_path / "logs")
    assert Run.objects.get().status == "RUNNING"
    log.scalar("loss", 0.125, 2)
    log.close()
    again = Done(tmp_path / "logs")
    assert (again.counts["grown_runs"], again.counts["points"]) == (1, 1)
    assert Run.objects.get().status == "FINISHED"
    assert Done(tmp_path / "logs").counts == {"experiments": 1, "same_runs": 1}


def test_hyperparameters_are_params(log, tmp_path):
    told = HParamsPluginData()
    hparams = told.session_start_info.hparams
    hparams["lr"].number_value, hparams["layers"].number_value = 0.1, 3
    hparams["net"].string_value, hparams["bias"].bool_value = "mlp", True
    data = {"plugin_name": "hparams", "content": told.SerializeToString()}
    metadata = summary_pb2.SummaryMetadata(plugin_data=data)
    log.add(summary_pb2.Summary.Value(tag="_hparams_/session_start_info", metadata=metadata))
    log.close()
    Done(tmp_path / "logs")
    params = dict(Run.objects.get().params.values_list("key", "value"))
    assert params == {"lr": "0.1", "layers": "3", "net": "mlp", "bias": "True"}


def test_images_and_texts_are_files_and_the_rest_is_told(log, tmp_path):
    for plugin, pieces in (("images", [b"1", b"1", b"png"]), ("text", [b"hello"]), ("histograms", [b"x"])):
        metadata = summary_pb2.SummaryMetadata(plugin_data={"plugin_name": plugin})
        tensor = tensor_pb2.TensorProto(dtype=7, string_val=pieces)
        log.add(summary_pb2.Summary.Value(tag=f"a/{plugin}", metadata=metadata, tensor=tensor), 2)
    log.close()
    done = Done(tmp_path / "logs")
    sizes = dict(Run.objects.get().artifacts.values_list("path", "blob__size"))
    assert sizes == {f"images/a~images+step+2+timestamp+{NOON + 2000}+0.png": 3, "texts/a~text+step+2.md": 5}
    assert "histograms (a/histograms) is not taken over" in done.reasons("note", "lr")[0]


def test_a_file_that_is_no_event_file_costs_itself(log, tmp_path):
    log.close()
    (tmp_path / "logs" / "bad").mkdir()
    (tmp_path / "logs" / "bad" / "events.out.tfevents.1").write_bytes(b"x" * 100)
    Done(tmp_path / "logs")
    assert "lr=0.1/train" in Run.objects.values_list("name", flat=True)
