"""Leaving: nothing private stays, what is public stays without a name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from accounts import ledger, one_time_links, services
from accounts.models import (
    AccountDeletion,
    ApiKey,
    LedgerEntry,
    MailAddress,
    OneTimeLink,
    StorageUse,
    User,
)
from builder.account_exports import account_export
from builder.shared import account_changes
from comments import services as comments
from comments.models import Comment
from comments.services import Place
from core import clock, errors
from creations import likes, remixing
from creations.models import Like, Share
from media import resolvers
from media.models import Upload
from notices import create_notice
from notices.models import Notice
from runs.engine import retention
from runs.models import Allowance, Artifact, Run
from templates_app.lifecycle.forking import fork_template
from templates_app.models import Collaborator, Template, TemplateVersion
from tests.support.builders import listed_creations
from tests.support.builders.asking_templates import stage
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.factories import PASSWORD, make_key
from tests.support.builders.leaving import delete_account, finish_deletions
from tests.support.builders.running import finish, start, start_template, take, work_off
from tests.support.builders.sharing import make_run, make_share
from tests.support.builders.template_stages import patched
from tests.support.builders.templates import TEMPLATES, make_public, make_template
from tests.support.clients.visitors import signed_in
from tests.support.stored_rows import stored_text

pytestmark = pytest.mark.django_db
NAME, SHOWN, EMAIL = "leaving.person", "Lea Vinger", "lea@private.example"
# Its tool takes no time; the documented ones draw.
STAGE = stage("a", args={"text": "$inputs.brief"})
PRIVATE_WORDS = ("a private brief", "a private draft", "a private prompt", "private-holiday.jpg")


@pytest.fixture
def lea(db: None) -> User:
    return services.create_user(username=NAME, password=PASSWORD, display_name=SHOWN, email=EMAIL)


def stored_words() -> str:
    """All rows of all tables, in text; sessions decoded."""
    sessions = [repr(session.get_decoded()) for session in Session.objects.all()]
    return "\n".join([stored_text(), *sessions])


def furnish(lea: User, bob: User) -> Template:
    """Give lea some of everything; her public template, which bob runs and has remixed."""
    make_key(lea, "key of Lea Vinger")
    one_time_links.create_signin_link(user=lea, base_url="")
    make_template(lea, name="Private", brief=PRIVATE_WORDS[0])
    public = make_public(lea, name="For everyone", stages=[STAGE])
    start_template(bob, public, brief="bob's words")
    fork_template(actor=bob, public_id=public.public_id)
    patched(public, visibility="private", brief=PRIVATE_WORDS[1])
    patched(public, visibility="public", brief="open words")
    withdrawn = make_public(lea, name="Withdrawn", stages=[STAGE])
    start_template(bob, withdrawn, brief="bob's words")
    patched(withdrawn, visibility="private", name="Renamed Lea Vinger")
    note = [{"toolName": "note", "arguments": {"text": PRIVATE_WORDS[2]}}]
    start(lea, note)
    work_off()
    start(lea, note)
    Allowance.objects.create(owner=lea, most_runs=1, most_milli=1, ends_at=clock.now())
    start_template(lea, public, brief=PRIVATE_WORDS[2])
    make_upload(lea, make_blob(jpeg_with_place()), filename=PRIVATE_WORDS[3])
    account_export.ask(lea)
    return Template.objects.get(pk=public.pk)


def test_no_table_keeps_a_private_trace_and_others_keep_what_they_made(
    lea: User, bob: User
) -> None:
    public = furnish(lea, bob)
    client = signed_in(lea)
    other = signed_in(lea)
    before = stored_words()
    for word in (NAME, SHOWN, EMAIL, *PRIVATE_WORDS):
        assert word in before, word
    balance = ledger.balance(lea)
    runs = Run.objects.filter(owner=bob)
    versions = [(run.pk, run.template_version_id) for run in runs]
    fork = Template.objects.get(owner=bob)
    response = client.post("/me/delete", {"proof": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")
    # Who they were is gone with the answer; what was theirs goes with the next work of workers.
    for word in (NAME, SHOWN, EMAIL):
        assert word not in repr(list(User.objects.values())), word
    assert not ApiKey.objects.filter(user=lea).exists()
    finish_deletions()
    after = stored_words()
    for word in (NAME, SHOWN, EMAIL, *PRIVATE_WORDS):
        assert word not in after, word
    models = fields_of_people()
    for name in GONE:
        rows = models[name]._default_manager.filter(**{name.rpartition(".")[2]: lea.pk})
        # Only that they have left stays in the log of what happened to accounts.
        if name == "accounts.SecurityEvent.user":
            rows = rows.exclude(kind="account_deleted")
        assert not rows.exists(), name
    for gone in (client, other):
        assert gone.get("/me")["Location"].startswith("/sign-in")
    assert not Client().login(username=NAME, password=PASSWORD)
    lea.refresh_from_db()
    assert (lea.shown_name, lea.is_active) == ("deleted user", False)
    assert not OneTimeLink.objects.exists()
    assert not Upload.objects.exists()
    assert not Run.objects.filter(owner=lea).exists()
    assert not Artifact.objects.filter(run__owner=lea).exists()
    # What it cost stays known, and what was reserved for stopped runs came back.
    assert LedgerEntry.objects.filter(user=lea).exists()
    assert ledger.balance(lea) >= balance

    shown = Template.objects.get(pk=public.pk)
    assert (shown.visibility, shown.head_id) == ("public", shown.published_id)
    api = Client(headers={"api-key": make_key(bob)})
    read = api.get(f"{TEMPLATES}/{public.public_id}").json()["data"]["template"]
    assert read["author"]["displayName"] == "deleted user"
    assert read["brief"] == "open words"
    # What others made of it stays whole.
    assert [(run.pk, run.template_version_id) for run in Run.objects.filter(owner=bob)] == versions
    fork.refresh_from_db()
    assert fork.deleted_at is None
    assert fork.source_id is not None
    for run in runs:
        path = f"/v1/creative-agent/workflows/{run.public_id}"
        assert api.get(path).status_code == 200
    assert signed_in(bob).get("/me/templates").status_code == 200


def test_what_they_shared_said_and_liked_goes(lea: User, bob: User) -> None:
    """With every notice and mail that names them, and their place among others."""
    address = MailAddress(person=lea, address="lea@mail.example", verified_at=clock.now())
    address.save()
    hers = make_share(lea, make_run(lea, "a harbor of hers"), allows_remix=True)
    his = listed_creations.make_share(bob, "His")
    remixed = remixing.remix(actor=bob, share=hers)
    comments.comment_on_share(actor=bob, share=hers, text="Nice", place=Place())
    said = comments.comment_on_share(actor=lea, share=his, text="my own words", place=Place())
    comments.answer(actor=bob, comment=said, text="Thanks")
    stays = comments.comment_on_share(actor=bob, share=his, text="Mine", place=Place())
    likes.like(actor=lea, share=his)
    likes.like(actor=bob, share=hers)
    theirs = make_template(bob, name="Theirs")
    Collaborator.objects.create(template=theirs, user=lea, role="viewer")
    create_notice.choose(
        lea, "like", create_notice.Ways(in_page=True, in_browser=False, by_mail=False)
    )
    assert any(SHOWN in one.text for one in Notice.objects.filter(person=bob))
    files = [row.blob_id for row in hers.media.all()]
    signed_in(lea).post("/me/delete", {"proof": PASSWORD})
    finish_deletions()
    text = stored_words()
    for word in (NAME, SHOWN, EMAIL, "lea@mail.example", "my own words"):
        assert word not in text, word
    for model in (Share, Comment, Like, Notice):
        fields = model._meta.concrete_fields
        for people in [one.attname for one in fields if one.related_model is User]:
            assert not model.objects.filter(**{people: lea.pk}).exists(), (model, people)
    assert list(Comment.objects.all()) == [stays]
    his.refresh_from_db()
    assert (his.likes, Like.objects.count()) == (0, 0)
    assert not Collaborator.objects.filter(user=lea).exists()
    assert Client().get(f"/s/{hers.public_id}").status_code == 404
    # What someone made of it stays theirs, with its files.
    remixed.refresh_from_db()
    assert remixed.deleted_at is None
    assert not resolvers.needed(files)
    assert not StorageUse.objects.filter(owner=lea, bytes__gt=0, kind="creations").exists()


KEPT = (Template, TemplateVersion, Run)


def test_it_is_safe_to_repeat_and_to_go_on_after_an_interruption(lea: User, bob: User) -> None:
    furnish(lea, bob)

    def break_off(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "templates_app_template" SET'):
            raise OperationalError("the disk is full")
        return execute(sql, *rest)

    with connection.execute_wrapper(break_off), pytest.raises(OperationalError):
        delete_account(user=lea)
    assert not Run.objects.filter(owner=lea).exists()
    assert Template.objects.filter(owner=lea, visibility="private", deleted_at=None).exists()
    # The next worker goes on.
    finish_deletions()
    assert not AccountDeletion.objects.exists()
    once = [list(model.objects.order_by("pk").values()) for model in KEPT]
    delete_account(user=lea)
    assert [list(model.objects.order_by("pk").values()) for model in KEPT] == once
    lea.refresh_from_db()
    assert lea.username == f"deleted-{lea.public_id}"


def test_it_needs_the_password(lea: User, settings: Settings) -> None:
    settings.SIGN_IN_TRIES = 2
    client = signed_in(lea)
    page = client.get("/me/delete").content
    assert b"can't be undone" in page
    assert b'type="password"' in page
    answers = [client.post("/me/delete", {"proof": wrong}) for wrong in ("", NAME, "wrong", "x")]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
    assert client.post("/me/delete", {"proof": PASSWORD}).status_code == 429
    lea.refresh_from_db()
    assert lea.is_active


def test_without_a_password_it_needs_the_name_typed_out(alice: User) -> None:
    client = signed_in(alice)
    assert client.post("/me/delete", {"proof": "alicia"}).status_code == 422
    assert client.post("/me/delete", {"proof": "alice"}).status_code == 302
    alice.refresh_from_db()
    assert not alice.is_active
    # The name is free again.
    services.create_user(username="alice")


def test_the_owner_of_the_server_stays() -> None:
    owner = services.ensure_owner()
    make_template(owner)
    response = signed_in(owner).post("/me/delete", {"proof": "owner"})
    assert response.status_code == 409
    assert b"so your account can't be deleted" in response.content
    assert Template.objects.filter(owner=owner, deleted_at=None).count() == 1
    with pytest.raises(errors.Conflict):
        delete_account(user=owner)


def test_runs_under_way_are_stopped_for_good(lea: User) -> None:
    run = start(lea, [{"toolName": "note"}])
    delete_account(user=lea)
    assert not Run.objects.filter(pk=run.pk).exists()
    assert ledger.balance(lea) == 0
    work_off()


def test_a_worker_in_the_middle_of_a_step_drops_what_it_made(lea: User, bob: User) -> None:
    claim = take(start(lea, [{"toolName": "note"}, {"toolName": "note"}]))
    delete_account(user=lea)
    assert finish(claim) is None
    assert not Artifact.objects.exists()
    # The worker goes on with other people's work.
    run = start(bob, [{"toolName": "noop"}])
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"


def test_who_left_is_noted_beside_the_backups(
    lea: User, tmp_path: Path, settings: Settings
) -> None:
    settings.BACKUP_DIR = str(tmp_path)
    # A power cut left the one before.
    (tmp_path / "deletions.jsonl").write_text('{"person": "usr_')
    for _ in range(2):
        delete_account(user=lea)
        [_, line] = (tmp_path / "deletions.jsonl").read_text().splitlines()
        assert json.loads(line).keys() == {"person", "at"}
        assert json.loads(line)["person"] == lea.public_id


def test_many_runs_go_part_by_part(lea: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a worker sees that it is to stop, and other tasks have their turn."""
    monkeypatch.setattr(account_changes, "PART_S", 0.0)
    monkeypatch.setattr(retention, "MOST_AT_ONCE", 1)
    for _ in range(3):
        start(lea, [{"toolName": "note"}])
    account_changes.delete_account(user=lea)
    counts = []
    while account_changes.finish_deletions() == 0:
        counts.append(Run.objects.filter(owner=lea).count())
    assert counts[:2] == [2, 1]
    assert not AccountDeletion.objects.exists()


