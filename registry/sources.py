"""Where the files of a version come from: the address that a client names, checked against what it may name.

An address that leads to files here has to lie below the run or the model that the client says they are of, so that no
version opens a door to the files of another. Other stores' addresses are kept as they are: nothing here follows them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from registry.models import LoggedModel, ModelAlias, ModelVersion, RegisteredModel, Stage
from registry.names import LATEST, number_of
from registry.places import Place, below, location_of, place_of
from runs.artifacts.paths import check_folder
from runs.models import Run
from trackerweb.errors import InvalidValue, NotFound, TrackerError

PROXY = "mlflow-artifacts"
#: Addresses that name a host, which a server would have to connect to on a stranger's word.
_HOST_SCHEMES = ("ftp", "sftp", "hdfs", "viewfs", "http", "https", "r2", "b2", "abfss", "smb")


@dataclass(frozen=True)
class Source:
    """What a version was made of. `storage` is where its files lie."""

    address: str
    storage: str
    run_id: str = ""
    model_id: str = ""


@dataclass(frozen=True)
class _ModelsAddress:
    """The parts of `models:/…`: a model's id, or a name with a version, a stage, an alias, or none for the newest."""

    model_id: str = ""
    name: str = ""
    version: str = ""
    stage: str = ""
    alias: str = ""


def checked(address: str, run_id: str | None = None, model_id: str | None = None) -> Source:
    """What a client says a version is made of; None for an id that it does not say.

    Errors: InvalidValue names the address; NotFound for a registered model or version that it names and that is not
    here.
    """
    scheme = _scheme(address)
    if scheme in _HOST_SCHEMES or (scheme == PROXY and _split(address).netloc):
        raise _refusal(address, f"files are not fetched from {scheme}:// addresses")
    if scheme == "models":
        named = _models_address(address)
        if named.name:
            return _of_version(address, named, run_id, model_id)
    if not scheme or scheme == "file":
        return _local(address, run_id or "", model_id or "")
    _refuse_detours(address)
    if scheme == "models":
        return _of_model(address, run_id, model_id)
    if scheme == "runs":
        return _of_run(address, run_id, model_id)
    if scheme == PROXY:
        return _proxied(address, run_id or "", model_id or "")
    return _known(Source(address, address, run_id or "", model_id or ""))


def files_of(version: ModelVersion) -> Place | None:
    """The files of a version, as far as they lie here; None for those of other stores, or that are gone."""
    try:
        return _place(version.storage_location)
    except TrackerError:
        return None


def _place(address: str) -> Place | None:
    scheme, path = _scheme(address), _split(address).path.lstrip("/")
    if scheme == PROXY:
        return place_of(path)
    if scheme == "models":
        return Place(LoggedModel.objects.active().by_id(path), "")
    if scheme != "runs":
        return None
    run_id, _, folder = path.partition("/")
    place = Place(Run.objects.by_id(run_id), check_folder(folder))
    return place if place.is_there else _logged_as(run_id, folder) or place


def _logged_as(run_id: str, name: str) -> Place | None:
    """Since MLflow 3, what a run logged as a model lies with the model, and not below the run."""
    model = LoggedModel.objects.active().filter(source_run_id=run_id, name=name).order_by("-pk").first()
    return Place(model, "") if model else None


def _split(address: str) -> SplitResult:
    """The parts of an address.

    Errors: InvalidValue for what is none.
    """
    try:
        return urlsplit(address)
    except ValueError:
        raise _refusal(address, "it can't be read as an address") from None


def _scheme(address: str) -> str:
    return _split(address).scheme.lower()


def _refusal(address: str, why: str) -> InvalidValue:
    return InvalidValue(f"source: {address[:200]!r} can't be the source of a version: {why}.", field="source")


def _models_address(address: str) -> _ModelsAddress:
    """The parts of `models:/…`. A name may hold what would end the path of another address: ? and #."""
    path = address.partition(":")[2]
    name, slash, last = path.removeprefix("/").partition("/")
    if path.startswith("//") or not path.startswith("/") or not name.strip() or "/" in last:
        raise _refusal(address, "write models:/<id>, models:/<name>/<version> or models:/<name>@<alias>")
    if not slash:
        owner, at, alias = name.rpartition("@")
        if at and not (owner and alias.strip()):
            raise _refusal(address, "an alias is named as models:/<name>@<alias>")
        return _ModelsAddress(name=owner, alias=alias) if at else _ModelsAddress(model_id=name)
    if not last.strip():
        raise _refusal(address, "no version is named")
    if last.isascii() and last.isdigit():
        return _ModelsAddress(name=name, version=last)
    return _ModelsAddress(name=name, stage="" if last.lower() == LATEST else last)


