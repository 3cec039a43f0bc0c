"""Which URL a request to a service has, which URLs are the service's, and which it may not have."""

from __future__ import annotations

import pytest

from core.errors import ProviderError
from tools.providers.request_urls import is_own, url_of
from tools.providers.service import Service

API = "https://api.example.org/v1"
AT_HOME = "http://192.168.1.20:9000"


def url(base_url: str, path: str, *hosts: str) -> str:
    return str(url_of(Service("Lantern", base_url, hosts=hosts), path))


@pytest.mark.parametrize(
    ("base_url", "path", "whole"),
    [
        (API, "/jobs/1", "https://api.example.org/v1/jobs/1"),
        (API, "", "https://api.example.org/v1"),
        (API, "https://api.example.org/files/1", "https://api.example.org/files/1"),
        (API, "https://API.Example.org:443/files/1", "https://api.example.org/files/1"),
        (API, "//api.example.org/files/1", "https://api.example.org/files/1"),
        ("https://api.example.org:443", "https://api.example.org/1", "https://api.example.org/1"),
        ("http://gpu.local", "http://gpu.local:80/1", "http://gpu.local/1"),
        ("http://[::1]:9000", "http://[::1]:9000/1", "http://[::1]:9000/1"),
        (
            "https://bücher.example",
            "https://xn--bcher-kva.example/1",
            "https://xn--bcher-kva.example/1",
        ),
        # What the operator wrote for a name and password is for the service.
        ("http://me:secret@gpu.local", "/1", "http://me:secret@gpu.local/1"),
    ],
)
def test_a_url_of_the_service(base_url: str, path: str, whole: str) -> None:
    assert url(base_url, path) == whole
    assert is_own(Service("Lantern", base_url), whole)


@pytest.mark.parametrize(
    "path",
    [
        "http://api.example.org/files/1",
        "https://api.example.org:8443/files/1",
        "https://api.example.org./files/1",
        "https://api.example.org.evil.example/1",
        "https://api.example.org%00.evil.example/1",
        "https://api.example.org。evil.example/1",
        "https://evil.example/api.example.org",
        "https://evil.example#@api.example.org/",
        "https://evil.example?@api.example.org/",
        "https://evil.example\\.api.example.org@evil.example/",
        "https:///files/1",
        "ftp://api.example.org/files/1",
        "file:///etc/passwd",
    ],
)
def test_a_url_that_is_near_the_services_is_refused(path: str) -> None:
    assert not is_own(Service("Lantern", API), path)
    with pytest.raises(ProviderError, match="Nothing was sent"):
        url(API, path)
    with pytest.raises(ProviderError, match="Nothing was sent"):
        url(API, path, "files.example.org")


@pytest.mark.parametrize("path", [".evil.example/1", "@evil.example/1", ":8443/1", ":x@evil/1"])
def test_a_path_does_not_continue_the_host(path: str) -> None:
    with pytest.raises(ProviderError, match="Nothing was sent"):
        url("https://api.example.org", path)
    assert url(API, path).startswith("https://api.example.org/v1")


@pytest.mark.parametrize(
    ("hosts", "path"),
    [
        (["files.example.org"], "https://files.example.org/1"),
        (["Files.Example.org"], "https://FILES.example.org:443/1"),
        (["files.example.org:443"], "https://files.example.org/1"),
        (["files.example.org:8443"], "https://files.example.org:8443/1"),
        (["files.example.org"], "//files.example.org/1"),
        (["[2001:db8::1]:8443"], "https://[2001:db8::1]:8443/1"),
        (["api.example.org:8443"], "https://api.example.org:8443/1"),
        (["a.example", "b.example"], "https://b.example/1"),
    ],
)
def test_an_allowed_host_is_none_of_the_service(hosts: list[str], path: str) -> None:
    assert url(API, path, *hosts).endswith("/1")
    assert not is_own(Service("Lantern", API), path)


@pytest.mark.parametrize(
    "path",
    [
        "https://files.example.org:8443/1",
        "https://cdn.files.example.org/1",
        "https://files.example.org.evil.example/1",
        "ftp://files.example.org/1",
    ],
)
def test_an_allowed_host_is_exactly_that_host(path: str) -> None:
    with pytest.raises(ProviderError, match="isn't one of its hosts"):
        url(API, path, "files.example.org")


@pytest.mark.parametrize(
    "base_url",
    [
        AT_HOME,
        "http://127.0.0.1:9000",
        "http://gpu.local",
        "http://lantern:9000",
        "http://[fd00::1]",
    ],
)
def test_http_is_enough_for_files_of_a_service_in_ones_own_network(base_url: str) -> None:
    assert url(base_url, "http://files.local/1", "files.local") == "http://files.local/1"
    assert url(base_url, "https://files.local/1", "files.local") == "https://files.local/1"


@pytest.mark.parametrize(
    "base_url", [API, "http://api.example.org", "http://8.8.8.8", "https://10.0.0.7"]
)
def test_files_of_any_other_service_come_by_https(base_url: str) -> None:
    with pytest.raises(ProviderError, match="without https"):
        url(base_url, "http://files.example.org/1", "files.example.org")
    with pytest.raises(ProviderError, match="isn't one of its hosts"):
        url(base_url, "ftp://files.example.org/1", "files.example.org")


def test_a_refusal_says_neither_the_path_nor_the_password() -> None:
    for path in ("https://evil.example/private?sign=hidden", "https://me:hidden@api.example.org/"):
        with pytest.raises(ProviderError) as caught:
            url(API, path)
        assert "hidden" not in caught.value.message
        assert "private" not in caught.value.message
    with pytest.raises(ProviderError) as caught:
        url(API, f"https://{'a' * 5000}.example/")
    assert len(caught.value.message) < 250
