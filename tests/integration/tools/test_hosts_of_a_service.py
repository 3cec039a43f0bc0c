"""A service's key goes to the service alone, whatever URLs it answers with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from core.errors import ProviderError, ProviderUnsure
from tests.support.certificates import make_certificate
from tests.support.fakes.http_server import Handler, HttpServer
from tools.providers.http import Answer, Requests, Service
from tools.providers.http_failures import Unreachable

KEY = "sk-of-the-service"
HEADERS = {"Authorization": f"Bearer {KEY}", "X-Api-Key": KEY}


class _Files(Handler):
    """Answers everything, after it wrote down the request; /moved leads to its parameter `to`."""

    log: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer()

    def _answer(self) -> None:
        self.log.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        parts = urlsplit(self.path)
        is_moved = parts.path.endswith("/moved")
        self.send_response(307 if is_moved else 200)
        if is_moved:
            self.send_header("Location", parse_qs(parts.query)["to"][0])
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"a fox")


class Files(HttpServer):
    """log: path and headers of each request, names in small letters."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.log: list[tuple[str, dict[str, str]]] = []
        super().__init__(_Files, certificate=certificate, log=self.log)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def keys(self) -> list[str]:
        """What each request had for a key, "" for none, wherever it is written."""
        return [
            "".join(value for value in headers.values() if KEY in value) for _, headers in self.log
        ]


@pytest.fixture
def own() -> Iterator[Files]:
    """The service."""
    with Files() as files:
        yield files


@pytest.fixture
def other() -> Iterator[Files]:
    """A server that is not the service."""
    with Files() as files:
        yield files


def requests(base_url: str, *hosts: str, ca_file: Path | None = None) -> Requests:
    service = Service(
        who="Lantern",
        base_url=base_url,
        headers=HEADERS,
        hosts=hosts,
        ca_file=str(ca_file or ""),
        timeout_s=20,
    )
    return Requests(service, lambda: None)


def refusal(asking: Requests, method: str, path: str) -> ProviderError:
    """The failure of a request that must not be sent, the same for one whose body is streamed."""
    with pytest.raises(ProviderError) as caught:
        asking.request(method, path)
    with pytest.raises(ProviderError) as streaming:
        list(asking.stream(method, path))
    assert streaming.value.message == caught.value.message
    return caught.value


# -- the service itself ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["?job=1", "/jobs?next=http://elsewhere.example/2", "/jobs/a@b:1"],
)
def test_a_path_goes_to_the_service_with_its_key(own: Files, path: str) -> None:
    answer = requests(f"{own.origin}/v1").request("GET", path)
    assert (answer.status, answer.body) == (200, b"a fox")
    assert own.log[0][0] == f"/v1{path}"
    assert own.log[0][1]["authorization"] == f"Bearer {KEY}"
    assert own.log[0][1]["x-api-key"] == KEY


@pytest.mark.parametrize("start", ["http://{host}", "HTTP://{host}", "//{host}"])
def test_a_whole_url_of_the_service_gets_its_key(own: Files, start: str) -> None:
    asking = requests(f"{own.origin}/v1")
    url = f"{start.format(host=own.host)}/files/1?sign=x"
    assert asking.request("GET", url).body == b"a fox"
    assert next(asking.stream("GET", url))
    assert [path for path, _ in own.log] == ["/files/1?sign=x"] * 2
    assert [headers["x-api-key"] for _, headers in own.log] == [KEY] * 2


def test_names_of_hosts_are_the_same_in_capitals(own: Files) -> None:
    asking = requests(f"http://localhost:{own.port}/v1")
    assert asking.request("GET", f"http://LocalHost:{own.port}/files/1").status == 200
    assert own.log[0][1]["x-api-key"] == KEY


# -- hosts that are none of its own ----------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "http://{other}/files/1?sign=secret-link",
        "HTTP://{other}/files/1",
        "//{other}/files/1",
        "http://{own}@{other}/files/1",
        "http://{own}%2F@{other}/files/1",
        "http://{own}\\@{other}/files/1",
        # After a base URL without a path of its own:
        "@{other}/files/1",
        ":secret@{other}/files/1",
    ],
)
def test_another_host_gets_nothing(own: Files, other: Files, path: str) -> None:
    asking = requests(own.origin)
    failure = refusal(asking, "POST", path.format(own=own.host, other=other.host))
    assert (own.log, other.log) == ([], [])
    assert not isinstance(failure, ProviderUnsure), "nothing can have been charged"
    assert (failure.error_type, failure.retryable) == ("MODEL_UNAVAILABLE", False)
    place = f"http://{other.host}"
    assert failure.message == (
        f"Lantern named a URL at {place}, which isn't one of its hosts. Nothing was sent."
    )


