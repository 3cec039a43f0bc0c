"""Limits of planning on this server: sizes from the settings, media addresses by lookup."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings

from core import errors, server_settings
from media import addresses, fetch, resolvers, signing
from media.presigned_uploads import TABLE
from templates_app.graph.types import Limits


def planning_limits(own_hosts: Collection[str]) -> Limits:
    """The limits of a plan made here. own_hosts: hosts whose media URLs are ours.

    Planning itself is pure; it asks these two functions about each address it meets.
    """

    def own_asset(url: str) -> str | None:
        public_id = signing.parse_own_url(url, own_hosts)
        if public_id is None:
            fetch.check_url(url)
            return None
        blob = resolvers.resolve(public_id)
        if blob is None:
            raise errors.InvalidBody("This media URL doesn't exist on this server.")
        if blob.kind == TABLE:
            raise errors.InvalidBody("This file is a table: no input takes one.")
        return f"blob:{blob.sha256}"

    allowance = addresses.read_allowance(settings.FETCH_ALLOW)

    def allow_http(host_and_port: str) -> bool:
        host, _, port = host_and_port.rpartition(":")
        if not host:
            host, port = host_and_port, "80"
        return allowance.covers_host(host, int(port) if port.isdigit() else 80)

    return Limits(
        max_steps=server_settings.value("MAX_STEPS"),
        max_edges=settings.MAX_EDGES,
        max_media=settings.MAX_MEDIA_REFERENCES,
        own_asset=own_asset,
        allow_http=allow_http,
    )
