"""What a program says of its run: values, params, tags, files."""

import json
import os
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker import contents, couriers, settings, values
from tracker.data import Dataset
from tracker.errors import InvalidValue, ParamAlreadySet, RunEnded
from tracker.open_run import Identity, OpenRun, now_ms
from tracker.told import RunData, RunInfo

if TYPE_CHECKING:
    from tracker.models.logged import ModelInfo

#: No entry of a journal holds more texts, or characters of them, so that none is too large for one request.
MOST_TEXTS, MOST_CHARACTERS = 1000, 1_000_000
_NUMBER_WORDS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


class Run(OpenRun):
    """A run. All that is logged to it is on the disk when the call returns; nothing waits for the server.

    A run that was joined belongs to another process, which alone ends it. Times are milliseconds since 1970, UTC.
    """

    def __init__(self, identity: Identity, *, is_owner: bool, logs: bool = True, steps: Mapping[str, int] = {}) -> None:
        self._names: dict[str, str] = {}
        self._steps: dict[str, int] = dict(steps)
        self._counting = threading.RLock()
        self._params: dict[str, str] = {}
        self._tags: dict[str, str] = {}
        self._last: dict[str, float] = {}
        self._tables: dict[str, tuple[list[str], list[list[Any]]]] = {}
        super().__init__(identity, is_owner=is_owner, logs=logs)

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to another process, it is a run that was joined."""
        return _joined, (self._identity,)

    @property
    def info(self) -> RunInfo:
        """Names and times, as MLflow's scripts ask for them."""
        fields = self._identity.fields
        return RunInfo(
            self.run_id, fields.get("name", ""), fields.get("experiment", ""), self.status, self._started,
            self._end_time, f"{self.uri}/api/v1/runs/{self.run_id}/artifacts",
        )  # fmt: skip

    @property
    def data(self) -> RunData:
        """What was logged here, as MLflow's scripts ask for it."""
        return RunData(dict(self._params), dict(self._tags), dict(self._last))

    def log(self, metrics: Mapping[str, Any], step: int | None = None, timestamp: int | None = None) -> None:
        """Log values of metrics at one step: numbers, or what holds one, such as a tensor with one item.

        Without `step` it is one more than the last step of any of these metrics; without `timestamp` (ms) it is now.

        Errors: InvalidValue, RunEnded; then nothing of the call is kept.
        """
        points, last = [], {}
        for key, value in metrics.items():
            number = value if type(value) is float else values.number_of(value, key)
            text = repr(number) if number - number == 0.0 else _NUMBER_WORDS[repr(number)]
            points.append((self._names.get(key) or self._name(key)) + text)
            last[key] = number
        timestamp = time.time_ns() // 1_000_000 if timestamp is None else values.time_of(timestamp)
        if step is None:
            step = self._next_step(metrics)
        else:
            step = values.step_of(step)
            for key in metrics:
                self._steps[key] = step + 1
        if self._ended is not None:
            raise RunEnded(f"Run {self.run_id} has ended: {', '.join(metrics)} can't be logged to it.")
        if points:
            self._last.update(last)
            self._journal.append(f'{{"t":{timestamp},"s":{step},"m":{{{",".join(points)}}}}}')

    def log_metric(self, key: str, value: Any, step: int | None = None, timestamp: int | None = None) -> None:
        """Log one value of one metric; see `log`."""
        self.log({key: value}, step, timestamp)

    log_metrics = log

    def log_param(self, key: str, value: Any) -> Any:
        """Log a param; see `log_params`. Returns the value."""
        self.log_params({key: value})
        return value

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log what the run was configured with, as texts. A param is written once; the same value again is fine.

        Errors: ParamAlreadySet, InvalidValue, RunEnded; then nothing of the call is kept.
        """
        texts = self._texts(params, "param")
        for key, text in texts.items():
            known = self._params.get(key, text)
            if known != text:
                raise ParamAlreadySet(
                    f"Param {key!r} is {known[:200]!r} already and can't become {text[:200]!r}: params are written "
                    "once. Log it under another name, or correct it on the run's page."
                )
        self._say_texts("params", texts)
        self._params |= texts

    def set_tag(self, key: str, value: Any) -> None:
        """Set a tag; see `set_tags`."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags, as texts; the last value wins.

        Errors: InvalidValue, RunEnded.
        """
        texts = self._texts(tags, "tag")
        self._say_texts("tags", texts)
        self._tags |= texts

    def delete_tag(self, key: str) -> None:
        """Remove a tag; one that is not there is no error."""
        self.say({"removed_tags": [values.check_key(key, "tag")]})
        self._tags.pop(key, None)

    def log_input(self, dataset: Dataset, context: str | None = None, tags: Mapping[str, str] | None = None) -> None:
        """Note that the run used data, and what for (`training`, say)."""
        self.say({"inputs": [dataset.as_input(context, dict(tags or {}))]})

    def log_artifact(self, local_path: str | os.PathLike[str], artifact_path: str | None = None) -> None:
        """Log a file, or a folder with all in it, below the folder `artifact_path` of the run.

        Once this returns the file may be changed or deleted: its content is in the journal, or (above
        COPY_LIMIT_BYTES, if the server answers) on the server.

        Errors: InvalidValue, JournalFull, RunEnded; OSError for what can't be read.
        """
        source = Path(local_path)
        if source.is_dir():
            self.log_artifacts(source, "/".join(filter(None, [artifact_path, source.resolve().name])))
            return
        self._log_file(source, _below(artifact_path, source.name))

    def log_artifacts(self, local_dir: str | os.PathLike[str], artifact_path: str | None = None) -> None:
        """Log all files in a folder, with their paths in it; see `log_artifact`."""
        folder = Path(local_dir)
        if not folder.is_dir():
            raise InvalidValue(f"{folder} is no folder.")
        for source in sorted(path for path in folder.rglob("*") if path.is_file()):
            self._log_file(source, _below(artifact_path, source.relative_to(folder).as_posix()))

    def log_text(self, text: str, artifact_file: str) -> None:
        """Log a text as a file, in UTF-8."""
        self.log_content(values.sendable(text).encode(), artifact_file)

    def log_dict(self, dictionary: Any, artifact_file: str) -> None:
        """Log a dictionary as a file: JSON, or YAML where `artifact_file` ends so."""
        self.log_content(contents.of_dict(dictionary, artifact_file), artifact_file)

    def log_figure(self, figure: Any, artifact_file: str, *, save_kwargs: Mapping[str, Any] | None = None) -> None:
        """Log a figure of matplotlib or plotly as a file, in the format that `artifact_file` ends in."""
        self.log_content(contents.of_figure(figure, artifact_file, **(save_kwargs or {})), artifact_file)

    def log_image(
        self, image: Any, artifact_file: str | None = None, *, key: str | None = None, step: int | None = None
    ) -> None:
        """Log a picture (of Pillow, or an array) as a file; or, with `key`, as one of a series by step."""
        if (artifact_file is None) == (key is None):
            raise InvalidValue("log_image takes artifact_file, or key and step: one of both.")
        if key is not None:
            artifact_file = self._image_path(key, step)
        self.log_content(contents.of_image(image, str(artifact_file)), str(artifact_file))

    def log_table(self, data: Any, artifact_file: str) -> None:
        """Log a table (a dictionary of columns, or a data frame) as JSON; rows of a table logged before stay."""
        columns, rows = contents.rows_of(data)
        known, before = self._tables.get(artifact_file, (columns, []))
        if set(known) != set(columns):
            raise InvalidValue(f"{artifact_file} has the columns {', '.join(known)}, not {', '.join(columns)}.")
        order = [columns.index(column) for column in known]
        table = (known, before + [[row[place] for place in order] for row in rows])
        self.log_content(contents.of_table(*table), artifact_file)
        self._tables[artifact_file] = table

    def log_content(self, content: bytes, artifact_file: str) -> None:
        """Log bytes as a file.

        Errors: InvalidValue, JournalFull, RunEnded.
        """
        path = values.check_path(artifact_file)
        self._refuse_when_ended(path)
        self._say_file(path, *self._journal.take_content(content))

    def log_model(self, model: Any, name: str, **options: Any) -> "ModelInfo":
        """Save a model and log it to this run; see tracker.models.log_model."""
        from tracker.models.logged import log_model_to

        # Before the work: the folder of an ended run's journal may be gone.
        self._refuse_when_ended(f"the model {name!r}")
        return log_model_to(self, model, name, **options)

    def log_model_folder(self, model: Mapping[str, Any], folder: Path, register: Mapping[str, Any] | None) -> None:
        """Log a model: a folder below that of the journal, whose files are moved away. `model` and `register` are what
        docs/journal.md says of the entries `model` and `model_ready`.

        Errors: InvalidValue, JournalFull, RunEnded; then nothing is logged.
        """
        model_id = model["model_id"]
        self._refuse_when_ended(f"the model {model['name']!r}")
        sources = sorted(path for path in folder.rglob("*") if path.is_file())
        paths = [values.check_path(source.relative_to(folder).as_posix()) for source in sources]
        moved = self._journal.move_files(sources)
        self.say({"model": dict(model)})
        for path, (content, size) in zip(paths, moved, strict=True):
            self.say({"file": {"path": path, "content": content, "size": size, "model": model_id}})
        self.say({"model_ready": {"model_id": model_id} | ({"register": dict(register)} if register else {})})
        couriers.send_files(self._identity)

    def forked(self) -> None:
        """As of any open run; and a thread may have been counting just then, which is not here to go on."""
        self._counting = threading.RLock()
        super().forked()

    def _name(self, key: str) -> str:
        """A metric's key as its entries spell it."""
        spelled = self._names[key] = json.dumps(values.check_key(key, "metrics")) + ":"
        return spelled

    def _next_step(self, keys: Iterable[str]) -> int:
        with self._counting:
            step = max((self._steps.get(key, 0) for key in keys), default=0)
            for key in keys:
                self._steps[key] = step + 1
        return step

    def _texts(self, given: Mapping[str, Any], kind: str) -> dict[str, str]:
        return {values.check_key(key, kind): values.text_of(value, kind, key) for key, value in given.items()}

    def _say_texts(self, name: str, texts: dict[str, str]) -> None:
        self._refuse_when_ended(name)
        for part in _parts(texts):
            self.say({name: part})

    def _log_file(self, source: Path, path: str) -> None:
        values.check_path(path)
        self._refuse_when_ended(path)
        is_large = source.stat().st_size > settings.COPY_LIMIT_BYTES and self.logs
        if is_large and couriers.upload_now(self._identity, source, path):
            return
        self._say_file(path, *self._journal.take_file(source))

    def _say_file(self, path: str, content: str, size: int) -> None:
        if not content:
            return
        self.say({"file": {"path": path, "content": content, "size": size}})
        couriers.send_files(self._identity)

    def _image_path(self, key: str, step: int | None) -> str:
        values.check_key(key, "images")
        step = self._next_step([f"image {key}"]) if step is None else values.step_of(step)
        safe = key.replace("/", "~")
        return f"images/{safe}+step+{step}+timestamp+{now_ms()}+{os.urandom(4).hex()}.png"


def _joined(identity: Identity) -> Run:
    """A run of another process."""
    return Run(Identity(identity.run_id, identity.uri, identity.token), is_owner=False)


def _below(folder: str | None, path: str) -> str:
    return f"{folder.strip('/')}/{path}" if folder else path


def _parts(texts: dict[str, str]) -> Iterable[dict[str, str]]:
    """The texts in parts of which none is too large for one request."""
    part: dict[str, str] = {}
    size = 0
    for key, text in texts.items():
        if part and (len(part) >= MOST_TEXTS or size + len(text) > MOST_CHARACTERS):
            yield part
            part, size = {}, 0
        part[key] = text
        size += len(text)
    if part:
        yield part