def _of_version(address: str, named: _ModelsAddress, run_id: str | None, model_id: str | None) -> Source:
    """The same files as another version, under whatever words that one was named."""
    version = _named_version(named)
    said = {"run_id": (run_id, version.run_id), "model_id": (model_id, version.model_id)}
    for field, (value, own) in said.items():
        if value is not None and value != own:
            raise _refusal(address, f"its {field} is {own!r}, not {value!r}")
    return Source(version.uri, version.storage_location, version.run_id, version.model_id)


def _named_version(named: _ModelsAddress) -> ModelVersion:
    home = RegisteredModel.objects.named(named.name)
    if home.is_prompt:
        raise InvalidValue(f"source: {named.name!r} is a prompt, and no model.", field="source")
    if named.alias and named.alias.lower() != LATEST:
        return ModelAlias.named(home, named.alias).model_version
    if named.version:
        return ModelVersion.objects.numbered(named.name, number_of(named.version))
    return home.newest(Stage.said(named.stage, "source") if named.stage else None)


def _of_model(address: str, run_id: str | None, model_id: str | None) -> Source:
    named = _models_address(address).model_id
    if not model_id or model_id != named:
        raise _refusal(address, "say its model_id too")
    model = _model(address, model_id)
    return Source(address, location_of(model), run_id or model.source_run_id, model_id)


def _of_run(address: str, run_id: str | None, model_id: str | None) -> Source:
    _refuse_endings(address)
    named = _split(address).path.lstrip("/").partition("/")[0]
    if _split(address).netloc or not run_id or model_id or named != run_id:
        raise _refusal(address, "say the run_id that it names, and no model_id")
    return _known(Source(address, address, run_id, ""))


def _proxied(address: str, run_id: str, model_id: str) -> Source:
    """An address of our own files: below the run or model that is named."""
    if not run_id and not model_id:
        raise _refusal(address, "say which run_id or model_id it lies below")
    owner = _model(address, model_id) if model_id else _run(address, run_id)
    if "?" not in location_of(owner):
        _refuse_endings(address)
    if not below(location_of(owner), address):
        raise _refusal(address, f"it does not lie below {owner}")
    return _known(Source(address, address, run_id, model_id))


def _local(address: str, run_id: str, model_id: str) -> Source:
    """A folder of the server's machine: only where the run or model was given its place there by the owner."""
    path = _local_path(address)
    owner = _model(address, model_id) if model_id else _run(address, run_id) if run_id else None
    root = location_of(owner) if owner else ""
    if path is None or not root or _scheme(root) not in ("", "file"):
        raise _refusal(address, "a local path has to lie in the artifact folder of the run that is named")
    home = _local_path(root)
    if home is None or home not in (path, *path.parents):
        raise _refusal(address, "a local path has to lie in the artifact folder of the run that is named")
    return _known(Source(address, address, run_id, model_id))


def _local_path(address: str) -> PurePosixPath | None:
    """The path; None for one that is relative or takes a detour."""
    parts = _split(address)
    if parts.netloc not in ("", "localhost"):
        return None
    path = PurePosixPath(_decoded(parts.path))
    is_plain = path.is_absolute() and ".." not in path.parts and "\0" not in str(path) and "\\" not in str(path)
    return path if is_plain else None


def _known(source: Source) -> Source:
    """The run of a model is that version's run where the client names none."""
    if source.run_id or not source.model_id:
        return source
    return replace(source, run_id=LoggedModel.objects.active().by_id(source.model_id).source_run_id)


def _model(address: str, model_id: str) -> LoggedModel:
    try:
        return LoggedModel.objects.active().by_id(model_id)
    except NotFound:
        raise _refusal(address, f"no model {model_id[:80]!r} is here") from None


def _run(address: str, run_id: str) -> Run:
    try:
        return Run.objects.by_id(run_id)
    except NotFound:
        raise _refusal(address, f"no run {run_id[:80]!r} is here") from None


def _refuse_endings(address: str) -> None:
    """Refuse ? and #, which end the path of an address: what is behind them would be read here, and not by others."""
    if "?" in address or "#" in address:
        raise _refusal(address, "it holds ? or #. Rename the folder, or log the model with log_model")


def _refuse_detours(address: str) -> None:
    """Refuse an address that leads elsewhere than it says, however often it is encoded."""
    text = _decoded(address, unquote_plus)
    path = re.sub("/+", "/", _split(text).path.rstrip("/"))
    if not path:
        raise _refusal(address, "it names a store, and no folder in it")
    if "\0" in text or "\\" in text or ".." in text.split("/") or "." in path.split("/")[1:]:
        raise _refusal(address, "it takes a detour (.., . or an odd character)")


def _decoded(text: str, decode: Callable[[str], str] = unquote) -> str:
    while (plain := decode(text)) != text:
        text = plain
    return text
