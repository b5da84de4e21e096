"""The server's routes and limits, as an RSGI application: slow clients wait in one loop, models run in threads."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from tracker.serving import answers, metrics
from tracker.serving.answers import INTERNAL, JSON, Answer, Refusal
from tracker.serving.deadline import Deadline
from tracker.serving.metrics import Metrics
from tracker.serving.options import ServingOptions, is_loopback
from tracker.serving.page import Page
from tracker.serving.scoring import Scoring

logger = logging.getLogger(__name__)

#: The MLflow whose protocol is spoken.
MLFLOW_VERSION = "3.17.2"
#: Within this a body has to be here, however slowly it comes.
BODY_SECONDS = 30.0

Handler = Callable[[Any, Any], Awaitable[Answer]]


class Application:
    """Answers for one worker process."""

    def __init__(self, scoring: Scoring, page: Page, counted: Metrics, options: ServingOptions) -> None:
        self._scoring, self._page, self._metrics, self._options = scoring, page, counted, options
        self._busy = 0
        self._routes: dict[str, dict[str, Handler]] = {
            "/ping": {"GET": self._ping},
            "/health": {"GET": self._ping},
            "/version": {"GET": self._version},
            "/metrics": {"GET": self._tell_metrics},
            "/invocations": {"POST": self._invoke},
            "/": {"GET": self._show, "POST": self._submit},
        }

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to work in a loop."""
        from granian.rsgi import ProtocolClosed, ProtocolError

        self._loop, self._gone = loop, (ProtocolClosed, ProtocolError)
        self._pool = ThreadPoolExecutor(self._options.threads, thread_name_prefix="predict")

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, protocol)
        except Refusal as refusal:
            answer = refusal.answer
        except Exception:
            logger.exception("a request could not be answered")
            answer = answers.error(500, INTERNAL, "The request could not be answered; the log of the server says why.")
        headers = [("content-type", answer.kind), ("x-content-type-options", "nosniff"), *answer.headers]
        protocol.response_bytes(answer.status, headers, b"" if scope.method == "HEAD" else answer.content)

    async def _answer(self, scope: Any, protocol: Any) -> Answer:
        route = self._routes.get(scope.path)
        if route is None:
            return Answer(404, b'{"detail":"Not Found"}')
        handler = route.get("GET" if scope.method == "HEAD" else scope.method)
        if handler is None:
            return Answer(405, b'{"detail":"Method Not Allowed"}', JSON, (("allow", ", ".join(route)),))
        self._check_host(scope)
        return await handler(scope, protocol)

    def _check_host(self, scope: Any) -> None:
        """Web pages may not reach a server on this machine under a name of theirs."""
        if not self._options.is_local:
            return
        told = scope.headers.get("host") or scope.authority or ""
        try:
            name = urlsplit(f"//{told}").hostname or ""
        except ValueError:
            raise Refusal(f"The host {told[:200]!r} is no name or address of a machine.", 400) from None
        if not is_loopback(name) and name not in self._options.hosts:
            raise Refusal(
                f"The host {name!r} is not known here. If it is yours, start the server with --allow-host {name}.",
                403,
                "PERMISSION_DENIED",
            )

    async def _ping(self, scope: Any, protocol: Any) -> Answer:
        return Answer(200, b"\n")

    async def _version(self, scope: Any, protocol: Any) -> Answer:
        return Answer(200, MLFLOW_VERSION.encode())

    async def _tell_metrics(self, scope: Any, protocol: Any) -> Answer:
        return Answer(200, metrics.text(), metrics.KIND)

    async def _invoke(self, scope: Any, protocol: Any) -> Answer:
        began = time.perf_counter()
        with self._metrics.one_in_flight():
            try:
                body = await self._body(scope, protocol)
                began = time.perf_counter()
                answer = await self._in_thread(self._scoring.answer, scope.headers.get("content-type"), body)
            except Refusal as refusal:
                answer = refusal.answer
        self._metrics.note(answer, time.perf_counter() - began)
        return answer

    async def _show(self, scope: Any, protocol: Any) -> Answer:
        return self._page.shown(self._url(scope))

    async def _submit(self, scope: Any, protocol: Any) -> Answer:
        """The form of the page, sent without script."""
        if scope.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise Refusal("Forms of other sites are not taken.", 403, "PERMISSION_DENIED")
        body = await self._body(scope, protocol)
        return await self._in_thread(self._page.submitted, self._url(scope), body)

    def _url(self, scope: Any) -> str:
        host = scope.headers.get("host")
        return f"{scope.scheme}://{host}" if host else self._options.url

    async def _body(self, scope: Any, protocol: Any) -> bytes:
        length = scope.headers.get("content-length") or ""
        most = self._options.most_bytes
        if length.isdigit() and int(length) > most:
            raise _too_large(most)
        try:
            with Deadline(self._loop, BODY_SECONDS):
                # A body of known length comes in one piece, with one turn of the loop.
                return await protocol() if length.isdigit() else await _read(protocol, most)
        except TimeoutError:
            raise Refusal(f"The body did not come within {BODY_SECONDS:g} s.", 408, "DEADLINE_EXCEEDED") from None
        except self._gone:
            # Nobody is there any more to read this.
            raise Refusal("The body ended before its end.", 400) from None

    async def _in_thread(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """Run in a thread. It holds its place until it ends, even if nobody waits any more."""
        if self._busy >= self._options.threads + self._options.queue:
            told = "All threads are busy and enough requests wait already. Send this again in a moment."
            return answers.error(503, "TEMPORARILY_UNAVAILABLE", told, ("retry-after", "1"))
        self._busy += 1
        future = self._pool.submit(_guarded, work, *arguments)
        try:
            with Deadline(self._loop, self._options.timeout_seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            return Answer(504, b"Request processing time exceeded limit")
        finally:
            if future.done():
                self._give_place_back()
            else:
                future.add_done_callback(lambda _: self._loop.call_soon_threadsafe(self._give_place_back))

    def _give_place_back(self) -> None:
        self._busy -= 1


def _guarded(work: Callable[..., Answer], *arguments: Any) -> Answer:
    """What a model raises, were it KeyboardInterrupt, is an answer, and does not end the worker."""
    try:
        return work(*arguments)
    except BaseException as error:
        logger.exception("the model could not predict")
        return answers.error(500, INTERNAL, f"The model can't predict this: {type(error).__name__}.")


async def _read(protocol: Any, most: int) -> bytes:
    """A body, of unknown length as well."""
    parts, size = [], 0
    async for part in protocol:
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
    return b"".join(parts)


def _too_large(most: int) -> Refusal:
    told = f"The body is larger than {most / 1024**2:g} MB. Send fewer rows, or start the server with --max-body."
    return Refusal(told, 413, "BAD_REQUEST")
