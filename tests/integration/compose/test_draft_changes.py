"""A draft of an existing template: changed, priced, and refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compose.drafting import DraftRequest, draft, problems_of
from core.errors import InvalidBody
from tests.support.api import Api

pytestmark = pytest.mark.django_db
LAMP: dict[str, Any] = json.loads(Path("builder/samples/the-last-lamp.json").read_text())


def test_a_changed_template_is_priced_and_saved(alice_key: str) -> None:
    before = draft(DraftRequest("", existing=LAMP))
    found = draft(DraftRequest("add a shot of a whale", existing=LAMP))
    assert found.units > before.units
    assert found.changes
    assert problems_of(found.template) == ()
    body = {key: value for key, value in found.template.items() if key != "id"}
    saved = Api(alice_key).post("/v1/creative-agent/workflows/templates", body)
    assert saved.status_code == 201, saved.content


def test_a_template_as_the_api_answers_it_is_changed_and_patched(alice_key: str) -> None:
    api = Api(alice_key)
    path = "/v1/creative-agent/workflows/templates"
    stored = api.post(path, {**LAMP, "id": "wf_mine"}).json()["data"]["template"]
    found = draft(DraftRequest("make it vertical", existing={"data": {"template": stored}}))
    patched = api.patch(f"{path}/{stored['id']}", found.template)
    assert patched.status_code == 200, patched.content
    after = patched.json()["data"]["template"]
    assert after["stages"][0]["args"]["width"] == 576
    assert after["visibility"] == stored["visibility"]


def test_a_budget_that_is_passed_is_said() -> None:
    found = draft(DraftRequest("add a shot of a whale", existing=LAMP, max_units=3))
    assert found.fits_budget is False
    assert any("credits" in warning for warning in found.warnings)


def test_the_callers_own_arguments_change_an_existing_template() -> None:
    request = DraftRequest(
        "make it night",
        existing=LAMP,
        aspect_ratio="1:1",
        duration_seconds=12,
        models={"image": "flux-3-klein"},
    )
    stages = {stage["id"]: stage["args"] for stage in draft(request).template["stages"]}
    assert stages["dusk"]["width"] == stages["dusk"]["height"]
    assert stages["dusk"]["model"] == "flux-3-klein"
    assert stages["evening_shot"]["duration"] == 6.4


@pytest.mark.parametrize("existing", [{}, {"stages": {}}, {"stages": ["a"]}, {"template": "no"}])
def test_what_is_no_template_is_refused_by_its_field(existing: Any) -> None:
    with pytest.raises(InvalidBody, match="existing_template"):
        draft(DraftRequest("make it vertical", existing=existing))
