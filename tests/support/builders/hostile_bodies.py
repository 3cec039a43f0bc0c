"""Bodies that stock parsers, databases or stacks choke on."""

import json

from django.http import HttpResponse

MEGABYTE = 1024 * 1024

BODIES: dict[str, bytes] = {
    "nested 100,000 deep": b'{"a":' + b"[" * 100_000,
    "nested 100,000 deep and closed": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "objects 65 deep": b'{"a":' * 65 + b"1" + b"}" * 65,
    "a lone high surrogate": b'{"name": "\\ud800"}',
    "a lone low surrogate as a key": b'{"\\udc00": 1}',
    "infinity by exponent": b'{"seed": 1e999}',
    "minus infinity by exponent": b'{"seed": -1e999}',
    "NaN": b'{"seed": NaN}',
    "Infinity": b'{"seed": Infinity}',
    "an integer beyond 64 bit": b'{"seed": 99999999999999999999}',
    "an integer beyond signed 64 bit": b'{"seed": 9223372036854775808}',
    "an integer of 5,000 digits": b'{"seed": ' + b"9" * 5000 + b"}",
    "a quarter of a million empty lists": b'{"a":[' + b"[]," * 250_000 + b"0]}",
    "a quarter of a million numbers, spread": b'{"a":[' + b"[0,0,0,0]," * 50_000 + b"0]}",
    "NUL in a text": b'{"name": "a\\u0000b"}',
    "NUL in a key": b'{"a\\u0000b": 1}',
    "a raw NUL": b'{"name": "\x00"}',
    "a byte over the limit": b'{"name": "x"}'.ljust(2 * MEGABYTE + 1),
    "5 MB": json.dumps({"name": "x" * (5 * MEGABYTE)}).encode(),
    "a text of 200 KB": json.dumps({"name": "x" * 200_000}).encode(),
    "invalid UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "half an object": b'{"name": ',
    "an array": b"[]",
    "a text": b'"hello"',
    "a number": b"7",
    "null": b"null",
    "not JSON": b"name=x&other=y",
}
# One that stock parsers let through, two that a check of each value refuses, one of its size, one
# of its shape: what goes to every route. All go to the parser and to a route of each root.
TYPICAL_BODIES = {
    name: BODIES[name]
    for name in (
        *("NUL in a text", "an integer beyond signed 64 bit", "infinity by exponent"),
        *("a byte over the limit", "an array"),
    )
}


def fault_of(response: HttpResponse) -> str:
    """Why this is no refusal of what a client sent, in the public shape; empty when it is one.

    No limit of rates may stand in for the refusal that is asked about; a cut route says 501.
    """
    try:
        assert_in_the_envelope(response, "not in the envelope")
    except (AssertionError, ValueError, KeyError) as error:
        return f"{response.status_code} {error}"
    status = response.status_code
    is_refusal = status == 501 or (400 <= status < 500 and status != 429)
    return "" if is_refusal else f"{status} {response.content[:80]!r}"


def assert_in_the_envelope(response: HttpResponse, what: str) -> None:
    """Success or refusal, in the public shape, and no failure of ours (501 is a cut route).

    what: names the case when the assertion fails.
    """
    assert response.status_code < 500 or response.status_code == 501, what
    assert response["Content-Type"] == "application/json", what
    body = json.loads(response.content)
    if response.status_code >= 400:
        assert body["status"] == "error", what
        assert isinstance(body["errorCode"], int), what
        assert body["message"], what
