"""What REELGRAPH_MAIL and REELGRAPH_MAIL_FROM may say."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from builder.ops.mail_settings import MailServer, read

SENDER = "Reelgraph <studio@example.org>"


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("smtp://mail.example.org", MailServer("mail.example.org", 587, "", "", "smtp", SENDER)),
        (
            "smtp://ana%40example.org:a%2Fb%3Ac@mail.example.org:2587",
            MailServer("mail.example.org", 2587, "ana@example.org", "a/b:c", "smtp", SENDER),
        ),
        ("smtps://u:p@[::1]", MailServer("::1", 465, "u", "p", "smtps", SENDER)),
        ("smtp+plain://localhost/", MailServer("localhost", 25, "", "", "smtp+plain", SENDER)),
    ],
)
def test_an_address_names_a_server(address: str, server: MailServer) -> None:
    assert read(address, SENDER) == server


def test_without_an_address_no_mail_is_sent() -> None:
    assert read("", "") == read("", SENDER) == MailServer()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://user:hunter2@mail.example.org", "smtp://user:password@host:587"),
        ("smtp://user:hun/ter2@mail.example.org", "In a password, write"),
        ("smtp://user:hunter2@mail.example.org:0", "In a password, write"),
        ("smtp://user:hunter2@", "In a password, write"),
        ("smtp://mail.example.org/box?x=hunter2", "In a password, write"),
        ("smtp://user@mail.example.org", "both a username and a password"),
        ("smtp://user:hunt%C3%A9r2@mail.example.org", "beyond ASCII"),
        ("smtp+plain://user:hunter2@localhost", "use smtp:// or smtps://"),
    ],
)
def test_another_address_is_refused_with_the_remedy(address: str, says: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REELGRAPH_MAIL") as refused:
        read(address, SENDER)
    assert says in str(refused.value)
    assert "hun" not in str(refused.value)


@pytest.mark.parametrize("sender", ["", "Reelgraph", "Reelgraph <studio>", "a@b.example\nBcc: x"])
def test_mail_is_from_an_address(sender: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REELGRAPH_MAIL_FROM"):
        read("smtp://mail.example.org", sender)
