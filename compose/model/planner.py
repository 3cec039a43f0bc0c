"""A plan filled in by the configured language model instead of by the plain words alone.

The model answers in the terms of `plan.Plan`; stages, ids, connections, prices and layout are made
of that by `template_plan`, as of any plan. So nothing a model writes can name a tool, a template, a
file or an address. What is wrong with an answer goes back to it twice; after that the plain plan is
used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from compose.model.answer_schema import text_of
from compose.model.instructions import PLAN
from compose.model.structured_request import Outcome, answer_of
from compose.model.untrusted import addresses_in, plain_words
from compose.plain_settings import PlainReading, shots_of
from compose.plan import LONGEST_TEXT, Plan, plan_of_answer
from compose.plan.fields import BadAnswer
from compose.template_plan.template_text import name_of
from compose.template_plan.timing import takes_of
from core.names import free_name

# Of texts by their field; of all others.
_LONGEST: Final = {"text": 600, "words": 600, "spoken": 2_000, "default": 300}
_LONGEST_WORDS: Final = 300
_LONGEST_LINE: Final = 80
_LINES: Final = frozenset({"title", "on_screen", "item_name", "framing", "options", "items"})

Accept = Callable[[Plan], Sequence[str]]


def plan_by_model(
    text: str, plain: PlainReading, accept: Accept, *, wishes: Mapping[str, Any] | None = None
) -> Outcome[PlainReading]:
    """Have the configured model plan what a brief asks for; without one the plain plan is used.

    text: the brief. plain: what its plain words say. accept: problems of the template that a plan
    leads to, as sentences; none when it is valid. wishes: what the caller has fixed, for the model
    to know. Raises ClientLeft when the client of this request has left.
    """
    request = {"brief": text[:LONGEST_TEXT], **(wishes or {})}
    addresses = addresses_in([text])

    def read(document: Mapping[str, Any]) -> PlainReading:
        own = safe_plan(plan_of_answer(document), addresses)
        plan = with_plain_settings(own, plain.plan)
        if problems := accept(plan):
            raise BadAnswer(*problems)
        return PlainReading(plan, _set_fields(own), {})

    return answer_of(
        lambda: plain,
        PLAN,
        lambda model: text_of(request),
        Plan,
        read,
        rules_note="The plan has your words and plain settings alone.",
    )


def safe_plan(plan: Plan, addresses: frozenset[str]) -> Plan:
    """Return a model's plan without addresses, bindings and tags, and with names of inputs.

    addresses: those that the person wrote.
    """
    record = _plain(plan.model_dump(), addresses)
    names: set[str] = set()
    new_names: dict[str, str] = {}
    for fallback, rows in (("file", record["media"]), ("text", record["open_texts"])):
        for row in rows:
            old, row["name"] = row["name"], free_name(name_of(row["name"]) or fallback, names)
            names.add(row["name"])
            row["title"] = row["title"] or row["name"]
            new_names.setdefault(old, row["name"])
    if record["repeat"] is not None:
        record["repeat"]["item_name"] = record["repeat"]["item_name"] or "item"
    for shot in record["scenes"]:
        shot["uses"] = new_names.get(shot["uses"], "")
        shot["text"] = shot["text"] or "A calm scene"
        for old, new in new_names.items():
            shot["text"] = shot["text"].replace(f"{{{old}}}", f"{{{new}}}")
    return Plan.model_validate(record)


def _plain(value: Any, addresses: frozenset[str], field: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one, addresses, key) for key, one in value.items()}
    if isinstance(value, list):
        texts = [_plain(one, addresses, field) for one in value]
        return [one for one in texts if one != ""]
    if not isinstance(value, str) or field in ("name", "uses"):
        return value
    if field in _LINES:
        return plain_words(value.replace("\n", " "), addresses, longest=_LONGEST_LINE)
    return plain_words(value, addresses, longest=_LONGEST.get(field, _LONGEST_WORDS))


def _set_fields(plan: Plan) -> tuple[str, ...]:
    """Return the fields that a model's plan sets; what it shows stays the person's words."""
    record = plan.model_dump(exclude={"shows"})
    sound = {f"sound.{name}": value for name, value in record.pop("sound").items()}
    return tuple(name for name, value in (record | sound).items() if value)


def with_plain_settings(plan: Plan, plain: Plan) -> Plan:
    """Return a model's plan with the plain settings that it leaves out."""
    sound = plan.sound.model_copy(
        update={
            name: getattr(plain.sound, name)
            for name in ("music", "speech")
            if getattr(plan.sound, name) is None
        }
    )
    language = plan.language[:2].lower()
    changes: dict[str, Any] = {
        "shows": plain.shows,
        "sound": sound,
        "seconds": plan.seconds or plain.seconds,
        "aspect": plan.aspect or plain.aspect,
        "language": language if language.isalpha() else plain.language,
        "approves_images": plan.approves_images or plain.approves_images,
    }
    return _in_takes(plan.model_copy(update=changes))


def _in_takes(plan: Plan) -> Plan:
    """Return a long film of one shot as several shots of it."""
    if plan.kind != "film" or len(plan.scenes) != 1 or plan.scenes[0].uses:
        return plan
    [shot] = plan.scenes
    count = takes_of(shot.seconds or plan.seconds or 0.0)
    if shot.type != "shot" or count == 1:
        return plan
    return plan.model_copy(update={"scenes": shots_of(shot.text, count)})
