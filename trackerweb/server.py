"""The server behind `runserver`: Django's threaded one, without its stalls, and strict about bodies."""

import errno
import json
import socket
import socketserver
import sys
from contextlib import suppress
from http import HTTPStatus
from typing import IO, Any

from django.core.handlers.wsgi import LimitedStream
from django.core.servers.basehttp import ServerHandler, ThreadedWSGIServer, WSGIRequestHandler

from trackerweb import chunked
from trackerweb.errors import MalformedRequest, TrackerError
from trackerweb.startup import Address

#: How much of a body that nobody read is read and dropped, so that its sender gets to see the answer.
DRAIN_BYTES = 64 * 1024 * 1024
PIECE_BYTES = 64 * 1024
LINGER_SECONDS = 1


class DrainingHandler(ServerHandler):
    """Reads the rest of a refused body in pieces: Django reads it at once, 10 GB into 10 GB of memory."""

    request_handler: "KeepAliveHandler"
    stdin: LimitedStream
    headers_sent: bool

    def handle_error(self) -> None:
        """Answer for what broke. Once a part of the answer is out, only the end of the connection says that it did."""
        if self.headers_sent:
            self.request_handler.close_connection = True
        super().handle_error()

    def close(self) -> None:
        """Drop what is left of the body; beyond DRAIN_BYTES, or when it breaks off, drop the connection."""
        try:
            dropped = 0
            while dropped <= DRAIN_BYTES and (piece := self.stdin.read(PIECE_BYTES)):
                dropped += len(piece)
        except OSError:
            dropped = DRAIN_BYTES + 1
        if dropped > DRAIN_BYTES:
            self.request_handler.close_connection = True
        # Django's own close() finds nothing left to read.
        self.stdin.limit = 0
        super().close()


class KeepAliveHandler(WSGIRequestHandler):
    """Sends head and body of an answer in one packet.

    As it comes, it sends two, and the second waits 40 ms for the client's delayed ACK of the first: 23 requests a
    second over a kept connection instead of 2,000.
    """

    server: "Server"
    connection: socket.socket  # type: ignore[assignment]
    disable_nagle_algorithm = True
    wbufsize = 65536
    #: Seconds for a client that vanished without a word; it ends a connection that says nothing for so long, too.
    timeout = 300

    def handle(self) -> None:
        """Answer until one side ends it. Closing with bytes unread would throw the last answer away, so read on."""
        super().handle()
        self.connection.settimeout(LINGER_SECONDS)
        dropped = 0
        with suppress(OSError):
            while dropped <= DRAIN_BYTES and (piece := self.connection.recv(PIECE_BYTES)):
                dropped += len(piece)

    def handle_one_request(self) -> None:
        """Read one request and answer it, wholly: what stays in the buffer is lost when the connection ends."""
        self._answer_one()
        self.wfile.flush()

    def _answer_one(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if len(self.raw_requestline) > 65536:
            self.requestline = self.request_version = self.command = ""
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
        elif self.parse_request():
            self._run(self.rfile, self.get_environ())

    def _run(self, body: IO[bytes], environ: dict[str, Any]) -> None:
        if environ.pop("HTTP_TRANSFER_ENCODING", None):
            try:
                body, length = chunked.held(chunked.pieces(body))
            except TrackerError as error:
                self._refuse(error)
                return
            environ["CONTENT_LENGTH"] = str(length)
        handler = DrainingHandler(body, self.wfile, self.get_stderr(), environ)
        handler.request_handler = self
        handler.run(self.server.get_app())  # type: ignore[arg-type]  # make_server has set one

    def parse_request(self) -> bool:
        """Read the head of a request; False when it was answered already, with why it can't be read."""
        return super().parse_request() and self._body_has_a_length()

    def handle_expect_100(self) -> bool:
        """Tell a client that asks first to go on, at once: in the buffer the word would wait for the answer."""
        if not self._body_has_a_length():
            return False
        self.send_response_only(HTTPStatus.CONTINUE)
        self.end_headers()
        self.wfile.flush()
        return True

    def _body_has_a_length(self) -> bool:
        """Whether we know where the body ends. If not, its rest would be read as the next request: a smuggled one."""
        lengths = self.headers.get_all("Content-Length", [])
        encodings = self.headers.get_all("Transfer-Encoding", [])
        if encodings and (lengths or [text.lower() for text in encodings] != ["chunked"]):
            self._refuse(MalformedRequest("Send one of Content-Length and Transfer-Encoding: chunked."))
            return False
        if len(lengths) > 1 or not all(
            length.isascii() and length.isdigit() and len(length) < 20 for length in lengths
        ):
            self._refuse(MalformedRequest("Content-Length is not one number."))
            return False
        return True

    def _refuse(self, error: TrackerError) -> None:
        body = json.dumps(error.as_json()).encode()
        self.send_response(error.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of requests: a training script sends hundreds a second."""


class Server(ThreadedWSGIServer):
    """A thread a connection; sixteen training processes may knock at once."""

    request_queue_size = 128
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind, without asking the network for this machine's full name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that vanished."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def make_server(address: Address) -> Server:
    """A server that listens at `address` and serves the project.

    Errors: OSError when it can't listen there.
    """
    from trackerweb.wsgi import application

    server = Server((address.host, address.port), KeepAliveHandler, ipv6=":" in address.host)
    server.set_app(application)
    return server


def why_not(error: OSError, address: Address) -> str:
    """What a person needs to know when listening failed."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {address.port} is in use. Stop what runs there, or take another: runserver {address.port + 1}"
    if error.errno == errno.EACCES:
        return f"Port {address.port} needs more rights. Take one from 1024 on."
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{address.host!r} is not an address of this machine."
    return f"Can't listen at {address.url}: {error.strerror}."