@pytest.mark.parametrize(
    "path", ["https://{own}/files/1", "http://127.0.0.2:{port}/files/1", "1/files"]
)
def test_another_scheme_or_host_at_the_same_port_gets_nothing(own: Files, path: str) -> None:
    failure = refusal(requests(own.origin), "GET", path.format(own=own.host, port=own.port))
    assert "isn't one of its hosts" in failure.message
    assert own.log == []


def test_a_name_and_password_in_a_url_replace_no_key(own: Files, other: Files) -> None:
    asking = requests(own.origin, other.host)
    for host in (own.host, other.host):
        failure = refusal(asking, "GET", f"http://guest:pass-word@{host}/files/1")
        assert "a name or password" in failure.message
        assert "pass-word" not in failure.message
    assert (own.log, other.log) == ([], [])


@pytest.mark.parametrize("url", ["http://[::1/files/1", "http://a\tb/", "http://" + "a" * 70_000])
def test_what_is_no_url_is_said_to_be_none(own: Files, url: str) -> None:
    failure = refusal(requests(own.origin), "POST", url)
    assert failure.message == "Lantern named a URL that can't be used. Nothing was sent."
    assert (type(failure), failure.retryable, own.log) == (Unreachable, False, [])


def test_a_redirect_is_not_followed_even_to_an_allowed_host(own: Files, other: Files) -> None:
    asking = requests(own.origin, other.host)
    for url in (f"{own.origin}/moved", "/moved", f"{other.origin}/moved"):
        path = f"{url}?to={quote(f'{other.origin}/files/1')}"
        assert asking.request("GET", path).status == 307
    assert [path.partition("?")[0] for path, _ in (*own.log, *other.log)] == ["/moved"] * 3


# -- hosts that a service names --------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_allowed_host_gets_the_request_without_the_key(
    own: Files, other: Files, tmp_path: Path, method: str
) -> None:
    asking = requests(f"{own.origin}/v1", other.host)
    file = tmp_path / "file"
    url = f"{other.origin}/files/1?sign=x"
    headers = {"X-Part": "1"}
    assert asking.request(method, url, headers=headers).body == b"a fox"
    assert asking.request(method, url, headers=headers, target=file).status == 200
    pieces = list(asking.stream(method, url, headers=headers))
    assert file.read_bytes() == b"a fox"
    assert isinstance(pieces[0], Answer)
    assert b"".join(piece for piece in pieces[1:] if isinstance(piece, bytes)) == b"a fox"
    assert other.keys() == ["", "", ""]
    for path, got in other.log:
        assert path == "/files/1?sign=x"
        assert (got["x-part"], got["user-agent"]) == ("1", "Reelgraph")
    # And the service gets it as before.
    asking.request(method, "/jobs")
    assert own.log[0][1]["x-api-key"] == KEY


def test_an_allowed_host_is_allowed_at_its_port_alone(own: Files, other: Files) -> None:
    for hosts in (["127.0.0.1"], ["127.0.0.1:1"], ["127.0.0.2", "localhost"], ["0.0.1"]):
        failure = refusal(requests(own.origin, *hosts), "GET", f"{other.origin}/files/1")
        assert "isn't one of its hosts" in failure.message
    assert other.log == []


def test_an_allowed_host_must_speak_tls_where_the_service_does(
    tmp_path: Path, other: Files
) -> None:
    certificate = make_certificate(tmp_path / "all.pem")
    with Files(certificate) as own, Files(certificate) as cdn:
        asking = requests(own.origin, other.host, cdn.host, ca_file=certificate)
        assert "https" in refusal(asking, "GET", f"{other.origin}/files/1").message
        assert other.log == []
        assert asking.request("GET", f"{cdn.origin}/files/1").body == b"a fox"
        assert asking.request("GET", "/jobs").status == 200
        assert (cdn.keys(), own.log[0][1]["x-api-key"]) == ([""], KEY)


def test_an_allowed_host_that_is_not_there_is_named(own: Files) -> None:
    with pytest.raises(ProviderError, match="refused the connection: nothing listens") as caught:
        requests(own.origin, "127.0.0.1:9").request("GET", "http://127.0.0.1:9/files/1")
    assert caught.value.message.startswith("127.0.0.1:9, a host of Lantern, refused")
    assert "at port 9." in caught.value.message
