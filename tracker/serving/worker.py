"""What a worker process does first: load the model, and make of it what answers."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import threading
import time
from pathlib import Path

from tracker.errors import TrackerError
from tracker.notices import say
from tracker.serving.application import Application
from tracker.serving.metrics import Metrics
from tracker.serving.options import ServingOptions

FAILURE, ANNOUNCED, FIGURES = "failure", "announced", "figures"


def load(options: ServingOptions, state: Path) -> Application:
    """The application of this process. What goes wrong is written to `state`, and the server told to stop.

    Errors: SystemExit.
    """
    # Until the server handles them, signals end the process, though a model may take minutes to load.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", level=logging.WARNING)
    try:
        return _application(options, state)
    except BaseException as error:
        told = str(error) if isinstance(error, TrackerError) else f"{type(error).__name__}: {error}"
        if not isinstance(error, TrackerError):
            logging.getLogger(__name__).exception("the model could not be loaded")
        (state / FAILURE).write_text(f"The model in {options.folder} can't be loaded. {told}", encoding="utf-8")
        os.kill(os.getppid(), signal.SIGTERM)
        raise SystemExit(1) from None


def _application(options: ServingOptions, state: Path) -> Application:
    from tracker.models import load_model
    from tracker.serving.page import Page
    from tracker.serving.scoring import Scoring

    began = time.perf_counter()
    # Else the first request would wait for it.
    importlib.import_module("pandas")
    scoring = Scoring(load_model(options.folder, allow_pickle=options.allow_pickle))
    seconds = time.perf_counter() - began
    counted = Metrics(state / FIGURES)
    counted.note_load(seconds)
    page = Page(scoring, options.name or options.folder.name)
    threading.Thread(target=_end_after, args=(os.getppid(),), daemon=True).start()
    _announce(options, state, seconds)
    return Application(scoring, page, counted, options)


def _end_after(parent: int) -> None:
    """End this process soon after the one that started it, which SIGKILL may have ended."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _announce(options: ServingOptions, state: Path, seconds: float) -> None:
    """Say once, of all workers, that it is ready."""
    try:
        (state / ANNOUNCED).touch(exist_ok=False)
    except FileExistsError:
        return
    model = options.name or options.folder
    say(f"{model} was loaded in {seconds:.1f} s and is served on {options.url} (POST /invocations)")
