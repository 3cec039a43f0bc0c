"""What `docs/howto/ask-and-repeat.md` builds can be saved, and its answers lead to the film."""

from __future__ import annotations

import json
import re

import pytest

from accounts.auth import Principal
from accounts.models import User
from runs import selectors
from runs.admission.start import start_run
from runs.interaction import answers
from templates_app.lifecycle import services as templates
from tests.support.builders.running import statuses, work_off
from tests.support.program import ROOT

PAGE = (ROOT / "docs" / "howto" / "ask-and-repeat.md").read_text()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_guide_to_asking_leads_to_a_film(alice: User) -> None:
    spec = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    template = templates.create_template(actor=alice, body=spec, own_hosts=()).template
    bodies = re.findall(r"-d '(\{.*?\})'", PAGE, re.DOTALL)
    start = re.search(r"-d '(\{\"workflow_id.*?\}\})'", PAGE, re.DOTALL)
    assert start is not None
    body = json.loads(start[1].replace("'$TEMPLATE'", template.public_id))
    run = start_run(actor=Principal(user=alice, api_key=None, via="session"), body=body).run
    given = [json.loads(body)["resume_input"] for body in bodies if "resume_input" in body]
    kinds = [one["type"] for one in given]
    assert kinds == ["answer", "select_media", "redo_item", "approve_checkpoint"]
    for one in given:
        work_off()
        run.refresh_from_db()
        assert answers.answer(run=run, actor=alice, resume_input=one)
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    assert set(statuses(run).values()) == {"completed"}
    assert selectors.artifacts_of([run])[-1].kind == "video"
