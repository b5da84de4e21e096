"""The server behind `runserver`: Django's threaded one, with its stalls removed."""

import json
import socket
from http import HTTPStatus

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from trackerweb.startup import Address


class KeepAliveHandler(WSGIRequestHandler):
    """Sends head and body of an answer in one packet.

    As it comes, it sends two, and the second waits 40 ms for the client's delayed ACK of the first: 23 requests a
    second over a kept connection instead of 2,000.
    """

    disable_nagle_algorithm = True
    wbufsize = 65536

    def parse_request(self) -> bool:
        """Read the head of a request; refuse one whose body has no length, which this server can't read."""
        if not super().parse_request():
            return False
        if "Transfer-Encoding" not in self.headers:
            return True
        self._refuse_chunked()
        return False

    def _refuse_chunked(self) -> None:
        message = "Send the body with a Content-Length; this server reads no chunked bodies (`manage.py serve` does)."
        body = json.dumps({"error_code": "LENGTH_REQUIRED", "message": message}).encode()
        self.send_response(HTTPStatus.LENGTH_REQUIRED)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        # What follows is the body; read as a request, it would be a smuggled one.
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of requests: a training script sends hundreds a second."""


class Server(ThreadedWSGIServer):
    """A thread a connection; sixteen training processes may knock at once."""

    request_queue_size = 128
    daemon_threads = True
    allow_reuse_address = True


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
    if error.errno in (48, 98, 10048):
        return f"Port {address.port} is in use. Stop what runs there, or take another: runserver {address.port + 1}"
    if isinstance(error, socket.gaierror):
        return f"{address.host!r} is not an address of this machine."
    return f"Can't listen at {address.url}: {error.strerror}."
