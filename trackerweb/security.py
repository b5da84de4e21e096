"""Local mode: this machine is the password, so nothing that could come from elsewhere may pass."""

import ipaddress
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from trackerweb import errors

#: What proxies add, also those that hide who asked.
PROXY_HEADERS = (
    "HTTP_FORWARDED", "HTTP_X_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP", "HTTP_X_CLUSTER_CLIENT_IP",
    "HTTP_TRUE_CLIENT_IP", "HTTP_CF_CONNECTING_IP",
)  # fmt: skip
UTF8_NAMES = {"utf-8", "utf8", "us-ascii"}
READING_METHODS = {"GET", "HEAD"}


class LocalSafetyMiddleware:
    """Refuses what does not come from a program or a page of this machine that means this server.

    A web page anywhere can make the owner's browser send requests to loopback; the Host header unmasks DNS rebinding,
    Origin and Sec-Fetch-Site unmask the foreign page, forwarded headers unmask a proxy, behind which all look local.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or say why not: without the frame of our pages, for the one who reads it may be a stranger."""
        refusal = self._refusal(request)
        if refusal is None:
            return self.get_response(request)
        if request.path.startswith(errors.PROGRAMS):
            return JsonResponse(refusal.as_json(), status=refusal.status)
        return HttpResponse(f"{refusal.message}\n", status=refusal.status, content_type="text/plain; charset=utf-8")

    def _refusal(self, request: HttpRequest) -> errors.TrackerError | None:
        charset = (request.content_params or {}).get("charset", "utf-8").lower()
        if charset not in UTF8_NAMES:
            return errors.UnsupportedMediaType(f"The charset {charset[:40]!r} is not read here. Send UTF-8.")
        try:
            host = request.get_host()
        except DisallowedHost:
            return errors.MalformedRequest(
                f"Host {request.META.get('HTTP_HOST', '')!r} is not this server's. Use http://127.0.0.1, "
                "or name the host in TRACKER_ALLOWED_HOSTS."
            )
        if not _is_loopback(request.META.get("REMOTE_ADDR", "")):
            return errors.NotAllowed("This server answers only to its own machine.")
        if any(name.startswith(PROXY_HEADERS) for name in request.META):
            return errors.NotAllowed("This came through a proxy. In local mode everyone behind it would be the owner.")
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return errors.MalformedRequest("The address holds the character U+0000. Remove it.")
        return _cross_site(request, host)


def _cross_site(request: HttpRequest, host: str) -> errors.TrackerError | None:
    origin = request.META.get("HTTP_ORIGIN")
    if origin is not None and origin != f"{request.scheme}://{host}":
        return errors.NotAllowed(f"Pages of {origin!r} may not use this server.")
    if request.META.get("HTTP_SEC_FETCH_SITE", "none") in ("same-origin", "none"):
        return None
    if request.method not in READING_METHODS:
        return errors.NotAllowed("Pages of other sites may not write to this server.")
    # A link from elsewhere may lead here; a picture, script, frame or fetch may not.
    if (request.META.get("HTTP_SEC_FETCH_MODE"), request.META.get("HTTP_SEC_FETCH_DEST")) != ("navigate", "document"):
        return errors.NotAllowed("Pages of other sites may link to this server, and no more.")
    return None


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class SecurityHeadersMiddleware:
    """Headers that every answer carries. What has no policy of its own is no page: it may do nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add what is not there yet."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
