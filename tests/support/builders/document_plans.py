"""Plans beside documents, and proposals that wait for an answer."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from compose import kept_proposals
from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.schemas import PLAN
from templates_app.documents import services
from templates_app.models import Document, Template
from tests.support.builders.drafts import note


def plan(words: str = "a heron", **fields: Any) -> dict[str, Any]:
    """The row of a plan: three shots of these words."""
    shots = [{"text": words, "framing": "wide shot"} for _ in range(3)]
    settings = {"kind": "film", "shows": words, "scenes": shots, "aspect": "9:16"}
    return {"settings": settings, "brief": f"3 shots of {words}", "by": "rules", "hash": "1"} | {
        **fields
    }


def put_plan(words: str = "a heron", **fields: Any) -> dict[str, Any]:
    """The op that writes a plan."""
    return {"op": "put", "table": PLAN, "key": PLAN, "value": plan(words, **fields)}


def open_document(owner: User, template: Template) -> Document:
    opened = services.open_document(viewer=owner, public_id=template.public_id)
    assert opened.document is not None
    return opened.document


def answer(
    words: str = "a heron", name: str = "Heron", base: dict[str, Any] | None = None, **fields: Any
) -> dict[str, Any]:
    """What `POST /app/compose` answers, of a template of one stage. base: the spec it is for."""
    template = {**(base or {}), "name": name, "inputs": [], "stages": [note("shot", words)]}
    return {
        "template": template,
        "state": to_document(template),
        "units": 1.0,
        "unitsBefore": 0.0,
        "fitsBudget": None,
        "warnings": [],
        "message": f"“{name}”: 1 stage.",
        "changes": [],
        "plan": {"settings": plan(words)["settings"], "fromWords": ["aspect"], "notes": {}},
        "planner": "rules",
        **fields,
    }


def keep(person: User, template: Template, words: str = "a heron", **fields: Any) -> bool:
    """Keep a proposal of these words for the draft as it is now."""
    document = Document.objects.filter(template=template).first()
    base = to_spec(document.state) if document else template.head.spec if template.head else {}
    given = {
        "brief": f"3 shots of {words}",
        "answer": answer(words, base=base),
        "base": base,
        **fields,
    }
    return kept_proposals.keep(person, template, **given)
