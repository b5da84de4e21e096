"""One attempt at a delivery, to real servers on this machine."""

import socket
import ssl
import subprocess
import threading
import time

import pytest

from tests.webhooks.receiver import Answer, receiving
from webhooks import addresses, sending
from webhooks.sending import post

pytestmark = pytest.mark.usefixtures("private")


def send(url, body=b'{"a": 1}', **headers):
    return post(url, body, {"Content-Type": "application/json", **headers})


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(sending, "PATIENCE_SECONDS", 0.4)


def test_what_is_sent_arrives(receiver):
    reply = send(f"{receiver.url}?a=b%20c", **{"X-Mine": "yes"})
    (got,) = receiver.got
    assert (reply.status, reply.body, reply.is_success) == (200, "ok", True)
    assert (got.method, got.path, got.body) == ("POST", "/hook?a=b%20c", b'{"a": 1}')
    assert got.headers["X-Mine"] == "yes"
    assert got.headers["Host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize(
    ("status", "is_success", "may_pass"),
    [(204, True, False), (400, False, False), (404, False, False), (410, False, False), (408, False, True),
     (429, False, True), (500, False, True), (503, False, True)],
)  # fmt: skip
def test_statuses(receiver, status, is_success, may_pass):
    receiver.answers = [Answer(status, b"")]
    reply = send(receiver.url)
    assert (reply.status, reply.is_success, reply.may_pass) == (status, is_success, may_pass)


def test_nobody_listens():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        reply = send(f"http://127.0.0.1:{probe.getsockname()[1]}/")
    assert (reply.status, reply.may_pass) == (None, True)
    assert "Connection refused" in reply.error


def test_the_beginning_of_an_answer_is_kept(receiver):
    receiver.answers = [Answer(body=b"x" * 200_000)]
    assert send(receiver.url).body == "x" * 2_000


def test_an_answer_that_is_no_text_is_kept_as_far_as_it_can_be(receiver):
    receiver.answers = [Answer(body=b"a\x00b\xff")]
    assert send(receiver.url).body == "a\ufffdb\ufffd"


@pytest.mark.parametrize(("said", "seconds"), [("120", 120), ("", 0), ("soon", 0), ("-5", 0), ("9" * 400, 999_999_999)])
def test_retry_after_in_seconds(receiver, said, seconds):
    receiver.answers = [Answer(503, headers={"Retry-After": said} if said else {})]
    assert send(receiver.url).retry_after_seconds == seconds


def test_retry_after_as_a_date(receiver):
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 300))
    receiver.answers = [Answer(429, headers={"Retry-After": date})]
    assert 240 < send(receiver.url).retry_after_seconds <= 300


def test_a_silent_receiver_is_given_up_in_time(receiver, hasty):
    receiver.answers = [Answer(delay=100)]
    reply = send(receiver.url)
    assert reply.may_pass
    assert "within" in reply.error
    assert reply.duration_ms < 30_000


