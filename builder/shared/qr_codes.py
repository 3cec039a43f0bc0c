"""QR codes of addresses, for cameras of phones."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import segno
from django.utils.safestring import SafeString


def is_only_here(url: str) -> bool:
    """Return whether no other device can open it: its host is this computer's own."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def picture(url: str) -> SafeString:
    """Draw the QR code of an address as SVG: dark on white in every theme, for cameras."""
    code = segno.make(url, error="m", micro=False)
    svg = code.svg_inline(border=3, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    return SafeString(svg)
