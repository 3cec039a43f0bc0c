"""The check of programs on this machine that serve language models."""

from __future__ import annotations

from compose.model import local_models, model_client
from core.checks import DOCTOR, Checks, ok, register

# Of the models of one program.
MOST_SHOWN = 8


@register("language model", every_s=60, faces=DOCTOR)
def local_programs() -> Checks:
    """Ask the usual ports, where no model is set up. Each look of the page is in the audit log."""
    if model_client.configured_model() is not None:
        return
    rows = [one for one in local_models.look() if one.state != "away"]
    if not rows:
        addresses = ", ".join(program.address for program in local_models.PROGRAMS)
        yield ok(f"none is set up, and nothing listens at {addresses}")
    for one in rows:
        where = f"{one.program.title} at {one.program.address}"
        if one.state == "other":
            yield ok(f"something else answers at {one.program.address}")
        elif one.models:
            remedy = (
                "Take one at /admin/providers, or start the server with"
                f" REELGRAPH_COMPOSE_URL={one.program.base_url} and REELGRAPH_COMPOSE_MODEL."
            )
            names = ", ".join(one.models[:MOST_SHOWN])
            more = f" and {len(one.models) - MOST_SHOWN} more" if one.models[MOST_SHOWN:] else ""
            yield ok(f"{where} has {names}{more}", remedy)
        else:
            lacks = "is loading its model" if one.state == "loading" else "has no model for chat"
            yield ok(f"{where} {lacks}")
