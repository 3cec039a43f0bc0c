"""The reference page is written from the declarations."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tools import reference, registry


def test_reference_page_is_current():
    call_command("tooldocs", "--check")


def test_stale_page_names_the_command_to_run(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match=r"run `manage\.py tooldocs`"):
        call_command("tooldocs", "--check")
    call_command("tooldocs")
    call_command("tooldocs", "--check")


def test_page_names_every_tool_and_every_parameter():
    page = reference.render(registry.catalogue(), lambda name: "")
    for tool in registry.catalogue():
        assert f"### `{tool.name}`" in page
        for name, field in tool.Params.model_fields.items():
            assert f"`{field.alias or name}`" in page
