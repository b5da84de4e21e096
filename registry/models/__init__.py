"""Models that runs produced, and those that were registered to be used. Times are milliseconds since 1970, UTC."""

from registry.models.alias import AliasMove, ModelAlias
from registry.models.logged import (
    LoggedModel,
    ModelFile,
    ModelMetric,
    ModelParam,
    ModelStatus,
    ModelTag,
    RunModel,
)
from registry.models.registered import RegisteredModel, RegisteredModelTag
from registry.models.version import ModelVersion, Stage, VersionStatus, VersionTag

__all__ = [
    "AliasMove",
    "LoggedModel",
    "ModelAlias",
    "ModelFile",
    "ModelMetric",
    "ModelParam",
    "ModelStatus",
    "ModelTag",
    "ModelVersion",
    "RegisteredModel",
    "RegisteredModelTag",
    "RunModel",
    "Stage",
    "VersionStatus",
    "VersionTag",
]
