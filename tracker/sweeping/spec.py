"""What a sweep is to do. The same fields are options of the command, keys of a file, and stored with the parent run."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from tracker import yaml_files
from tracker.errors import InvalidValue
from tracker.sweeping.space import Domain, Space, Values, described_domain, text_of

METHODS, GOALS, PRUNERS = ("grid", "random", "tpe"), ("minimize", "maximize"), ("median",)
MANAGERS = ("local", "virtualenv", "uv", "conda")
MOST_TRIALS = 100_000
#: What may be changed when a sweep is resumed: the rest decides which values its trials have.
CHANGEABLE = (
    "backend", "backend_config", "env_manager", "jobs", "max_failures", "patience", "stop_at", "trials", "uri",
)  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """A sweep over the parameters of a project's entry point; `tracker sweep --help` says what each field means."""

    uri: str = "."
    parameters: Space = field(default_factory=dict)
    entry_point: str = "main"
    version: str | None = None
    method: str = "grid"
    trials: int | None = None
    metric: str | None = None
    goal: str = "minimize"
    seed: int | None = None
    jobs: int | None = None
    pruner: str | None = None
    startup_trials: int = 5
    warmup_steps: int = 0
    stop_at: float | None = None
    patience: int | None = None
    max_failures: int | None = None
    experiment: str | None = None
    name: str | None = None
    env_manager: str | None = None
    backend: str = "local"
    backend_config: str | None = None

    @property
    def total(self) -> int:
        """How many trials there will be, unless it stops early."""
        if self.method != "grid":
            return self.trials or 0
        points = math.prod(len(domain.points()) for domain in self.parameters.values())
        return points if self.trials is None else min(points, self.trials)

    def is_better(self, value: float, other: float) -> bool:
        """Whether a value of the metric beats another."""
        return value < other if self.goal == "minimize" else value > other

    def described(self) -> dict[str, Any]:
        """The fields as a file has them; those with their default are left out."""
        told = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "parameters"}
        kept = {name: value for name, value in told.items() if value != _DEFAULTS[name]}
        return kept | {"parameters": {name: domain.described() for name, domain in self.parameters.items()}}


_DEFAULTS = {one.name: one.default for one in fields(Spec)}


def spec_of(said: Mapping[str, Any], place: str) -> Spec:
    """A sweep of fields as a file has them. `place` names the file in errors.

    Errors: InvalidValue naming place, field and value.
    """
    unknown = sorted(str(key) for key in said if key not in _READERS)
    if unknown:
        raise InvalidValue(f"{place}: there is no field {unknown[0]!r}; there are {', '.join(_READERS)}.")
    given = {name: value for name, value in said.items() if value is not None}
    return checked(Spec(**{name: _READERS[name](value, f"{place}: {name}") for name, value in given.items()}), place)


