"""What runs ran in. Source is kept by file and content, for a thousand runs of one sweep have the same."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import models

SOURCE = "source"


class Environment(models.Model):
    """What a run ran in: packages, hardware, command and uncommitted diff. One row per content, shared by runs. Its
    `content` is what a client sent, but for the texts of `source`."""

    digest = models.CharField(max_length=64, unique=True)
    content = models.JSONField()

    def __str__(self) -> str:
        return self.digest[:12]

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Environment":
        """The snapshot with this content, stored if no run brought it before."""
        texts = _texts_of(content)
        rest = {key: value for key, value in content.items() if key != SOURCE or not texts}
        hashes = {path: _sha256(text) for path, text in texts.items()}
        told = rest | ({SOURCE: hashes} if hashes else {})
        digest = _sha256(json.dumps(told, sort_keys=True))
        found, is_new = cls.objects.get_or_create(digest=digest, defaults={"content": rest})
        if is_new:
            SourceFile.keep(found, texts)
        return found

    @property
    def source(self) -> dict[str, str]:
        """The texts of its source by path."""
        return dict(self.files.order_by("path").values_list("path", "text__text"))

    @property
    def whole_content(self) -> dict[str, Any]:
        """What a client sent."""
        source = self.source
        return self.content | ({SOURCE: source} if source else {})


class SourceText(models.Model):
    """The text of a file, once however many environments have it."""

    sha256 = models.CharField(max_length=64, unique=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.sha256[:12]


class SourceFile(models.Model):
    """A file of source in an environment."""

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="files", db_index=False)
    path = models.TextField()
    text = models.ForeignKey(SourceText, models.PROTECT, related_name="files")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["environment", "path"], name="source_environment_path")]

    def __str__(self) -> str:
        return self.path

    @classmethod
    def keep(cls, environment: Environment, texts: Mapping[str, str]) -> None:
        """Store the files of a new environment."""
        by_hash = {_sha256(text): text for text in texts.values()}
        SourceText.objects.bulk_create(
            [SourceText(sha256=sha256, text=text) for sha256, text in by_hash.items()], ignore_conflicts=True
        )
        keys = dict(SourceText.objects.filter(sha256__in=list(by_hash)).values_list("sha256", "pk"))
        SourceFile.objects.bulk_create(
            [
                SourceFile(environment=environment, path=path, text_id=keys[_sha256(text)])
                for path, text in texts.items()
            ]
        )


def _texts_of(content: Mapping[str, Any]) -> dict[str, str]:
    """The source in what a client sent; of any other shape it stays where it is."""
    source = content.get(SOURCE)
    if not isinstance(source, dict) or not all(_is_path(path) and isinstance(source[path], str) for path in source):
        return {}
    return source


def _is_path(text: str) -> bool:
    """A relative path that an address can hold, and that leads nowhere but down."""
    return text.isprintable() and all(part not in ("", ".", "..") for part in text.split("/"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
