from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from core import clock
from core.errors import InvalidBody
from media.signing import parse_own_url, signed_path, verify

ID = "art_01abc"


def parts(path):
    query = parse_qs(urlsplit(path).query)
    return query["e"][0], query["s"][0]


def test_a_fresh_address_verifies():
    assert verify(ID, *parts(signed_path(ID, "a.png")))


def test_an_address_stays_the_same_for_six_hours():
    start = datetime(2030, 1, 1, 6, 0, 1, tzinfo=UTC)
    first = signed_path(ID, "a.png", at=start)
    assert signed_path(ID, "a.png", at=start + timedelta(hours=5, minutes=59)) == first
    assert signed_path(ID, "a.png", at=start + timedelta(hours=6)) != first


def test_an_address_lives_at_least_a_day_and_ends():
    now = clock.now()
    assert verify(ID, *parts(signed_path(ID, "a", at=now - timedelta(hours=23, minutes=59))))
    assert not verify(ID, *parts(signed_path(ID, "a", at=now - timedelta(hours=31))))


def test_an_address_ends_at_the_second_that_it_names(monkeypatch):
    e, s = parts(signed_path(ID, "a"))
    for seconds, holds in ((-1, True), (0, False)):
        now = datetime.fromtimestamp(int(e) + seconds, UTC)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        assert verify(ID, e, s) is holds


def test_every_changed_character_breaks_it():
    e, s = parts(signed_path(ID, "a.png"))
    for position in range(len(s)):
        for other in "A_z":
            if s[position] != other:
                assert not verify(ID, e, s[:position] + other + s[position + 1 :])
    for position in range(len(e)):
        other = "1" if e[position] != "1" else "2"
        assert not verify(ID, e[:position] + other + e[position + 1 :], s)
    for other_id in ("art_01abd", "art_01ab", "art_01abcc", "", "ART_01abc"):
        assert not verify(other_id, e, s)


@pytest.mark.parametrize("change", [lambda e: " " + e, lambda e: "0" + e, lambda e: e + "\n"])
def test_another_spelling_of_the_expiry_breaks_it(change):
    e, s = parts(signed_path(ID, "a.png"))
    assert not verify(ID, change(e), s)


@pytest.mark.parametrize("s", ["", "é", "\ud800", "a" * 100_000])
def test_a_strange_signature_is_just_wrong(s):
    e, _s = parts(signed_path(ID, "a.png"))
    assert not verify(ID, e, s)


def test_another_secret_signs_differently(settings):
    e, s = parts(signed_path(ID, "a.png"))
    settings.SECRET_KEY = "another"
    assert not verify(ID, e, s)


@pytest.mark.parametrize("filename", ["a b.png", "ü/ß?.png", "", "x" * 300])
def test_any_file_name_fits_into_the_address(filename):
    path = signed_path(ID, filename)
    assert path.isascii()
    assert parse_own_url("http://studio:8000" + path, ["studio:8000"]) == ID


def test_own_address_gives_the_id(settings):
    settings.PUBLIC_URL = "https://studio.example"
    path = signed_path(ID, "a.png")
    assert parse_own_url("https://studio.example" + path, []) == ID
    assert parse_own_url("https://STUDIO.example:443" + path, []) == ID
    assert parse_own_url("http://127.0.0.1:8000" + path, ["127.0.0.1:8000"]) == ID
    assert parse_own_url(path, []) == ID


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/media/art_01abc/a.png?e=1&s=2",
        "http://studio.example:8001/media/x/y",
        "http://studio.example.evil/media/x/y",
        "http://studio.example:8000@evil/media/x/y",
        "ftp://studio.example:8000/media/x/y",
        "http://[broken/media",
        "http://studio.example:99999/media/x/y",
    ],
)
def test_foreign_addresses_are_none_of_ours(url):
    assert parse_own_url(url, ["studio.example:8000"]) is None


@pytest.mark.parametrize(
    "path",
    [
        f"/media/{ID}/a.png",
        f"/media/{ID}/a.png?e=1&s=2",
        f"/media/{ID}/a.png?e=99999999999&s=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "/media/",
        "/t/some-template",
        "/",
    ],
)
def test_own_but_unsigned_addresses_are_refused(path):
    with pytest.raises(InvalidBody):
        parse_own_url("http://studio:8000" + path, ["studio:8000"])


def test_an_expired_own_address_is_refused():
    old = signed_path(ID, "a.png", at=clock.now() - timedelta(days=3))
    with pytest.raises(InvalidBody, match="expired"):
        parse_own_url("http://studio:8000" + old, ["studio:8000"])


def test_a_public_templates_medium_is_ours_without_signature():
    url = "http://studio:8000/media/t/12/" + "a" * 64
    assert parse_own_url(url, ["studio:8000"]) == "t/12/" + "a" * 64
