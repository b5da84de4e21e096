"""Where a webhook may send: an address is read once, its host is looked up once, each place it leads to is checked."""

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from trackerweb.errors import InvalidValue

MAX_LENGTH = 2_000
LOOKUP_SECONDS = 5.0
PORTS = {"http": 80, "https": 443}

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

#: What RFC 3986 has in an address. Whatever else different programs read differently.
_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}\.?$){_LABEL}(\.{_LABEL})*\.?")
#: The last part of a host that programs take for a number: 2130706433, 0x7f.1, 127.1, 0177.0.0.1.
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
#: Kept for protocols, and so for machines of a cloud that answer there (RFC 6890, RFC 7526). Some releases of Python
#: take them for public.
_KEPT = [ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("192.88.99.0/24")]
#: Addresses of IPv6 that lead to the IPv4 address in their last 32 bits (RFC 6052), and those that may lead anywhere
#: (RFC 8215).
_NAT64, _LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48")
#: Networks of one's own: RFC 1918, RFC 6598, RFC 4193. Python's `is_private` holds much more.
_PRIVATE = [
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]


class Refused(InvalidValue):
    """An address that a webhook may not have."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="url")


class Unresolved(InvalidValue):
    """A host that is not found now; it may be later."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="url")


@dataclass(frozen=True)
class Target:
    """Where to connect, and what to ask for there. `ips` were checked: nobody may look the host up again."""

    scheme: str
    host: str
    port: int
    path: str
    ips: tuple[str, ...]

    @property
    def authority(self) -> str:
        """Host and port as the header Host has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def checked(url: str, patience_seconds: float = LOOKUP_SECONDS) -> Target:
    """The place that an address leads to.

    Errors: Refused says what an address may not be; Unresolved when its host is not found.
    """
    parts = _read(url)
    host, port = _host_of(parts), _port_of(parts)
    ips = _literal(host) or _look_up(host, port, patience_seconds)
    for ip in ips:
        if not is_allowed(ip):
            raise Refused(f"{host} leads to {ip}, {_why_not(ip)}")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, tuple(str(ip) for ip in ips))


def _read(url: str) -> SplitResult:
    """The parts of an address that could be one of a webhook."""
    if not url.strip():
        raise Refused("A webhook needs an address.")
    if len(url) > MAX_LENGTH:
        raise Refused(f"This address has {len(url)} characters. {MAX_LENGTH} are allowed.")
    if "#" in url:
        raise Refused("The part of an address after # is never sent. Leave it out.")
    if not _CHARACTERS.fullmatch(url):
        raise Refused("This address holds a character that none may hold. Write it percent-encoded, a host as xn--….")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Refused(f"This is no address: {error}.") from None
    allowed = ("https", "http") if settings.TRACKER_WEBHOOK_PRIVATE else ("https",)
    if parts.scheme not in allowed:
        hint = "" if settings.TRACKER_WEBHOOK_PRIVATE else " TRACKER_WEBHOOK_PRIVATE=1 allows http:// too."
        begin = " or ".join(f"{scheme}://" for scheme in allowed)
        raise Refused(f"{parts.scheme[:20]!r} is no way to send. An address begins with {begin}.{hint}")
    if "@" in parts.netloc:
        raise Refused("An address with a name or password in it would show them. Use a secret instead.")
    return parts


def _host_of(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host:
        raise Refused("This address names no host.")
    if "[" in parts.netloc or _literal(host):
        if not _literal(host) or "%" in host:
            raise Refused(f"{host[:80]!r} is no address of a machine.")
        return host
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise Refused(f"{host[:80]!r} is no way to write a number of a machine. Write 203.0.113.7.")
    if not _HOST.fullmatch(host):
        raise Refused(f"{host[:80]!r} is no name of a host.")
    return host


def _port_of(parts: SplitResult) -> int:
    try:
        port = PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        port = 0
    if not port:
        raise Refused("The port of this address is none. Use 1 to 65535.")
    return port


def _literal(host: str) -> list[IP]:
    """The machine's number that a host is, if it is one."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        return []


def _look_up(host: str, port: int, patience_seconds: float) -> list[IP]:
    """All numbers of a host. In a thread, for a lookup can't be given a time limit."""
    found: list[list[IP]] = []

    def look() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.append([ipaddress.ip_address(str(row[4][0])) for row in rows])
        except (OSError, UnicodeError, ValueError):
            found.append([])

    thread = threading.Thread(target=look, name="webhook-lookup", daemon=True)
    thread.start()
    thread.join(max(0.0, patience_seconds))
    if not found:
        raise Unresolved(f"Looking up {host!r} took too long.")
    if not found[0]:
        raise Unresolved(f"No host {host!r} is found. Is it spelled right?")
    return list(dict.fromkeys(found[0]))


def is_allowed(ip: IP) -> bool:
    """Whether a webhook may connect there: public places, and where the owner allows it, private ones and this machine.

    Link-local addresses, which hold the keys of machines in a cloud, are no place for a webhook in any case.
    """
    ip = _led_to(ip)
    if _is_public(ip):
        return True
    return settings.TRACKER_WEBHOOK_PRIVATE and _is_private(ip)


def _led_to(ip: IP) -> IP:
    """The IPv4 address that an IPv6 address leads to, if it does."""
    if not isinstance(ip, ipaddress.IPv6Address) or ip.is_loopback or ip.is_unspecified:
        return ip
    inside = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
    if inside:
        return inside
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip


def _is_special(ip: IP) -> bool:
    if isinstance(ip, ipaddress.IPv6Address) and (ip.is_site_local or ip in _LOCAL_NAT64):
        return True
    if any(ip in network for network in _KEPT):
        return True
    return ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local


def _is_public(ip: IP) -> bool:
    return ip.is_global and not _is_special(ip)


def _is_private(ip: IP) -> bool:
    return ip.is_loopback or any(ip in network for network in _PRIVATE)


def _why_not(ip: IP) -> str:
    if _is_private(_led_to(ip)):
        return "which is no public place. The owner of this server may allow it with TRACKER_WEBHOOK_PRIVATE=1."
    return "which is no place for a webhook."
