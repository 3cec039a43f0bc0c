"""Putting stages in: each next to what it takes, and what came after it takes its result."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from compose.changes.film import JOIN, Film
from compose.changes.removal import keep_connections
from compose.changes.stage_view import StageView
from compose.changes.working_template import ONE, WorkingTemplate
from templates_app.graph.bindings import Ref, find_refs
from templates_app.graph.rewriting import rewritten

SHORTEST_MUSIC_S: Final = 10.0


def new_stage(
    work: WorkingTemplate, base: str, label: str, tool: str, args: dict[str, Any]
) -> dict[str, Any]:
    """Return a new stage's JSON; its artifact has its id. Not in the template yet."""
    name = work.fresh_id(base)
    return {
        "id": name,
        "type": "fixed",
        "label": work.fresh_label(label),
        "tool": tool,
        "produces": [name],
        "args": args,
    }


def put_in(work: WorkingTemplate, raw: dict[str, Any], at: int) -> StageView:
    """Insert a stage; stages that are connected by order keep the sources they had."""
    before = _implicit_sources(work)
    view = work.insert(at, raw)
    after = _implicit_sources(work)
    targets = {key for key, sources in before.items() if after.get(key) != sources}
    if targets:
        work.delete({view.id})
        keep_connections(work, targets)
        work.insert(at, raw)
    return view


def _implicit_sources(work: WorkingTemplate) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for wire in work.wiring().wires:
        if wire.is_implied:
            result.setdefault(wire.target, []).append(wire.source)
    return result


def put_after(
    work: WorkingTemplate,
    source: StageView,
    raw: dict[str, Any],
    *,
    users: list[StageView] | None = None,
) -> StageView:
    """Insert a stage right behind its source; the source's users take the new result instead.

    users: those that change over, by default all. raw must name the source already.
    """
    takers = work.users(source) if users is None else users
    keep_connections(work, {view.id for view in takers})
    name = work.artifact_of(source)
    view = put_in(work, raw, work.position(source.id) + 1)
    new = work.artifact_of(view)
    for user in takers:
        new_name = partial(_new_name, work, source, work.position(user.id), name, new)
        if "args" in user.call:
            user.call["args"] = rewritten(user.args, new_name)
        for holder, field in ((user.raw, "overBinding"), (user.select, "from")):
            if field in holder:
                holder[field] = rewritten(holder[field], new_name)
    return view


def put_on(work: WorkingTemplate, video: StageView, raw: dict[str, Any]) -> StageView:
    """Insert a stage that works on a video: the film is made of the new one then."""
    film = Film(work)
    users = [user for user in work.users(video) if film.kind(user) == "video"]
    return put_after(work, video, raw, users=users)


def _new_name(
    work: WorkingTemplate, source: StageView, before: int, name: str, new: str, binding: Any
) -> Any:
    """Return a binding with the source's artifact replaced; others as they are."""
    is_artifact = isinstance(binding, Ref) and binding.root == "artifacts"
    result = work.producer(name, before) if is_artifact and binding.name == name else None
    return with_name(binding, new if result is not None and result.id == source.id else "")


def with_name(binding: Any, name: str) -> str:
    """Return the text of a binding, with another name of its artifact unless that is ""."""
    old, text = f"$artifacts.{binding.name}" if name else "", str(binding.text)
    return text.replace(old, f"$artifacts.{name}", 1) if name else text


def film_join(work: WorkingTemplate) -> StageView | None:
    """Return the stage that joins the shots, added to a single clip; None: there is no video.

    Its list of clips is explicit afterwards.
    """
    film = Film(work)
    join = film.join
    if join is not None:
        key = join.port_key("video")
        if key is None:
            join.set("reference_video_urls", [shot.reference for shot in film.clips_of(join)])
        elif not isinstance(join.args[key], list):
            join.args[key] = [join.args[key]]
        return join
    shots = [shot for shot in film.shots if film.kind(shot.stage) == "video"]
    if not shots:
        return None
    clip = shots[-1].stage
    raw = new_stage(work, "film", "Film", JOIN, {"reference_video_urls": [work.reference(clip)]})
    if _brings_sound(work, film, clip):
        raw["args"]["keepSourceAudio"] = True
    return put_on(work, clip, raw)


def clips(join: StageView) -> list[Any]:
    """Return the list of clips of a join, to be changed in place."""
    result: list[Any] = join.args[join.port_key("video") or "reference_video_urls"]
    return result


def _brings_sound(work: WorkingTemplate, film: Film, clip: StageView) -> bool:
    """Return whether people bring the clip, so that its sound is theirs to keep."""
    visits: set[str] = set()
    queue = [clip.id]
    while queue:
        at = queue.pop()
        if at == "$inputs":
            refs = [r for v in work.stages if v.id in visits for r in find_refs(v.args)]
            names = [r.name for r in refs if isinstance(r, Ref) and r.root == "inputs"]
            return any((work.input(name) or {}).get("type") == "video" for name in names)
        if at not in visits:
            visits.add(at)
            queue.extend(film.fed_by.get(at, ()))
    return False


def add_soundtrack(work: WorkingTemplate, sound: dict[str, Any]) -> StageView | None:
    """Insert an audio stage before the film that it is connected to.

    Returns the stage that takes it; None: there is no video, the stage comes last. A join has one
    soundtrack: where it has one already, another join mixes the new one under it.
    """
    join = film_join(work)
    if join is None:
        put_in(work, sound, len(work.stages))
        return None
    if join.port_key("audio") is not None:
        args = {"reference_video_urls": [work.reference(join)], "keepSourceAudio": True}
        join = put_on(work, join, new_stage(work, "mix", "Film with sound", JOIN, args))
    put_in(work, sound, work.position(join.id))
    join.set("reference_audio_url", ONE.format(sound["produces"][0]))
    return join