def read(file: Path) -> dict[str, Any]:
    """The fields of a file; its `uri`, where it is a folder's, is read from the file's own folder on.

    Errors: InvalidValue naming the file.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InvalidValue(f"{file} can't be read: {error.strerror}.") from None
    said = yaml_files.loaded(content, str(file))
    _refuse_surprises(content, str(file))
    if not isinstance(said, dict):
        raise InvalidValue(f"{file} is no mapping of fields such as 'method: grid'.")
    uri = said.get("uri", ".")
    is_near = isinstance(uri, str) and (file.parent / uri.partition("#")[0]).is_dir()
    return said | ({"uri": str(file.parent / uri)} if is_near else {})


def _refuse_surprises(content: bytes, place: str) -> None:
    """Refuse what YAML silently takes for something else: 1:10 for a time of day, of a key said twice the last one."""
    import yaml

    left = [yaml.compose(content, Loader=yaml.SafeLoader)]
    while left:
        node = left.pop()
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith((":int", ":float")) and ":" in node.value:
            raise InvalidValue(
                f"{place}: {node.value} in line {node.start_mark.line + 1} is a time of day in YAML. "
                "Write a range as {low: …, high: …}, a text in quotes."
            )
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            twice = next((key for place, key in enumerate(keys) if key in keys[:place]), None)
            if twice is not None:
                line = node.start_mark.line + 1
                raise InvalidValue(f"{place}: {twice} is there twice in the mapping of line {line}. Write it once.")
            left += [one for pair in node.value for one in pair]
        elif isinstance(node, yaml.SequenceNode):
            left += node.value


def changed(spec: Spec, told: Mapping[str, Any]) -> Spec:
    """The same sweep with some fields changed, as when it is resumed.

    Errors: InvalidValue for a field that decides which values its trials have.
    """
    fixed = sorted(name for name in told if name not in CHANGEABLE)
    if fixed:
        raise InvalidValue(
            f"{fixed[0]} can't change when a sweep is resumed, only {', '.join(CHANGEABLE)} can. Begin another sweep."
        )
    read_fields = {name: _READERS[name](value, name) for name, value in told.items()}
    return checked(replace(spec, **read_fields), "--resume")


def checked(spec: Spec, place: str) -> Spec:
    """The sweep, if its fields fit together.

    Errors: InvalidValue.
    """
    if not spec.parameters:
        raise InvalidValue(f"{place}: parameters is empty. Say what to try: -p lr=0.1,0.01.")
    if spec.method != "grid" and spec.trials is None:
        raise InvalidValue(f"{place}: trials is not given, and {spec.method} has no end of its own. Write --trials 20.")
    needing = [name for name in ("pruner", "stop_at", "patience") if getattr(spec, name) is not None]
    needing = [f"method {spec.method}"] * (spec.method == "tpe") + needing
    if needing and not spec.metric:
        raise InvalidValue(f"{place}: metric is not given, and {needing[0]} needs it. Write --metric loss.")
    if spec.method == "grid":
        for name, domain in spec.parameters.items():
            _check_points(domain, f"{place}: parameters: {name}")
    if spec.total > MOST_TRIALS:
        raise InvalidValue(f"{place}: {spec.total:,} trials are more than {MOST_TRIALS:,}. Write --trials 100, say.")
    return spec


def _check_points(domain: Domain, name: str) -> None:
    try:
        domain.points()
    except InvalidValue as error:
        raise InvalidValue(f"{name}: {error}") from None


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str | int | float) or isinstance(value, bool) or not str(value).strip():
        raise InvalidValue(f"{name}={value!r} is no text. Write a word.")
    return str(value)


def _one_of(choices: tuple[str, ...]) -> Callable[[Any, str], str]:
    def reading(value: Any, name: str) -> str:
        if value not in choices:
            raise InvalidValue(f"{name}={value!r} is not one of {', '.join(choices)}.")
        return str(value)

    return reading


def _whole(least: int, most: int = MOST_TRIALS) -> Callable[[Any, str], int]:
    def reading(value: Any, name: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise InvalidValue(f"{name}={value!r} is no whole number from {least} to {most:,}.")
        return value

    return reading


def _real(value: Any, name: str) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InvalidValue(f"{name}={value!r} is no number. Write one such as 0.01.")
    return number


def _config(value: Any, name: str) -> str:
    return json.dumps(value) if isinstance(value, Mapping) else _text(value, name)


def _parameters(value: Any, name: str) -> dict[str, Domain]:
    if not isinstance(value, Mapping):
        raise InvalidValue(f"{name}={str(value)[:60]!r} is no mapping such as {{lr: [0.1, 0.01]}}.")
    made = {text_of(key, name): one for key, one in value.items()}
    if "" in made:
        raise InvalidValue(f"{name}: a name is empty. Write one such as lr.")
    return {
        key: one if isinstance(one, Domain) else described_domain(one, f"{name}: {key}") for key, one in made.items()
    }


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "uri": _text, "entry_point": _text, "version": _text, "parameters": _parameters, "method": _one_of(METHODS),
    "trials": _whole(1), "metric": _text, "goal": _one_of(GOALS), "seed": _whole(0, 2**32 - 1),
    "jobs": _whole(1, 10_000), "pruner": _one_of(PRUNERS), "startup_trials": _whole(0),
    "warmup_steps": _whole(0, 2**53), "stop_at": _real, "patience": _whole(1), "max_failures": _whole(1),
    "experiment": _text, "name": _text, "env_manager": _one_of(MANAGERS), "backend": _text, "backend_config": _config,
}  # fmt: skip


def fixed(texts: Mapping[str, str]) -> dict[str, Domain]:
    """Parameters with one value each, taken as they are."""
    return {name: Values((text,)) for name, text in texts.items()}
