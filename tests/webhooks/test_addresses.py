"""Where a webhook may send, and where it may not, however that is written."""

import ipaddress
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks import addresses
from webhooks.addresses import Refused, Unresolved, checked, is_allowed

PUBLIC = "93.184.216.34"


@pytest.fixture
def names(monkeypatch):
    """A resolver that knows these names, and counts how often it is asked."""
    known: dict[str, list[str]] = {}
    asked: list[str] = []

    def look_up(host, port, **options):
        asked.append(host)
        if host not in known:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    known["asked"] = asked
    return known


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://93.184.216.34", "93.184.216.34", 443, "/"),
        ("https://93.184.216.34:8443/hook?a=1&b=%20", "93.184.216.34", 8443, "/hook?a=1&b=%20"),
        ("https://[2606:4700::1111]/x", "2606:4700::1111", 443, "/x"),
        ("HTTPS://93.184.216.34/A", "93.184.216.34", 443, "/A"),
    ],
)
def test_public_places_are_taken(url, host, port, path):
    target = checked(url)
    assert (target.host, target.port, target.path, target.ips) == (host, port, path, (host,))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.0.192",
        "192.88.99.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fc00::1]",
        "[fd00::1]", "[fec0::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::8.8.8.8]", "[2002:7f00:1::]",
        "[2002:a9fe:a9fe::1]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2001:db8::1]", "[100::1]",
        "[fe80::1%25eth0]", "[fe80::1%eth0]",
    ],
)  # fmt: skip
def test_places_that_are_not_public_are_refused(host):
    with pytest.raises(Refused) as refusal:
        checked(f"https://{host}/")
    assert refusal.value.field == "url"


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0x7f.0x0.0x0.0x1", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "0x7f.1", "1",
        "0", "0x", "127.0.0.1.", "127.0.0.0x1", "1.2.3.4.5", "256.1.1.1", "00000127.0.0.1", "4294967295", "a.1",
        "a.0x1f",
    ],
)  # fmt: skip
def test_numbers_in_other_spellings_are_refused_without_asking(host, names):
    with pytest.raises(Refused):
        checked(f"https://{host}/")
    assert names["asked"] == []


@pytest.mark.parametrize(
    "url",
    [
        "", " ", "x", "//8.8.8.8/", "https://", "https:///path", "https:8.8.8.8", "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "gopher://8.8.8.8/", "javascript:alert(1)", "data:text/html,x", "http://8.8.8.8/", "https://8.8.8.8/#fragment",
        "https://user:pass@8.8.8.8/", "https://user@8.8.8.8/", "https://@8.8.8.8/", "https://8.8.8.8\\@127.0.0.1/",
        "https://8.8.8.8/a b", "https://8.8.8.8/\r\nX-Evil: 1", "https://8.8.8.8/\t", "https://8.8.8.8\x00/",
        "https://bücher.example/", "https://ⓛocalhost/", "https://１２７.0.0.1/", "https://8.8.8.8:0/",
        "https://8.8.8.8:99999/",
        "https://8.8.8.8:x/", "https://8.8.8.8:-1/", "https://[::1/", "https://[nobody]/", "https://a..b/",
        "https://-a.b/",
        "https://a_/%zz\n", "https://8.8.8.8/" + "a" * 2000, "https://" + "a" * 64 + ".b/", " https://8.8.8.8/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook_is_refused(url):
    with pytest.raises(Refused):
        checked(url)


def test_a_name_that_leads_to_a_public_place_is_taken(names):
    names["hooks.example"] = [PUBLIC]
    target = checked("https://hooks.example/x")
    assert (target.host, target.ips, target.authority) == ("hooks.example", (PUBLIC,), "hooks.example")


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:192.168.0.1", "0.0.0.0"])
def test_a_name_that_leads_to_a_private_place_is_refused(names, ip):
    names["evil.example"] = [ip]
    with pytest.raises(Refused):
        checked("https://evil.example/")


def test_a_name_with_one_private_place_among_public_ones_is_refused(names):
    names["mixed.example"] = [PUBLIC, "127.0.0.1"]
    with pytest.raises(Refused):
        checked("https://mixed.example/")


@pytest.mark.parametrize("host", ["localhost", "localhost.", "LOCALHOST", "a.localhost"])
def test_this_machine_by_name_is_refused(names, host):
    names[host.lower()] = ["127.0.0.1"]
    with pytest.raises(Refused):
        checked(f"https://{host}/")


def test_a_host_that_is_not_found_may_be_found_later(names):
    with pytest.raises(Unresolved):
        checked("https://nobody.example/")


def test_a_slow_lookup_is_given_up(monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: never.wait(5) and [])
    with pytest.raises(Unresolved):
        checked("https://slow.example/", patience_seconds=0.05)
    never.set()


@pytest.mark.usefixtures("private")
class TestWithPrivatePlacesAllowed:
    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1:8000/x",
            "https://10.0.0.1/",
            "http://[::1]:80/",
            "http://192.168.1.7/",
            "http://100.64.1.1/",
        ],
    )
    def test_private_places_are_taken(self, url):
        assert checked(url).ips

    @pytest.mark.parametrize(
        "host",
        ["169.254.169.254", "[fe80::1]", "224.0.0.1", "0.0.0.0", "[::]", "255.255.255.255", "[::ffff:169.254.169.254]"],
    )
    def test_places_that_are_nobodys_are_not(self, host):
        with pytest.raises(Refused):
            checked(f"http://{host}/")

    def test_other_spellings_of_numbers_are_not(self):
        with pytest.raises(Refused):
            checked("http://2130706433/")


@given(st.ip_addresses(v=4))
def test_every_ipv4_address_has_one_verdict_however_it_is_wrapped(ip):
    wrapped = [
        ipaddress.IPv6Address(f"::ffff:{ip}"),
        ipaddress.IPv6Address(f"64:ff9b::{ip}"),
        ipaddress.IPv6Address(int(ipaddress.IPv6Address("2002::")) | int(ip) << 80),
    ]
    assert {is_allowed(one) for one in wrapped} == {is_allowed(ip)}


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_allowed(ip):
    if addresses._led_to(ip).is_private:
        assert not is_allowed(ip)
