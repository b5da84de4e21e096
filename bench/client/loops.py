"""One client in a process of its own: what it costs to import, to begin, per call, and to end. Prints JSON.

    python loops.py CLIENT FOLDER URI STEPS

Knows only the standard library and the client that it measures, so that it runs in any environment.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path


class Ours:
    """`tracker`."""

    def __init__(self, folder, uri):
        os.environ |= {"TRACKER_URI": uri, "TRACKER_JOURNAL": str(folder), "TRACKER_QUIET": "1"}
        import tracker

        self.tracker = tracker

    def begin(self):
        self.run = self.tracker.start_run(experiment="bench")

    def one(self, step):
        self.run.log_metric("single", step * 0.5, step=step)

    def two(self, step):
        self.run.log({"loss": 1 / (step + 1), "acc": step * 0.001}, step=step)

    def end(self):
        self.run.end()
        assert self.tracker.flush(300)


class MLflow:
    """MLflow's client; `synchronous=False` is its own asynchronous logging."""

    synchronous = True

    def __init__(self, folder, uri):
        os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_TRACKING_URI": uri}
        import mlflow

        self.mlflow = mlflow

    def begin(self):
        self.mlflow.set_experiment("bench")
        self.mlflow.start_run()

    def one(self, step):
        self.mlflow.log_metric("single", step * 0.5, step=step, synchronous=self.synchronous)

    def two(self, step):
        values = {"loss": 1 / (step + 1), "acc": step * 0.001}
        self.mlflow.log_metrics(values, step=step, synchronous=self.synchronous)

    def end(self):
        self.mlflow.flush_async_logging()
        self.mlflow.end_run()


class MLflowAsync(MLflow):
    """The same, in the background."""

    synchronous = False


class Trackio:
    """trackio: a thread that writes SQLite."""

    def __init__(self, folder, uri):
        os.environ |= {"TRACKIO_DIR": str(folder), "HF_HUB_OFFLINE": "1"}
        import trackio

        self.trackio = trackio

    def begin(self):
        self.trackio.init(project="bench", embed=False)

    def one(self, step):
        self.trackio.log({"single": step * 0.5}, step=step)

    def two(self, step):
        self.trackio.log({"loss": 1 / (step + 1), "acc": step * 0.001}, step=step)

    def end(self):
        self.trackio.finish()


class TensorBoard:
    """TensorBoard's own writer of event files, without TensorFlow."""

    def __init__(self, folder, uri):
        from tensorboard.summary import Writer

        self.make, self.folder = Writer, folder

    def begin(self):
        self.writer = self.make(str(self.folder))

    def one(self, step):
        self.writer.add_scalar("single", step * 0.5, step)

    def two(self, step):
        self.writer.add_scalar("loss", 1 / (step + 1), step)
        self.writer.add_scalar("acc", step * 0.001, step)

    def end(self):
        self.writer.flush()
        self.writer.close()


CLIENTS = {
    "tracker": Ours, "mlflow": MLflow, "mlflow-async": MLflowAsync, "trackio": Trackio, "tensorboard": TensorBoard,
}  # fmt: skip


def main(name, folder, uri, steps):
    """Measure one client."""
    told = {}
    begun = time.perf_counter()
    client = CLIENTS[name](Path(folder), uri)
    told["import, s"] = time.perf_counter() - begun
    begun = time.perf_counter()
    client.begin()
    told["begin a run, s"] = time.perf_counter() - begun
    for step in range(10):
        client.two(step)
    for title, call in (("one metric", client.one), ("two metrics", client.two)):
        took = paced(call, steps)
        told[f"{title}: median µs a call"] = statistics.median(took) * 1e6
        told[f"{title}: 99th percentile µs"] = sorted(took)[len(took) * 99 // 100] * 1e6
    begun, cpu = time.perf_counter(), time.process_time()
    for step in range(steps, 2 * steps):
        client.two(step)
    loop = time.perf_counter()
    client.end()
    told["close, s"] = time.perf_counter() - loop
    told["end to end: points/s"] = 2 * steps / (time.perf_counter() - begun)
    told["CPU of the process: µs a point"] = (time.process_time() - cpu) / (2 * steps) * 1e6
    print(json.dumps(told))


def paced(call, steps):
    """Seconds of each call, with a little training between them, as a loop has it."""
    took = []
    for step in range(steps):
        begun = time.perf_counter()
        call(step)
        took.append(time.perf_counter() - begun)
        if step % 20 == 0:
            time.sleep(0.001)
    return took


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
