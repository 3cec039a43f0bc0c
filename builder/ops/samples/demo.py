"""People, remixes, reports and runs to look around in. For a trial on one's own machine only.

Everything is looked up before it is made, so it may be repeated, and go on where it was stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from accounts import one_time_links, roles
from accounts import services as accounts
from accounts.auth import Principal
from accounts.models import User
from accounts.selectors import person_named
from builder.ops.samples import previews
from core import errors
from moderation import moderators, reporting
from moderation.models import TEMPLATE, Report
from runs import states
from runs.admission.start import start_run
from runs.models import Run
from templates_app.lifecycle import forking
from templates_app.lifecycle import services as templates
from templates_app.models import Template

# Behind everything that people start.
PRIORITY = -20

PEOPLE = {
    "alice": "Alice Lindqvist",
    "bob": "Bob Okafor",
    "mia": "Mia Tanaka",
    "mo": "Mo Sandberg",
}
MODERATOR = "mo"


@dataclass(frozen=True, slots=True)
class Remix:
    """A person's copy of a sample under another name and with other words.

    words: input → its new default. reports: who reports it → (reason, note).
    """

    by: str
    of: str
    name: str
    description: str
    words: Mapping[str, str]
    is_public: bool = True
    reports: Mapping[str, tuple[str, str]] = field(default_factory=dict)


REMIXES = (
    Remix(
        "alice",
        "wf_the-last-lamp_5c1e40aa",
        "The boat that stayed out",
        "A sailing boat at dawn, and the same boat under the stars.",
        {
            "evening": "A sailing boat on a calm sea at dawn, soft pink clouds",
            "night": "A sailing boat on a calm sea at night, stars, moonlight on the water",
        },
    ),
    Remix(
        "alice",
        "wf_sketch-comes-alive_c6902e8b",
        "From paper to sky",
        "A balloon leaves the drawing board.",
        {
            "sketch": "A pencil sketch of a hot-air balloon",
            "scene": "A hot-air balloon over misty hills at sunset, soft clouds",
        },
        is_public=False,
    ),
    Remix(
        "bob",
        "wf_tune-with-a-view_7b24c9e0",
        "Fox in the first snow",
        "Quiet music for a cold morning.",
        {"view": "A red fox in a snowy forest at dawn, snowflakes falling, soft light"},
    ),
    Remix(
        "bob",
        "wf_vertical-product-drop_2f8be146",
        "WATCHES!!! cheapest in town",
        "Buy ten, get eleven.",
        {"product": "A gold watch on a dark glossy podium, golden neon light"},
        reports={
            "alice": ("spam", "An advert, and there is no shop."),
            "mia": ("spam", "Posted twice this week."),
        },
    ),
    Remix(
        "mia",
        "wf_road-to-the-red-planet_d41c7f93",
        "The long way home",
        "A rocket, a ringed planet, and the sea at last.",
        {
            "opening": "A rocket in space above a blue planet, stars, slow orbit",
            "journey": "A planet with rings, stars and a purple nebula, slow push-in",
            "arrival": "A lighthouse on the sea at sunset, golden light, slowly pull out",
        },
    ),
    Remix(
        "mia",
        "wf_a-card-that-moves_f07d52b6",
        "Happy birthday, Jonas",
        "A castle, a party, a tune.",
        {"picture": "A castle at night with confetti, stars, warm windows"},
        reports={"bob": ("copyright", "I think I know this castle.")},
    ),
)


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The outcome of the demo, for the person who tries it. links: person → a sign-in link, used
    once.

    unfinished: runs that workers have still to do.
    """

    links: Mapping[str, str]
    unfinished: int
    moderator: bool


def prepare_demo(*, base_url: str) -> DemoResult:
    """Make what is missing. Raises Forbidden on a server that has a public address."""
    if settings.PUBLIC_URL:
        raise errors.Forbidden(
            "`make demo` is for local trials: it adds people and prints their sign-in links."
            " REELGRAPH_PUBLIC_URL is set, so nothing was changed."
        )
    people = {name: _person(name, display_name) for name, display_name in PEOPLE.items()}
    for remix in REMIXES:
        template = _remix(people[remix.by], remix)
        if template is None:
            continue
        _run(people[remix.by], template)
        for name, (reason, note) in remix.reports.items():
            _report(people[name], template, reason, note)
    run_count = Run.objects.filter(priority=PRIORITY, finished_at=None).count()
    links = {
        name: one_time_links.create_signin_link(user=person, base_url=base_url)
        for name, person in people.items()
    }
    return DemoResult(links, run_count, roles.is_moderator(people[MODERATOR]))


def _person(name: str, display_name: str) -> User:
    person = person_named(name)
    if person is None:
        person = accounts.create_user(username=name, display_name=display_name)
    # Someone else who happens to have this name gets no rights by a demo.
    is_ours = person.display_name == display_name
    if name == MODERATOR and is_ours and not roles.is_moderator(person):
        moderators.give(user=person, role=moderators.MODERATOR)
    return person


def _remix(person: User, remix: Remix) -> Template | None:
    """The person's remix, made now if they have none. None: its sample is not here."""
    mine = Template.objects.filter(
        owner=person, cloned_from_public_id=remix.of, name=remix.name, deleted_at=None
    )
    template = mine.select_related("head").first()
    if template is None:
        try:
            fork = forking.fork_template(actor=person, public_id=remix.of, name=remix.name)
        except errors.NotFound:
            return None
        template = fork.template
    assert template.head is not None  # noqa: S101  only a deleted template has none
    if template.head.number == 1:
        template = _reword(person, template, remix)
    return template


def _reword(person: User, template: Template, remix: Remix) -> Template:
    """Change the words, and publish if it is to be public: one version, all or nothing."""
    assert template.head is not None  # noqa: S101  see above
    inputs = [
        {**one, "default": remix.words.get(one["name"], one.get("default"))}
        for one in template.head.spec["inputs"]
    ]
    changes: dict[str, Any] = {
        "description": remix.description,
        "inputs": inputs,
        # The sample's film does not show these words.
        "previewArtifacts": None,
        "visibility": "public" if remix.is_public else "private",
    }
    version = templates.patch_template(
        actor=person, public_id=template.public_id, changes=changes, own_hosts=()
    )
    return version.template


def _run(person: User, template: Template) -> None:
    """Let the remix run once; when that is done, let its film be the preview."""
    version = template.head
    assert version is not None  # noqa: S101  see above
    runs = Run.objects.filter(owner=person, template_version__template=template, priority=PRIORITY)
    run = runs.order_by("-id").first()
    if run is None:
        start_run(
            actor=Principal(user=person, api_key=None, via="session"),
            body={"workflow_id": template.public_id},
            app_source="reelgraph-demo",
            priority=PRIORITY,
        )
    elif run.status == states.COMPLETED and "previewArtifacts" not in version.spec:
        previews.show(person, template, version, run)


def _report(person: User, template: Template, reason: str, note: str) -> None:
    earlier = Report.objects.filter(
        reporter=person, case__subject_kind=TEMPLATE, case__subject_id=str(template.pk)
    )
    # Also one that a moderator has answered since.
    if earlier.exists():
        return
    try:
        reporting.report_template(
            actor=person, public_id=template.public_id, reason=reason, note=note
        )
    except errors.NotFound:
        # Hidden or taken down since: then it has been reported.
        return
