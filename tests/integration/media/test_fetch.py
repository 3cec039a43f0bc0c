import socket
import ssl
import time

import pytest

from core.errors import InvalidBody, ProviderError
from media.fetch import check_url, fetch
from tests.support.certificates import make_certificate
from tests.support.fakes.hostile_server import PNG, HostileServer
from tests.support.waiting import WAIT_S, promised


class Stop(Exception):
    pass


@pytest.fixture(scope="module")
def shared_server():
    with HostileServer() as server:
        yield server


@pytest.fixture
def server(shared_server, settings):
    """The hostile server, allowed by its host and port; nothing else on loopback is."""
    settings.FETCH_ALLOW = [f"127.0.0.1:{shared_server.port}"]
    shared_server.requests.clear()
    return shared_server


@pytest.fixture
def get(tmp_path):
    def get(url, **options):
        given = {"kinds": ["image"], "max_bytes": 1_000_000, "check": lambda: None}
        return fetch(url, tmp_path, **(given | {"timeout_s": WAIT_S} | options))

    yield get
    # Whatever happened, only finished files stay.
    assert not [path for path in tmp_path.iterdir() if path.suffix == ""]


def failure(get, url, **options):
    with pytest.raises(ProviderError) as caught:
        get(url, **options)
    return caught.value


@pytest.mark.parametrize("path", ["/picture", "/no-length", "/understated"])
def test_fetches_a_picture_and_names_its_type(server, get, path):
    fetched = get(server.url(path))
    assert (fetched.mime, fetched.kind, fetched.size) == ("image/png", "image", len(PNG))
    assert fetched.path.suffix == ".png"
    assert fetched.path.read_bytes() == PNG


def test_two_fetches_into_one_folder_keep_both_files(server, get):
    assert get(server.url("/picture")).path != get(server.url("/picture")).path


def test_asks_for_identity_and_sends_no_cookies(server, get):
    server.location = "/picture"
    get(server.url("/redirect"))
    for _path, headers in server.requests:
        assert headers["accept-encoding"] == "identity"
        assert "cookie" not in headers


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/page", "web page"),
        ("/drawing", "SVG"),
        ("/playlist", "Playlist"),
        ("/compressed", "compressed"),
        ("/huge-promise", "is over 1 MB"),
        ("/endless", "is over 1 MB"),
        ("/loop", "redirects over 5 times"),
        ("/nowhere", "redirects without a target"),
    ],
)
def test_refuses_and_says_why_without_the_query(server, get, path, word):
    error = failure(get, server.url(path + "?X-Signature=secret"))
    assert error.error_type == "PARAMETER_INVALID"
    assert not error.retryable
    assert word in error.message
    assert "127.0.0.1" in error.message
    assert "secret" not in error.message


def test_refuses_a_kind_that_is_not_wanted(server, get):
    error = failure(get, server.url("/picture"), kinds=["video", "audio"])
    assert "a file of type audio or video" in error.message


@pytest.mark.parametrize(
    ("path", "retryable", "word"),
    [
        ("/missing", False, "responded with 404"),
        ("/broken", True, "responded with 503"),
        ("/short", True, "was lost"),
        ("/garbage", True, "was lost"),
    ],
)
def test_what_is_not_there_may_be_tried_again_when_that_may_help(
    server, get, path, retryable, word
):
    error = failure(get, server.url(path + "?X-Signature=secret"))
    assert error.error_type == "ASSET_NOT_FOUND"
    assert error.retryable is retryable
    assert word in error.message
    assert "secret" not in error.message


@pytest.mark.parametrize("path", ["/slow-body", "/slow-head", "/silent"])
def test_a_slow_server_does_not_hold_a_worker(server, get, path):
    with promised(2):
        error = failure(get, server.url(path), timeout_s=0.5)
    assert error.retryable
    assert "over 0.5 s to respond" in error.message


@pytest.mark.parametrize("path", ["/slow-body", "/slow-head", "/silent", "/endless"])
def test_a_cancelled_fetch_stops_within_a_second(server, get, path):
    began = time.monotonic()

    def check():
        if time.monotonic() - began > 0.3:
            raise Stop

    with promised(1.3), pytest.raises(Stop):
        get(server.url(path), check=check, max_bytes=10**12)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2/x",
        "http://169.254.169.254/latest/meta-data",
        "https://2130706433/x",
        "https://localhost/x",
        "file:///etc/passwd",
        "https://user:pass@example.com/x",
        "//127.0.0.3/x",
    ],
)
def test_a_redirect_is_checked_like_a_new_url(server, get, location):
    server.location = location
    error = failure(get, server.url("/redirect"))
    assert error.error_type == "PARAMETER_INVALID"
    assert [path for path, _headers in server.requests] == ["/redirect"]


