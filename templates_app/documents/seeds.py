"""The seeds of an open document: what makes the next run find earlier results again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from accounts.models import User
from templates_app.document_ops.schemas import MAX_KEY
from templates_app.documents import services
from templates_app.graph.kept_seeds import keys_of_steps
from templates_app.models import Document

# Ops of one change; see templates_app.document_ops.ops.
SEEDS_IN_A_CHANGE = 400
_BY_SERVER = str(services.NO_ONE)


def keep_seeds(actor: User, document: Document, seeds: Mapping[str, int], *, of: str) -> int:
    """Write the seeds that are new into the document; its revision afterwards.

    seeds: by step. of: what they come from; a repeated request with it writes nothing twice.
    """
    keys = keys_of_steps(document.state, seeds)
    seed_rows = document.state["seeds"]["rows"]
    ops = [
        {"op": "put", "table": "seeds", "key": key, "value": {"seed": seeds[step]}}
        for step, key in keys.items()
        if len(key) <= MAX_KEY and seed_rows.get(key) != {"seed": seeds[step]}
    ]
    if not ops:
        return document.rev
    changes = [
        {
            "id": str(uuid.uuid5(services.NO_ONE, f"seeds of {of} from {first}")),
            "label": "Seeds",
            "ops": ops[first : first + SEEDS_IN_A_CHANGE],
        }
        for first in range(0, len(ops), SEEDS_IN_A_CHANGE)
    ]
    result = services.append_changes(
        actor=actor, document=document, client_id=_BY_SERVER, changes=changes
    )
    return result.document.rev
