"""`/app/tools`: what the editor builds palette, forms and sockets from."""

from __future__ import annotations

from django.test import Client

from tools import registry


def test_every_tool_is_listed() -> None:
    tools = Client().get("/app/tools").json()["tools"]
    assert {one["name"] for one in tools} == {tool.name for tool in registry.table()}
    drawn = next(one for one in tools if one["name"] == "generate_image")
    assert drawn["isProvided"] is True
    assert drawn["provider"] == "studio"


def test_a_browser_that_has_them_is_told_so() -> None:
    first = Client().get("/app/tools")
    assert first["Cache-Control"] == "private, no-cache"
    again = Client().get("/app/tools", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