def test_a_redirect_to_another_port_of_an_allowed_host_is_refused(server, get):
    with HostileServer() as other:
        server.location = other.url("/picture")
        assert failure(get, server.url("/redirect")).error_type == "PARAMETER_INVALID"
        assert other.requests == []


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::1"]])
def test_a_name_with_any_private_address_is_refused(get, answers):
    error = failure(get, "https://innocent.example/a.png", resolve=lambda host, port: answers)
    assert error.error_type == "PARAMETER_INVALID"
    assert "private network" in error.message


def test_a_name_that_does_not_resolve_may_be_tried_again(get):
    def resolve(host, port):
        raise OSError("no such name")

    error = failure(get, "https://innocent.example/a.png", resolve=resolve)
    assert (error.error_type, error.retryable) == ("ASSET_NOT_FOUND", True)


def test_the_checked_address_is_the_one_connected_to(server, get, settings):
    settings.FETCH_ALLOW = [f"rebinding.example:{server.port}"]
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    fetched = get(
        server.url("/picture", host="rebinding.example"), resolve=lambda host, port: next(answers)
    )
    assert fetched.size == len(PNG)
    assert next(answers) == ["10.0.0.1"], "the name was asked once only"
    assert server.requests[0][1]["host"] == f"rebinding.example:{server.port}"


def test_an_allowed_network_lifts_the_rule_for_names_inside_it(server, get, settings):
    settings.FETCH_ALLOW = ["127.0.0.0/8"]
    url = server.url("/picture", host="cache.internal")
    assert get(url, resolve=lambda host, port: ["127.0.0.1"]).size == len(PNG)
    error = failure(get, url, resolve=lambda host, port: ["93.184.216.34"])
    assert "isn't encrypted" in error.message


def test_proxies_of_the_environment_are_not_used(server, get, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert get(server.url("/picture")).size == len(PNG)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.png",
        "ftp://example.com/a.png",
        "https://",
        "example.com/a.png",
        "https://example.com:22/a.png",
        "https://user@example.com/a.png",
        "https://0x7f.1/a.png",
        "https://localhost/a.png",
        "https://db.internal/a.png",
        "https://good.example\\@10.0.0.1/a.png",
        "https://good.example/\r\nHost: evil",
        "https://good.example/" + "a" * 5000,
        "https://[half/a.png",
    ],
)
def test_obvious_dangers_are_refused_before_anything_is_asked(url):
    with pytest.raises(InvalidBody):
        check_url(url)


@pytest.mark.parametrize(
    "url", ["https://example.com/a.png?s=1", "https://example.com:8443/a", "https://1.1.1.1/a"]
)
def test_ordinary_https_urls_pass_the_first_check(url):
    check_url(url)


def test_an_allowed_host_passes_the_first_check(settings):
    settings.FETCH_ALLOW = ["127.0.0.1:9000", "10.1.0.0/16"]
    check_url("http://127.0.0.1:9000/a")
    check_url("http://10.1.2.3:1234/a")
    with pytest.raises(InvalidBody):
        check_url("http://127.0.0.1:9001/a")


@pytest.mark.parametrize("found", ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254"])
def test_no_setting_allows_what_leads_to_a_clouds_credentials(get, settings, found):
    settings.FETCH_ALLOW = ["media.example", "169.254.0.0/16", "fd00::/8", "::/0"]
    error = failure(get, "http://media.example/picture", resolve=lambda host, port: [found])
    assert "private network" in error.message
    assert not error.retryable


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for media.example that signs itself, with its key."""
    return make_certificate(tmp_path_factory.mktemp("tls") / "media.pem", "media.example")


@pytest.fixture
def secure_server(certificate, settings):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HostileServer(context) as server:
        settings.FETCH_ALLOW = [f"media.example:{server.port}", f"other.example:{server.port}"]
        yield server


def loopback(host, port):
    return ["127.0.0.1"]


def test_https_checks_the_certificate_by_name_though_the_address_is_pinned(
    secure_server, certificate, get, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    url = secure_server.url("/picture", scheme="https", host="media.example")
    assert get(url, resolve=loopback).size == len(PNG)
    assert secure_server.sni == ["media.example"]
    wrong = secure_server.url("/picture", scheme="https", host="other.example")
    assert "certificate" in failure(get, wrong, resolve=loopback).message


def test_https_refuses_a_certificate_no_one_vouches_for(secure_server, get):
    url = secure_server.url("/picture", scheme="https", host="media.example")
    assert "certificate" in failure(get, url, resolve=loopback).message


def test_a_refused_connection_is_no_matter_of_certificates_or_time(get, settings):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        settings.FETCH_ALLOW = [f"127.0.0.1:{port}"]
        error = failure(get, f"http://127.0.0.1:{port}/picture")
    assert error.message == "Can't reach 127.0.0.1."
    assert error.retryable
