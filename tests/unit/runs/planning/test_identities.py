"""A step has an identity where another run is certain to make the same, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from core import canonical
from runs.admission.reuse_forecast import expected_call
from runs.planning.identities import step_identities
from runs.planning.resolved_plan import Output, Ref
from runs.planning.seeds import with_seeds
from templates_app.graph.compile import compile_template
from templates_app.graph.types import MediaRef, Plan, PlanStep
from tests.support.builders.planning import (
    IMAGE,
    LIMITS,
    TOOLS,
    batch,
    fixed,
    interactive,
    template,
)
from tools.declaration.ports import Tool

STILL = fixed("still", args={"seed": 7}, produces=["still"])
DRAWN = fixed("still", produces=["still"])
ON_STILL = {"source_image_url": "$artifacts.still"}
PICK = interactive("pick", select={"from": "$artifacts.still"}, produces=["pick"])
NEWEST = fixed("edit", "edit_image", args={"seed": 8})
PHOTO = {"name": "photo", "type": "image"}
BRIEF = {"name": "brief", "type": "text", "default": "a cat"}


def edit(**fields: Any) -> dict[str, Any]:
    args = {"seed": 8, **ON_STILL, **fields.pop("args", {})}
    return fixed("edit", "edit_image", args=args, produces=["edit"], **fields)


def read(**args: Any) -> dict[str, Any]:
    return fixed("read", "analyze_image", args={**ON_STILL, **args}, produces=["read"])


def plan_of(spec: dict[str, Any], media: Sequence[MediaRef] = (), **inputs: Any) -> Plan:
    compilation = compile_template(spec, inputs, media, TOOLS, LIMITS)
    assert compilation.plan is not None, compilation.errors
    return with_seeds(compilation.plan, TOOLS)


def identities_of(plan: Plan) -> dict[str, str]:
    def key_of(
        step: PlanStep,
        tool: type[Tool],
        outputs: Mapping[str, Sequence[Output]],
        hashes: Mapping[Ref, str],
    ) -> str:
        call = expected_call(plan, step, tool, outputs)
        if call is None or call.names_assets:
            return ""
        files = {name: [hashes.get(ref) for ref in refs] for name, refs in call.media.items()}
        if any(None in one for one in files.values()):
            return ""
        arguments = {name: value for name, value in call.arguments.items() if name != "seed"}
        return canonical.sha256_hex([tool.name, arguments, files, step.seed])

    return {**step_identities(plan, TOOLS, key_of)}


@pytest.mark.parametrize(
    ("stages", "certain"),
    [
        ([STILL, edit()], {"still", "edit"}),
        ([STILL, read(), edit(args={"prompt": "$artifacts.read.text"})], {"still", "read", "edit"}),
        # A drawn seed, and what is given what it makes, named or as the newest.
        ([DRAWN, edit()], set()),
        ([DRAWN, read(), edit(args={"prompt": "$artifacts.read.text"})], set()),
        ([STILL, fixed("other", produces=["other"]), edit()], {"still", "edit"}),
        ([STILL, NEWEST], {"still", "edit"}),
        ([STILL, fixed("other"), NEWEST], {"still"}),
        # A result that differs with equal inputs, and one that reads the whole run.
        ([STILL, fixed("look", "inspect_asset", args={"asset_id": "a"})], {"still"}),
        # Questions, and all that waits for them.
        ([STILL, PICK, edit(args={"source_image_url": "$artifacts.pick"})], {"still"}),
        ([{**STILL, "checkpointRequired": True}, edit()], {"still"}),
        # What may be left out, or repeated.
        ([STILL, edit(condition={"type": "if_success_of", "stageId": "still"})], {"still"}),
        ([{**STILL, "onError": "continue"}, NEWEST], {"still"}),
        ([STILL, batch("shots", over="$inputs.brief")], {"still"}),
        ([STILL, edit(args={"prompt": "$run.id"})], {"still"}),
        # Each is made, so one of two equal ones counts for other runs.
        ([STILL, {**STILL, "id": "still2", "produces": ["still2"]}], {"still"}),
    ],
)
def test_what_is_certain_has_an_identity(stages: list[Any], certain: set[str]) -> None:
    plan = plan_of(template(*stages, inputs=[BRIEF]))
    assert identities_of(plan).keys() == certain
    again = identities_of(plan_of(template(*stages, inputs=[BRIEF])))
    assert again == identities_of(plan)
    assert all(len(identity) == 16 for identity in again.values())


def test_what_differs_has_another_identity_with_all_that_stands_on_it() -> None:
    spec = template(
        fixed("still", args={"prompt": "$inputs.brief", "seed": 7}, produces=["still"]),
        fixed("other", args={"prompt": "fixed", "seed": 7}),
        read(),
        edit(args={"prompt": "$artifacts.read.text"}),
        inputs=[BRIEF],
    )
    cat, dog = (identities_of(plan_of(spec, brief=word)) for word in ("cat", "dog"))
    assert cat.keys() == dog.keys() == {"still", "other", "read", "edit"}
    assert {key for key in cat if cat[key] == dog[key]} == {"other"}


def test_files_count_by_their_bytes_once_they_are_here() -> None:
    args = {"source_image_url": "$inputs.photo", "seed": 8}
    spec = template(fixed("edit", "edit_image", args=args), inputs=[PHOTO])

    def identities_for(asset: str | None) -> dict[str, str]:
        media = [MediaRef(kind="image", url=IMAGE, asset=asset)]
        return identities_of(plan_of(spec, media))

    one, same, other = map(identities_for, ("blob:aa", "blob:aa", "blob:bb"))
    assert one == same != other
    assert identities_for(None) == {}
