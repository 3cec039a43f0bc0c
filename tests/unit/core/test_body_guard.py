"""What `core.body_guard` takes from inside Twisted and Daphne. Its other tests start a server."""

import inspect

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.web import http

from core import body_guard

_MOVED = "has moved: read the new code, then adapt core/body_guard.py"


def test_the_inner_names_of_twisted_are_where_the_guard_expects_them() -> None:
    for name, parameters in (
        ("gotLength", ["self", "length"]),
        ("handleContentChunk", ["self", "data"]),
    ):
        found = list(inspect.signature(getattr(http.Request, name)).parameters)
        assert found == parameters, f"Request.{name} {_MOVED}"
    for name in (
        "allHeadersReceived",
        "allContentReceived",
        "_send100Continue",
        "dataReceived",
        "connectionMade",
        "connectionLost",
    ):
        assert callable(getattr(http.HTTPChannel, name)), f"HTTPChannel.{name} {_MOVED}"
    source = inspect.getsource(http.HTTPChannel)
    for use in (
        "self._command = command",
        "self._path = request",
        "self._handlingRequest = True",
        "req.gotLength(self.length)",
        "self._send100Continue()",
        "self.requests[-1].handleContentChunk",
    ):
        assert use in source, f"HTTPChannel: {use} {_MOVED}"
    # The content is replaced before anything of it is written, and closed with the request.
    assert "self.content = _getContentFile(length)" in inspect.getsource(http.Request.gotLength)
    assert "self.content.close()" in inspect.getsource(http.Request.connectionLost)


def test_daphne_makes_its_connections_by_the_name_that_the_guard_replaces() -> None:
    assert "self.http_factory = HTTPFactory(self)" in inspect.getsource(daphne.server.Server.run)
    assert body_guard.GuardedFactory.__mro__[1] is HTTPFactory
    assert "protocol.requestFactory = WebRequest" in inspect.getsource(HTTPFactory.buildProtocol)
    assert issubclass(body_guard.GuardedRequest, WebRequest)
