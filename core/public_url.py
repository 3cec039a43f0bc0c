"""What the configured public address says."""

from urllib.parse import urlsplit


def host_of(public_url: str) -> list[str]:
    """The host of an address as a list of one, or empty when there is no address."""
    host = urlsplit(public_url).hostname if public_url else None
    return [host] if host else []
