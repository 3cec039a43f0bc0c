"""The demo fills a trial studio, once."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.roles import is_moderator
from builder.ops.samples import demo
from builder.ops.server.prepare import prepare
from core import errors
from moderation.models import Report
from runs.models import Run
from templates_app.models import Template, TemplateVersion
from tests.support.builders.factories import make_user

pytestmark = pytest.mark.django_db
BASE_URL = "http://127.0.0.1:8000"


@pytest.fixture(scope="module", autouse=True)
def _samples(module_db: None) -> None:
    """There are samples."""
    prepare()


def rows() -> dict[str, Any]:
    models: tuple[Any, ...] = (User, Template, TemplateVersion, Run, Report)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_adds_people_remixes_runs_and_reports() -> None:
    shown = demo.prepare_demo(base_url=BASE_URL)
    assert set(shown.links) == {"alice", "bob", "mia", "mo"}
    assert is_moderator(User.objects.get(username="mo"))
    remixes = Template.objects.filter(owner__username__in=shown.links)
    assert remixes.count() == len(demo.REMIXES)
    assert remixes.filter(visibility="public").count() == 5
    assert Report.objects.count() == 3
    assert shown.unfinished == len(demo.REMIXES)
    assert set(Run.objects.values_list("priority", flat=True)) == {demo.PRIORITY}


def test_every_changed_word_is_an_input_of_its_sample() -> None:
    demo.prepare_demo(base_url=BASE_URL)
    for remix in demo.REMIXES:
        template = Template.objects.select_related("head").get(name=remix.name)
        assert template.head is not None
        defaults = {one["name"]: one["default"] for one in template.head.spec["inputs"]}
        assert {name: defaults.get(name) for name in remix.words} == remix.words


def test_repeating_it_changes_nothing() -> None:
    demo.prepare_demo(base_url=BASE_URL)
    before = rows()
    demo.prepare_demo(base_url=BASE_URL)
    assert rows() == before


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("_person", "_reword", "_report")]


@pytest.mark.parametrize("after", ["_remix", "_run", *SLOW])
def test_goes_on_where_it_was_stopped(after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The real work, and then the end of the process: nothing is replaced.
    real: Callable[..., Any] = getattr(demo, after)
    calls = 0

    def stopped(*args: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        done = real(*args, **named)
        if calls == 2:
            raise KeyboardInterrupt
        return done

    with monkeypatch.context() as patched:
        patched.setattr(demo, after, stopped)
        with pytest.raises(KeyboardInterrupt):
            demo.prepare_demo(base_url=BASE_URL)
    demo.prepare_demo(base_url=BASE_URL)
    assert Template.objects.exclude(owner__username="system").count() == len(demo.REMIXES)
    assert Run.objects.count() == len(demo.REMIXES)
    assert Report.objects.count() == 3


def test_a_studio_with_a_public_address_is_left_alone(settings: Any) -> None:
    settings.PUBLIC_URL = "https://studio.example.org"
    with pytest.raises(errors.Forbidden, match="local trials"):
        demo.prepare_demo(base_url=BASE_URL)
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("demo")
    assert not User.objects.filter(username="alice").exists()


def test_someone_else_called_mo_does_not_become_a_moderator() -> None:
    make_user("mo")
    assert not demo.prepare_demo(base_url=BASE_URL).moderator


def test_prints_links_that_sign_in_and_says_what_is_still_to_come() -> None:
    said = StringIO()
    call_command("demo", stdout=said)
    text = said.getvalue()
    assert text.count("/sign-in/") == 4
    assert f"{len(demo.REMIXES)} runs are queued" in text
    assert "mo (moderator)" in text
