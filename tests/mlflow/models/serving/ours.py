"""Serves models below a folder in one process, as `tracker models serve` serves each."""

import sys
from pathlib import Path
from types import SimpleNamespace

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from tracker.models import load_model
from tracker.serving.application import Application
from tracker.serving.metrics import Metrics
from tracker.serving.options import ServingOptions
from tracker.serving.page import Page
from tracker.serving.scoring import Scoring


class Mounted:
    """An application for each model, by the first part of the path."""

    def __init__(self, folder, figures):
        counted = Metrics(figures)
        self.applications = {
            place.name: self._application(place, counted) for place in sorted(folder.iterdir()) if place.is_dir()
        }

    def _application(self, place, counted):
        scoring = Scoring(load_model(place, allow_pickle=True))
        return Application(scoring, Page(scoring, place.name), counted, ServingOptions(place))

    def __rsgi_init__(self, loop):
        for application in self.applications.values():
            application.__rsgi_init__(loop)

    async def __rsgi__(self, scope, protocol):
        _, name, rest = scope.path.split("/", 2)
        told = {each: getattr(scope, each) for each in ("method", "headers", "authority", "scheme")}
        await self.applications[name].__rsgi__(SimpleNamespace(path=f"/{rest}", **told), protocol)


if __name__ == "__main__":
    folder, figures, port = sys.argv[1:]
    Granian("models", port=int(port), interface=Interfaces.RSGI, log_level=LogLevels.error).serve(
        target_loader=lambda: Mounted(Path(folder), Path(figures)), wrap_loader=False
    )
