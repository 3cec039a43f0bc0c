"""URLs of requests to a service, and the hosts that may have the service's key.

A service answers with URLs of results and of its next pages, so a URL may name any host. Its key is
for the origin of its base URL alone: scheme, host and port. Hosts that a provider lists beside it
get requests without the key; any other host gets none.

URLs are read by httpx, which sends the requests too: another reader may see another host in them.
"""

from __future__ import annotations

import re

import httpx

from media import addresses
from tools.providers.http_failures import Unreachable, for_the_operator, unreachable
from tools.providers.service import Service

# A URL with a host of its own; without a scheme it has that of the base URL.
_WHOLE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)?//")
_PORTS = {"http": 80, "https": 443}
# Of a host in a message; a service may name one of any length.
_HOST_CHARS = 100


def url_of(service: Service, path: str) -> httpx.URL:
    """The URL of a path after the base URL, or a whole URL where the service may be sent to.

    Raises ProviderError for a host that is neither the service nor one of its `hosts`, for one of
    these without https, and for a name or password in a URL: it would replace the key.
    """
    base, url = _parse(service, path)
    if is_own(service, url):
        if url.userinfo not in (b"", base.userinfo):
            raise _refusal(service, url, "with a name or password")
        return url
    if not any(_is_at(url, host) for host in service.hosts):
        raise _refusal(service, url, "which isn't one of its hosts")
    if url.userinfo:
        raise _refusal(service, url, "with a name or password")
    if url.scheme != "https" and not (base.scheme == "http" and _is_private(base.host)):
        raise _refusal(service, url, "without https")
    return url


def is_own(service: Service, url: httpx.URL | str) -> bool:
    """Return whether a URL has the origin of the base URL, so that it may have the key."""
    try:
        return _origin(httpx.URL(url)) == _origin(httpx.URL(service.base_url))
    except httpx.InvalidURL:
        return False


def _parse(service: Service, path: str) -> tuple[httpx.URL, httpx.URL]:
    """The base URL, and that of a request."""
    whole = _WHOLE.match(path)
    try:
        base = httpx.URL(service.base_url)
        if whole is None:
            return base, httpx.URL(f"{service.base_url}{path}")
        return base, httpx.URL(path if whole[1] else f"{base.scheme}:{path}")
    except httpx.InvalidURL as error:
        if whole is None:
            raise unreachable(service, error) from error
        message = f"{service.who} named a URL that can't be used. Nothing was sent."
        raise for_the_operator(message) from error


def _origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    return url.scheme, url.raw_host, url.port or _PORTS.get(url.scheme)


def _is_at(url: httpx.URL, host: str) -> bool:
    """Return whether a URL is at a host as `Service.hosts` has it."""
    entry = httpx.URL(f"//{host}")
    usual = _PORTS.get(url.scheme)
    return bool(usual) and (entry.raw_host, entry.port or usual) == (
        url.raw_host,
        url.port or usual,
    )


def _is_private(host: str) -> bool:
    """Return whether a host is of this machine or network by its name or address alone."""
    address = addresses.literal(host)
    if address is not None:
        return not addresses.is_public(address)
    return "." not in host or addresses.is_local_name(host)


def _refusal(service: Service, url: httpx.URL, why: str) -> Unreachable:
    # Without its path and query, which may let anyone who reads them fetch a file.
    place = f"{url.scheme}://{url.netloc.decode('ascii')[:_HOST_CHARS]}"
    return for_the_operator(f"{service.who} named a URL at {place}, {why}. Nothing was sent.")
