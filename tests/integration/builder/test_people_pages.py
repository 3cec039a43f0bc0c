"""Operators find people and change their accounts; each change is in the audit log."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import ledger, services, storage
from accounts.models import BrowserSession, MailAddress, OneTimeLink, SecurityEvent, User
from core import clock
from moderation import moderators
from moderation.models import AuditEntry
from notices.models import Mail, Notice
from runs.models import Run
from tests.support.builders.factories import PASSWORD, make_key, make_user
from tests.support.builders.leaving import finish_deletions
from tests.support.builders.running import chain, start
from tests.support.builders.templates import make_template
from tests.support.clients.authenticator import switch_on
from tests.support.clients.visitors import do_action, form_of, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/people"
LINK = re.compile(r"http://testserver(/(?:sign-in|reset|invitation)/[A-Za-z0-9_-]{43})")


def page_of(person: User) -> str:
    return f"{LIST}/{person.public_id}"


def names(client: Client, query: str = "") -> list[str]:
    """Usernames of the list, in order."""
    page = client.get(f"{LIST}{query}")
    assert page.status_code == 200
    return re.findall(
        r'<a class="operator-title"\s+href="[^"]+"><bdi>([^<]*)</bdi>', page.content.decode()
    )


def text_of(client: Client, path: str) -> str:
    """What a page says, without its markup."""
    return _words(client.get(path).content.decode())


def _words(page: str) -> str:
    main = page.split("<main")[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def logged(action: str) -> dict[str, Any]:
    """What the one entry of this kind says."""
    entry = AuditEntry.objects.get(action=action)
    assert entry.actor is not None
    return dict(entry.data)


def test_people_are_found_by_names_address_and_id(staff: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(display_name="Ada L.", email="ada@example.org")
    gone = make_user("gone")
    services.erase_user(user=gone)
    services.ensure_system_user()
    assert names(staff) == ["bob", "alice", "mo"]
    for query in ("ALIC", "ada l", "ADA@example", alice.public_id):
        assert names(staff, f"?q={query}") == ["alice"], query
    for query in ("system", "deleted", "%25", "_"):
        assert not names(staff, f"?q={query}"), query
    assert staff.get(f"{LIST}?q=a%00b").status_code == 400
    assert "No results for “zzz”" in text_of(staff, f"{LIST}?q=zzz")


def test_filters(staff: Client, alice: User, bob: User, mo: User) -> None:
    old = clock.now() - timedelta(days=120)
    carol = make_user("carol")
    User.objects.filter(pk=alice.pk).update(
        suspended_until=clock.now() + timedelta(days=1), last_login=old
    )
    User.objects.filter(pk=bob.pk).update(is_active=False, last_login=clock.now())
    User.objects.filter(pk=carol.pk).update(date_joined=old)
    storage.add(carol.pk, storage.UPLOADS, 6 * 10**9)
    storage.add(bob.pk, storage.UPLOADS, 10**6)
    ledger.reserve(ref="call:1:a:note", user=alice, api_key=None, milli=5000)
    ledger.grant(user=bob, milli=9000, ref="grant:x")
    for query, expected in (
        ("?show=staff", ["mo"]),
        ("?show=suspended", ["alice"]),
        ("?show=deactivated", ["bob"]),
        ("?show=over", ["carol"]),
        ("?show=away", ["carol", "alice"]),
        ("?show=away&q=al", ["alice"]),
        ("?show=nonsense&sort=nonsense&offset=x", ["carol", "bob", "alice", "mo"]),
    ):
        found = names(staff, query)
        assert sorted(found) == sorted(expected), query
        assert found[0] == expected[0]
    said = text_of(staff, LIST)
    for part in ("Suspended", "Deactivated", "5 credits in 30 days", "6.0 GB"):
        assert part in said


def test_each_order_lists_everyone_once_page_by_page(staff: Client) -> None:
    guests = User.objects.bulk_create(
        [User(username=f"guest{n:03}", password="!", last_login=None) for n in range(60)]
    )
    for n, guest in enumerate(guests[::20]):
        storage.add(guest.pk, storage.UPLOADS, 1 + n)
        ledger.grant(user=guest, milli=1000, ref=f"grant:{n}")
        ledger.reserve(user=guest, api_key=None, milli=1 + n, ref=f"run:{n}")
        seen_at = clock.now() - timedelta(days=100 - n)
        BrowserSession.objects.create(user=guest, session_key=f"s{n}", seen_at=seen_at)
    most = ["guest040", "guest020", "guest000"]
    assert "Next 50" in text_of(staff, LIST)
    assert "No more people" in text_of(staff, f"{LIST}?offset=5000")
    first = names(staff)
    assert len(first) == 50
    everyone = sorted(first + names(staff, "?offset=50"))
    for query in ("sort=storage", "sort=credits", "sort=seen"):
        listed = names(staff, f"?{query}") + names(staff, f"?{query}&offset=50")
        assert sorted(listed) == everyone, query
        assert [name for name in listed if name in most] == most, query
        # Those without any come after, the newest first.
        rest = [name for name in listed if name.startswith("guest") and name not in most]
        assert rest == sorted(rest, reverse=True), query
        assert listed.index(most[-1]) < listed.index(rest[0]), query
        found = names(staff, f"?{query}&q=guest0")
        assert found[:3] == most, query
        assert len(found) == 50


def test_last_seen_is_the_later_of_a_request_and_a_sign_in(
    staff: Client, alice: User, bob: User
) -> None:
    now, carol = clock.now(), make_user("carol")
    for person, hours in ((alice, 24), (carol, 72)):
        User.objects.filter(pk=person.pk).update(last_login=now - timedelta(hours=hours))
    BrowserSession.objects.bulk_create(
        BrowserSession(
            user=person, session_key=f"{person}{n}", seen_at=now - timedelta(hours=hours)
        )
        for person, hours, count in ((alice, 48, 1), (bob, 36, 300))
        for n in range(count)
    )
    assert names(staff, "?sort=seen") == ["mo", "alice", "bob", "carol"]
    assert names(staff, "?sort=seen&q=o") == ["mo", "bob", "carol"]
    assert names(staff, "?sort=seen&offset=2") == ["bob", "carol"]


def test_a_person_s_page_says_how_things_are(staff: Client, alice: User) -> None:
    make_key(alice)
    make_template(alice, name="Quiet marsh study")
    start(alice, chain("noop", 1), title="A heron at dawn")
    ledger.grant(user=alice, milli=12_500, ref="grant:y")
    storage.add(alice.pk, storage.UPLOADS, 10**6)
    said = text_of(staff, page_of(alice))
    for part in (
        alice.public_id,
        "Runs in progress 1",
        "Templates 1 0 public",
        "API keys 1 working",
        "1 MB uploads",
        "Granted".lower(),
        "+12.5",
        "API key created",
        "Has no password",
    ):
        assert part in said, part
    # How things are, never what someone made.
    assert "heron" not in said
    assert "marsh" not in said
    for path in (f"{LIST}/usr_0", f"{LIST}/%00", page_of(services.ensure_system_user())):
        assert staff.get(path).status_code == 404


def test_credit_is_given_and_taken_once_for_each_form(staff: Client, alice: User, mo: User) -> None:
    path = f"{page_of(alice)}/credit"
    form = form_of(staff, page_of(alice))
    for _ in range(2):
        sent = {"units": "100.5", "note": "for the show", "form": form}
        assert staff.post(path, sent)["Location"] == f"{page_of(alice)}#credit"
    assert ledger.balance(alice) == 100_500
    data = logged("person.credit")
    assert (data["before"], data["after"]) == ({"credits": 0}, {"credits": 100.5})
    assert data["note"] == "for the show"
    again = staff.post(path, {"units": "7", "form": form})
    assert again.status_code == 409
    assert "already sent, with 100.5 credits" in again.content.decode()
    staff.post(path, {"units": "-0.5", "form": form_of(staff, page_of(alice))})
    assert ledger.balance(alice) == 100_000
    assert "Changed credits" in text_of(staff, page_of(alice))
    own = staff.post(f"{page_of(mo)}/credit", {"units": "5", "form": form})
    assert own.status_code == 403
    assert ledger.balance(mo) == 0


def test_what_is_wrong_is_said_at_its_field(staff: Client, alice: User) -> None:
    token = form_of(staff, page_of(alice))
    cases: list[tuple[str, dict[str, str], str]] = [
        ("credit", {"units": "lots"}, "Enter a number, such as 100"),
        ("credit", {"units": "0"}, "other than 0"),
        ("credit", {"units": "NaN"}, "Enter a number"),
        ("credit", {"units": "1.2345"}, "decimal"),
        ("credit", {"units": "9999999999999"}, "digits"),
        ("credit", {"units": "5", "form": "x"}, "out of date"),
        ("credit", {"units": "5", "note": "x" * 1001}, "1000 characters"),
        ("limits", {"daily": "-1"}, "greater than or equal to 0"),
        ("limits", {"storage": "a lot"}, "whole number"),
        ("limits", {"runs": "99999999"}, "less than or equal to"),
        ("rename", {"display_name": "Moderator"}, "reserved"),
        ("rename", {"display_name": "a\u202eb"}, "invisible"),
    ]
    for form, field, said in cases:
        answer = staff.post(f"{page_of(alice)}/{form}", {"form": token, **field})
        assert answer.status_code == 422, (form, field)
        page = answer.content.decode()
        assert said in page, (form, field)
        name = [one for one in field if one != "form"][-1]
        if "form" not in field:
            assert f'id="{form}_{name}-help" role="alert"' in page, (form, field)
        assert ledger.balance(alice) == 0, (form, field)
        assert not AuditEntry.objects.exists(), (form, field)


def test_limits_hold_at_once_and_go_back_to_everyone_s(
    staff: Client, alice: User, alice_key: str, settings: Settings
) -> None:
    settings.DAILY_UNITS = 50
    path = f"{page_of(alice)}/limits"
    assert "Empty: 50, as for everyone" in text_of(staff, page_of(alice))
    for _ in range(2):
        staff.post(path, {"daily": "2.5", "storage": "0", "runs": "0"})
    data = logged("person.limits")
    assert data["before"] == {
        "daily": "as for everyone",
        "storage": "as for everyone",
        "runs": "as for everyone",
    }
    assert data["after"] == {"daily": "2.5", "storage": "none", "runs": "0"}
    assert 'value="2.5"' in staff.get(page_of(alice)).content.decode()
    mine = text_of(signed_in(alice), "/me")
    assert "0 of 2.5" in mine
    staff.post(path, {"daily": "", "storage": "", "runs": ""})
    assert "0 of 50" in text_of(signed_in(alice), "/me")


def test_a_new_name_is_told_and_searched(staff: Client, alice: User) -> None:
    path = f"{page_of(alice)}/rename"
    for _ in range(2):
        staff.post(path, {"display_name": "  Ada   L. ", "note": "asked for"})
    alice.refresh_from_db()
    assert alice.display_name == "Ada L."
    assert logged("person.rename")["after"] == {"name": "Ada L."}
    assert "It's now “Ada L.”." in Notice.objects.get(person=alice).text
    assert "Display name changed" in text_of(signed_in(alice), "/me/security")


def test_links_are_shown_once_and_the_one_before_ends(staff: Client, alice: User) -> None:
    paths = []
    for kind in ("sign-in", "sign-in", "password"):
        answer = staff.post(f"{page_of(alice)}/link/{kind}")
        [path] = set(LINK.findall(staff.get(answer["Location"].partition("#")[0]).content.decode()))
        assert not LINK.search(staff.get(page_of(alice)).content.decode())
        paths.append(path)
    visitor = Client()
    assert visitor.post(paths[0]).status_code == 404
    assert visitor.post(paths[1]).status_code == 302
    assert visitor.get("/v1/account/me").json()["data"]["username"] == "alice"
    assert Client().post(paths[2], {"password": PASSWORD}).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    for entry in AuditEntry.objects.filter(action="person.link"):
        assert all(path.rpartition("/")[2] not in str(entry.data) for path in paths)
    assert staff.post(f"{page_of(alice)}/link/gold").status_code == 422
    # An operator's address and browser are not the person's to see.
    assert not SecurityEvent.objects.filter(user=alice, details__by="operator").exclude(address="")


def test_a_link_for_a_new_password_goes_by_mail(
    staff: Client, alice: User, settings: Settings
) -> None:
    path = f"{page_of(alice)}/link/password"
    assert staff.post(path, {"mail": "1"}).status_code == 409
    settings.EMAIL_HOST = "mail.example"
    answer = staff.post(path, {"mail": "1"})
    assert answer.status_code == 409
    assert "no confirmed email address" in answer.content.decode()
    MailAddress.objects.create(person=alice, address="ada@example.org", verified_at=clock.now())
    assert "Mail a link" in text_of(staff, page_of(alice))
    assert staff.post(path, {"mail": "1"}).status_code == 302
    assert not LINK.search(staff.get(page_of(alice)).content.decode())
    mail = Mail.objects.get(person=alice)
    [link] = LINK.findall(mail.text)
    assert Client().get(link).status_code == 200
    assert logged("person.link")["link"] == "new password, by mail"


def test_sessions_and_keys_end(staff: Client, alice: User, alice_key: str) -> None:
    mine = signed_in(alice)
    mine.get("/me")
    by_key = {"HTTP_API_KEY": alice_key}
    assert Client().get("/v1/account/me", **by_key).status_code == 200
    path = f"{page_of(alice)}/do"
    assert "Sign out everywhere?" in text_of(staff, f"{path}/sign-out")
    for _ in range(2):
        assert staff.post(f"{path}/sign-out")["Location"] == page_of(alice)
    assert mine.get("/me").status_code == 302
    assert Client().get("/v1/account/me", **by_key).status_code == 200
    for _ in range(2):
        staff.post(f"{path}/revoke-keys", {"note": "leaked"})
    assert Client().get("/v1/account/me", **by_key).status_code == 401
    assert logged("person.sign_out")["before"] == {"sessions": 1}
    assert logged("person.revoke_keys")["before"] == {"keys": 1}
    assert staff.get(f"{path}/dance").status_code == 404


def test_a_second_factor_is_reset(staff: Client, mo: User) -> None:
    keeper = make_user("keeper", password=PASSWORD)
    client = Client()
    client.post("/sign-in", {"username": "keeper", "password": PASSWORD})
    switch_on(client, keeper, proof=PASSWORD)
    path = f"{page_of(keeper)}/do/second-factor"
    assert "The second factor is on." in text_of(staff, page_of(keeper))
    for _ in range(2):
        assert staff.post(path, {"note": "lost the phone"}).status_code == 302
    assert logged("person.second_factor")["after"] == {"second_factor": "off"}
    assert client.get("/me").status_code == 302
    form = {"username": "keeper", "password": PASSWORD}
    assert Client().post("/sign-in", form)["Location"] == "/"


def test_an_account_is_closed_and_opened(staff: Client, alice: User, alice_key: str) -> None:
    by_key = {"HTTP_API_KEY": alice_key}
    path = f"{page_of(alice)}/do"
    for _ in range(2):
        staff.post(f"{path}/deactivate", {"note": "asked to"})
    assert Client().get("/v1/account/me", **by_key).status_code == 401
    assert logged("person.deactivate")["note"] == "asked to"
    assert staff.post(f"{page_of(alice)}/link/sign-in").status_code == 409
    for _ in range(2):
        staff.post(f"{path}/activate")
    assert Client().get("/v1/account/me", **by_key).status_code == 200
    assert logged("person.activate")["after"] == {"account": "active"}


def test_an_account_is_deleted_when_its_name_is_typed(staff: Client, alice: User) -> None:
    start(alice, chain("noop", 1))
    path = f"{page_of(alice)}/do/delete"
    refused = staff.post(path, {"typed": "alicia"})
    assert refused.status_code == 422
    assert "Type alice to confirm." in refused.content.decode()
    assert staff.post(path, {"typed": "alice", "note": "asked to"})["Location"] == LIST
    assert staff.post(path, {"typed": "alice"})["Location"] == LIST
    alice.refresh_from_db()
    assert alice.username.startswith("deleted-")
    finish_deletions()
    assert not Run.objects.filter(owner=alice).exists()
    assert logged("person.delete")["after"] == {"account": "deleted"}
    assert "alice" not in names(staff)


def test_an_interrupted_deletion_can_be_finished_and_not_undone(
    staff: Client, alice: User, mo: User
) -> None:
    # As it is left when the process is killed after the first transaction.
    AuditEntry.objects.create(
        actor=mo,
        action="person.delete",
        subject_kind="user",
        subject_id=alice.public_id,
        data={"before": {}, "after": {}},
    )
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert staff.post(f"{page_of(alice)}/do/activate").status_code == 409
    staff.post(f"{page_of(alice)}/do/delete", {"typed": "alice"})
    alice.refresh_from_db()
    assert alice.username.startswith("deleted-")
    assert AuditEntry.objects.filter(action="person.delete").count() == 1


def test_an_account_is_made_with_a_link(staff: Client) -> None:
    path = f"{LIST}/new"
    form = form_of(staff, path)
    for _ in range(2):
        answer = staff.post(path, {"username": "ada", "display_name": "Ada", "form": form})
        assert answer.status_code == 302
    ada = User.objects.get(username="ada")
    assert (ada.display_name, ada.is_staff) == ("Ada", False)
    # Of a form that was sent twice, the link that is shown works, and no other.
    [link] = set(LINK.findall(staff.get(answer["Location"]).content.decode()))
    assert OneTimeLink.objects.filter(user=ada, expires_at__gt=clock.now()).count() == 1
    assert Client().post(urlsplit(link).path).status_code == 302
    assert logged("person.add")["username"] == "ada"
    for fields, said in (
        ({"username": "ADA"}, "is taken"),
        ({"username": "owner"}, "reserved"),
        ({"username": ""}, "required"),
        ({"username": "a b"}, "Latin letters"),
    ):
        refused = staff.post(path, {"form": form_of(staff, path), **fields})
        assert refused.status_code in (409, 422)
        assert said in refused.content.decode()
        assert 'id="id_username-help" role="alert"' in refused.content.decode()


def test_an_invitation_that_is_sent_twice_is_one(staff: Client) -> None:
    path = "/admin/data/accounts/onetimelink/"
    form = form_of(staff, f"{path}add/")
    for _ in range(2):
        staff.post(f"{path}add/", {"note": "Ada", "form": form})
    [link] = set(LINK.findall(staff.get(path).content.decode()))
    assert Client().get(link).status_code == 200
    assert OneTimeLink.objects.filter(expires_at__gt=clock.now()).count() == 1
    row = OneTimeLink.objects.get(expires_at__gt=clock.now())
    do_action(staff, path, "revoke", row.pk)
    # The one that the second form ended, and the one that was taken back.
    revoked = AuditEntry.objects.filter(action="invite.revoke").values_list("data__for", flat=True)
    assert list(revoked) == ["Ada", "Ada"]


@pytest.mark.parametrize("role", [moderators.OWNER, moderators.OPERATOR, moderators.MODERATOR])
def test_operators_change_nothing_about_people_with_a_role(
    staff: Client, bob: User, role: str
) -> None:
    other = make_user("other")
    make_key(other)
    moderators.give(user=other, role=role)
    before = AuditEntry.objects.count()
    form = form_of(staff, page_of(bob))
    forms = {
        "credit": {"units": "5", "form": form},
        "limits": {"daily": "5"},
        "rename": {"display_name": "Boss"},
        "link/password": {},
        "link/sign-in": {},
        "do/sign-out": {},
        "do/revoke-keys": {},
        "do/second-factor": {},
        "do/deactivate": {},
        "do/activate": {},
        "do/delete": {"typed": "other"},
    }
    for path, sent in forms.items():
        answer = staff.post(f"{page_of(other)}/{path}", sent)
        assert answer.status_code == 403, path
        assert "Only owners can change the account of someone with a role." in html.unescape(
            answer.content.decode()
        )
    page = staff.get(page_of(other)).content.decode()
    assert "Only owners can change the account of someone with a role." in page
    for path in forms:
        assert f"{page_of(other)}/{path}" not in page, path
    assert AuditEntry.objects.count() == before
    other.refresh_from_db()
    assert (other.username, other.is_active) == ("other", True)


def test_a_link_of_a_new_account_is_not_made_again_once_it_has_a_role(staff: Client) -> None:
    form = form_of(staff, f"{LIST}/new")
    sent = {"username": "ada", "form": form}
    assert staff.post(f"{LIST}/new", sent).status_code == 302
    moderators.give(user=User.objects.get(username="ada"), role=moderators.MODERATOR)
    assert staff.post(f"{LIST}/new", sent).status_code == 409


def test_owners_change_people_with_a_role_but_no_owner_s_end(mo: User) -> None:
    owner = services.ensure_owner()
    other = make_user("other", is_staff=True)
    for path in ("link/sign-in", "do/deactivate", "do/activate", "do/delete"):
        answer = signed_in(owner).post(f"{page_of(other)}/{path}", {"typed": "other"})
        assert answer.status_code == 302, path
    staff = signed_in(mo)
    # Not oneself, and no owner even by an owner.
    assert staff.post(f"{page_of(mo)}/do/deactivate").status_code == 403
    second = make_user("second")
    User.objects.filter(pk=second.pk).update(is_superuser=True, is_staff=True)
    boss = signed_in(owner)
    for path in ("do/deactivate", "do/delete"):
        answer = boss.post(f"{page_of(second)}/{path}", {"typed": "second"})
        assert answer.status_code == 403
        assert "Take the role Owner away first." in answer.content.decode()
    # A server of one person has no one else to ask.
    sent = {"units": "5", "form": form_of(boss, page_of(owner))}
    assert boss.post(f"{page_of(owner)}/credit", sent).status_code == 302
    assert logged("person.credit")["own_account"] == "Yes"
