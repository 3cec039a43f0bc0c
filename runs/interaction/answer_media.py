"""The media of an answer: which of the candidates it picks, and files that an outside step made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from core import errors
from media import resolvers, signing
from media.models import Blob
from runs.interaction.answer_schemas import Answer, Complete, Select
from runs.interaction.wait_kinds import candidates_of
from runs.models import Artifact, Wait

MAX_PRODUCED = 64


def chosen_media(reply: Answer, wait: Wait) -> list[Artifact]:
    """The candidates an answer picks, in its order. Raises InvalidBody naming how many it may."""
    if not isinstance(reply, Select):
        return []
    candidates = candidates_of(wait)
    details = wait.prompt.get("details") or {}
    least, most = int(details.get("min", 1)), int(details.get("max", len(candidates)))
    if (reply.indices is None) == (reply.ids is None):
        raise _bad_choice("indices", "give either indices or artifactIds.")
    if reply.ids is not None:
        by_id = {row.public_id: row for row in candidates}
        unknown = [name for name in reply.ids if name not in by_id]
        if unknown:
            raise _bad_choice("artifactIds", f"{unknown[0][:80]!r} is not among the candidates.")
        selection = [by_id[name] for name in reply.ids]
    else:
        places = reply.indices or []
        outside = [place for place in places if not 0 <= place < len(candidates)]
        if outside:
            raise _bad_choice("indices", f"{outside[0]} is not from 0 to {len(candidates) - 1}.")
        selection = [candidates[place] for place in places]
    if len({row.pk for row in selection}) < len(selection):
        raise _bad_choice(
            "indices" if reply.ids is None else "artifactIds", "contains a duplicate."
        )
    if not least <= len(selection) <= most:
        amount = str(least) if least == most else f"at least {least} and at most {most}"
        raise _bad_choice(
            "indices" if reply.ids is None else "artifactIds",
            f"has {len(selection)} choices; expected {amount} of {len(candidates)}.",
            f"Choose {amount} of {len(candidates)}.",
        )
    return selection


def _bad_choice(field: str, message: str, person: str = "") -> errors.InvalidBody:
    return errors.InvalidBody(
        f"resume_input.{field}: {message}",
        person=person,
        details={"issues": [{"path": f"resume_input.{field}", "message": message}]},
    )


def produced_media(reply: Answer, own_hosts: Collection[str]) -> list[tuple[str, Blob]]:
    """The media that an interactive stage led to, by the names they were given."""
    if not isinstance(reply, Complete) or not reply.produced:
        return []
    if len(reply.produced) > MAX_PRODUCED:
        raise errors.InvalidBody(
            f"resume_input.producedArtifacts: at most {MAX_PRODUCED} media, not"
            f" {len(reply.produced)}."
        )
    return [
        (name, _blob(f"resume_input.producedArtifacts.{name[:80]}", value, own_hosts))
        for name, value in reply.produced.items()
    ]


def _blob(path: str, value: Any, own_hosts: Collection[str]) -> Blob:
    url = value if isinstance(value, str) else None
    if isinstance(value, Mapping):
        urls = (value.get(name) for name in ("url", "downloadUrl", "download_url", "uri"))
        url = next((one for one in urls if isinstance(one, str) and one), None)
    if url is None:
        raise errors.InvalidBody(f"{path} must be an artifact with a url.")
    public_id = signing.parse_own_url(url, own_hosts)
    if public_id is None:
        raise errors.InvalidBody(
            f"{path}.url isn't on this server. Upload the file first and send the returned URL."
        )
    blob = resolvers.resolve(public_id)
    if blob is None:
        raise errors.InvalidBody(f"{path}.url no longer exists.")
    return blob
