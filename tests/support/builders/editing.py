"""An open document for tests: who edits it, and changes to make in it."""

from __future__ import annotations

import json
import secrets
import uuid
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.models import User
from templates_app.documents import services
from templates_app.lifecycle import services as templates
from templates_app.models import Change, Collaborator, Document, Template
from tests.support.builders.factories import make_user

# A prompt as long as people write them.
WEATHER = "wide shot at dusk, low clouds over a calm sea, soft rim light, slow push in, film grain"


def make_document(owner: User, stages: int = 1) -> Document:
    """A template of `stages` stages `s0` …, open in the editor."""
    body = {
        "name": "Sky",
        "stages": [
            {
                "id": f"s{place}",
                "type": "fixed",
                "tool": "generate_image",
                "args": {"prompt": f"A sky, number {place}: {WEATHER}", "width": 1024},
                "produces": [f"s{place}"],
            }
            for place in range(stages)
        ],
    }
    saved = templates.create_template(actor=owner, body=body, own_hosts=[])
    opened = services.open_document(viewer=owner, public_id=saved.template.public_id)
    assert opened.document is not None
    return opened.document


def prompt(words: str, stage: str = "s0") -> dict[str, Any]:
    """The op that sets a stage's prompt."""
    return {
        "op": "set",
        "table": "stages",
        "key": stage,
        "path": ["args", "prompt"],
        "value": words,
    }


def change(*ops: dict[str, Any], label: str = "Edit") -> dict[str, Any]:
    """A change as an editor sends it."""
    return {"id": str(uuid.uuid4()), "label": label, "ops": list(ops)}


def edit(person: User, document: Document, *words: str) -> int:
    """Set the first stage's prompt once per word; the revision that makes."""
    return apply(person, document, *(prompt(one) for one in words))


def apply(person: User, document: Document, *ops: dict[str, Any]) -> int:
    """Make a change of each op; the revision that makes."""
    done = services.append_changes(
        actor=person,
        document=document,
        client_id=str(uuid.uuid4()),
        changes=[change(op) for op in ops],
    )
    assert not done.rejected, done.rejected
    return done.document.rev


def template_of(document: Document) -> Template:
    return Template.objects.select_related("owner").get(pk=document.template_id)


def log_of(document: Document) -> list[Change]:
    return list(Change.objects.filter(document=document).order_by("rev"))


def furnish(stages: int) -> None:
    """Print what editors outside need: a template's id, and sessions of two who may edit it.

    For `manage.py shell`.
    """
    alice, bob = (make_user(f"{name}-{secrets.token_hex(4)}") for name in ("alice", "bob"))
    document = make_document(alice, stages)
    Collaborator.objects.create(template_id=document.template_id, user=bob)
    print(
        json.dumps(
            {"id": template_of(document).public_id, "sessions": [session(alice), session(bob)]}
        )
    )


def session(person: User) -> str:
    """The key of a session that this person has just signed in to."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return store.session_key