# Fields of rows that name a person and stay when they have left, and why.
STAYING = {
    "accounts.LedgerEntry.user": "what runs cost",
    "accounts.StorageUse.owner": "counts, then of nothing",
    "accounts.PersonLimits.person": "numbers that an operator set",
    "tools.ProviderPerson.person": "a choice of an operator",
    "templates_app.Template.owner": "what is published, and what others built on",
    "templates_app.TemplateVersion.created_by": "the same",
    "templates_app.TemplateUse.created_by": "the same",
    "templates_app.Change.actor": "what they did in others' templates",
    "templates_app.PublishedId.owner": "an id is given once",
    "runs.QueueLimit.paused_by": "an operator's work",
    "runs.Wait.answered_by": "answers in others' runs",
    "comments.Comment.resolved_by": "others' comments",
    **{
        f"moderation.{field}": "decisions and their reasons"
        for field in (
            *("Case.owner", "Case.claimed_by", "Case.opinion_asked_by", "CaseNote.author"),
            *("Decision.actor", "Report.reporter", "Sanction.person", "ContentMark.person"),
            *("Appeal.person", "Appeal.decided_by", "AuditEntry.actor"),
        )
    },
    "admin.LogEntry.user": "an owner's work",
}
GONE = {
    *("otp_totp.TOTPDevice.user", "otp_static.StaticDevice.user"),
    *("accounts.MailAddress.person", "accounts.ApiKey.user", "accounts.AuthorizationCode.user"),
    *("accounts.OneTimeLink.user", "accounts.TokenFamily.user", "accounts.SecurityEvent.user"),
    *("accounts.BrowserSession.user", "accounts.Block.person", "accounts.Block.other"),
    *("accounts.AccountDeletion.person", "accounts.AccountExport.person", "media.Upload.owner"),
    *("notices.Notice.person", "notices.Choice.person", "notices.Mail.person"),
    *("templates_app.Collaborator.user", "templates_app.Invitation.user"),
    *("templates_app.Folder.owner", "templates_app.FolderEntry.person"),
    *("runs.Cooldown.owner", "runs.Run.owner", "runs.IdempotencyKey.owner"),
    *("runs.Step.owner", "runs.Attempt.owner", "runs.Allowance.owner"),
    *("creations.Share.owner", "creations.Like.person", "comments.Comment.author"),
    *("simple_apps.SimpleApp.owner", "simple_apps.GuestLink.person", "run_sets.RunSet.owner"),
    *("webhooks.Endpoint.person", "webhooks.Delivery.person", "sign_on.Identity.person"),
    *("compose.ReplayRecord.owner", "compose.ComposedCall.owner", "compose.KeptProposal.owner"),
}


def fields_of_people() -> dict[str, Any]:
    """Return the model of each field that names a person, by `app.Model.field`."""
    return {
        f"{model._meta.label}.{field.name}": model
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is User
    }


def test_every_field_that_names_a_person_is_decided_on() -> None:
    """A new one must be added here, and to what `account_changes` deletes where it goes."""
    assert fields_of_people().keys() == {*GONE, *STAYING}
