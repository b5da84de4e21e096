"""Runs the scoring server: granian, its workers, and their end."""

from __future__ import annotations

import math
import socket
import threading
from functools import partial
from pathlib import Path
from typing import Any

from tracker import scratch
from tracker.errors import InvalidModel, InvalidValue, MissingLibrary, TrackerError
from tracker.serving import worker
from tracker.serving.options import ServingOptions

#: Connections at once, of which slow clients may hold many.
CONNECTIONS = 4096
HEADER_SECONDS = 15
#: What the processes of one server share; its name begins so.
_FOLDER = "tracker-serving-"


def serve(options: ServingOptions) -> None:
    """Serve until SIGTERM or Ctrl-C; requests that run are answered first.

    Errors: InvalidModel for a model that can't be loaded, InvalidValue for a port that is taken, MissingLibrary.
    """
    _check_port(options)
    with scratch.folder(_FOLDER) as state:
        (state / worker.FIGURES).mkdir()
        try:
            _server(options).serve(target_loader=partial(worker.load, options, state), wrap_loader=False)
        except SystemExit:
            _raise_failure(state)
            raise TrackerError("The workers end as soon as they are started; see above.") from None
        _raise_failure(state)


def _raise_failure(state: Path) -> None:
    failure = state / worker.FAILURE
    if failure.exists():
        raise InvalidModel(failure.read_text(encoding="utf-8"))


def _server(options: ServingOptions) -> Any:
    try:
        from granian import Granian
        from granian.constants import HTTPModes, Interfaces
        from granian.http import HTTP1Settings
        from granian.log import LogLevels
    except ImportError:
        raise MissingLibrary("Serving needs granian: pip install 'trackerweb[serve]'.") from None
    server: Any = Granian(
        "model",
        address=options.host,
        port=options.port,
        interface=Interfaces.RSGI,
        workers=options.workers,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        backlog=1024,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=math.ceil(options.timeout_seconds) + 5,
        log_level=LogLevels.error,
    )
    server.signal_handler_interrupt = partial(_interrupt, server)
    return server


def _interrupt(server: Any, *_: Any) -> None:
    """Wake the main thread from another one: it may hold the event's lock just now, and would wait for itself."""
    server.interrupt_signal = True
    threading.Thread(target=server.main_loop_interrupt.set).start()


def _check_port(options: ServingOptions) -> None:
    """Say beforehand, and in plain words, that a port is taken: workers would fail one by one."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            raise InvalidValue(f"{options.url} can't be served: {error.strerror}. Choose another --port.") from None