def serving(script):
    """A server that does `script(connection)` with the first connection. Its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listening.accept()
        with connection, listening:
            script(connection)

    threading.Thread(target=serve, daemon=True).start()
    return listening.getsockname()[1]


def test_a_receiver_that_drips_its_head_is_given_up_in_time(hasty):
    def drip(connection):
        try:
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
                connection.send(bytes([byte]))
                time.sleep(0.05)
        except OSError:
            pass

    reply = send(f"http://127.0.0.1:{serving(drip)}/")
    assert (reply.status, reply.may_pass) == (None, True)
    assert reply.duration_ms < 30_000


@pytest.mark.parametrize(
    "said",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000, b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 100_000],
)
def test_what_is_no_http_is_an_error_that_may_pass(said):
    def answer(connection):
        read_whole(connection)
        connection.sendall(said)

    reply = send(f"http://127.0.0.1:{serving(answer)}/")
    assert (reply.status, reply.may_pass) == (None, True)
    assert reply.error.startswith("No answer came")


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_keeps_the_body_is_followed(receiver, status):
    with receiving() as other:
        receiver.answers = [Answer(status, headers={"Location": other.url})]
        assert send(receiver.url).is_success
        assert other.got[0].body == b'{"a": 1}'


def test_a_redirect_within_the_host_is_followed(receiver):
    receiver.answers = [Answer(308, headers={"Location": "/there"}), Answer()]
    assert send(receiver.url).is_success
    assert [got.path for got in receiver.got] == ["/hook", "/there"]


@pytest.mark.parametrize("status", [300, 301, 302, 303])
def test_a_redirect_that_drops_the_body_is_final(receiver, status):
    receiver.answers = [Answer(status, headers={"Location": receiver.url})]
    reply = send(receiver.url)
    assert (reply.status, reply.is_success, reply.may_pass) == (status, False, False)
    assert len(receiver.got) == 1


def test_a_circle_of_redirects_ends(receiver):
    receiver.answers = [Answer(307, headers={"Location": receiver.url})]
    reply = send(receiver.url)
    assert (reply.may_pass, len(receiver.got)) == (False, 4)


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/",
        "http://[fe80::1]/",
        "file:///etc/passwd",
        "http://user@127.0.0.1/",
        "//0.0.0.0/",
    ],
)
def test_a_redirect_to_a_place_that_is_not_allowed_is_refused(receiver, location):
    receiver.answers = [Answer(307, headers={"Location": location})]
    reply = send(receiver.url)
    assert (reply.status, reply.may_pass) == (None, False)
    assert reply.error


def test_a_redirect_to_a_private_place_is_refused(receiver, settings, monkeypatch):
    """The first hop is reached as if it were public; the second one is checked like any other."""
    first = addresses.checked(receiver.url)
    settings.TRACKER_WEBHOOK_PRIVATE = False
    real = addresses.checked
    monkeypatch.setattr(addresses, "checked", lambda url, *rest: first if url == receiver.url else real(url, *rest))
    with receiving() as inside:
        receiver.answers = [Answer(307, headers={"Location": inside.url.replace("http:", "https:")})]
        reply = send(receiver.url)
        assert inside.got == []
    assert "no public place" in reply.error
    assert not reply.may_pass


def test_the_host_is_looked_up_once_and_the_checked_address_is_used(receiver, monkeypatch):
    """A resolver that gives another address the second time (DNS rebinding) is not asked a second time."""
    answers = iter(["127.0.0.1", "169.254.169.254"])
    port = int(receiver.url.split(":")[2].split("/")[0])
    real = socket.getaddrinfo

    def look_up(host, *arguments, **options):
        return real(next(answers) if host == "rebind.example" else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert send(f"http://rebind.example:{port}/hook").is_success
    assert receiver.got[0].headers["Host"] == f"rebind.example:{port}"
    assert next(answers) == "169.254.169.254"


def test_proxies_of_the_environment_are_not_used(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(receiver.url).is_success


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for hooks.example, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=hooks.example",
         "-addext", "subjectAltName=DNS:hooks.example", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


def read_whole(connection):
    """Bytes left unread when a connection ends would tear down the answer."""
    read = b""
    while not read.endswith(b"}") and (more := connection.recv(65536)):
        read += more


def tls_port(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def answer(connection):
        try:
            with context.wrap_socket(connection, server_side=True) as secured:
                read_whole(secured)
                secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except OSError:
            pass

    return serving(answer)


@pytest.fixture
def trusting(certificate, monkeypatch):
    """Our side trusts that certificate, and finds its name on this machine."""
    context = ssl.create_default_context(cafile=str(certificate[0]))
    monkeypatch.setattr(sending, "_tls", lambda: context)
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **options: real("127.0.0.1" if host.endswith(".example") else host, *rest, **options),
    )


def test_a_certificate_for_the_hosts_name_is_trusted(certificate, trusting):
    assert send(f"https://hooks.example:{tls_port(certificate)}/").is_success


def test_a_certificate_for_another_name_is_not(certificate, trusting):
    reply = send(f"https://other.example:{tls_port(certificate)}/")
    assert (reply.status, reply.is_success) == (None, False)
    assert "can't be trusted" in reply.error


def test_a_certificate_that_nobody_vouches_for_is_not(certificate):
    reply = send(f"https://127.0.0.1:{tls_port(certificate)}/")
    assert "can't be trusted" in reply.error
