"""Public ids. They are opaque: nothing parses one to learn what it names."""

import re
import secrets
import unicodedata

from ulid import ULID

SLUG_LENGTH = 48
# Without those that are easily mistaken for each other.
_SHARE_LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def run_id(kind: str) -> str:
    """`wf_<kind>_<26 characters>`: time-ordered, 128 bit, safe in a URL."""
    return f"wf_{kind}_{ULID()}".lower()


def template_id(name: str) -> str:
    """`wf_<slug>_<8 hex>`. A name without Latin letters or digits gives `template`."""
    return f"wf_{slug(name) or 'template'}_{secrets.token_hex(4)}"


def installation_id() -> str:
    return f"ins_{ULID()}".lower()


def artifact_id() -> str:
    return f"art_{ULID()}".lower()


def upload_id() -> str:
    return f"upl_{ULID()}".lower()


def export_id() -> str:
    """Names an export of what a person has."""
    return f"exp_{secrets.token_hex(12)}"


def endpoint_id() -> str:
    """Names an endpoint of webhooks."""
    return f"whe_{secrets.token_hex(8)}"


def delivery_id() -> str:
    """Names a delivery of a webhook, in each of its tries."""
    return f"msg_{secrets.token_hex(12)}"


def request_id() -> str:
    """Names one request in its log lines and in the answer to it."""
    return f"req_{ULID()}".lower()


def call_id() -> str:
    """Names one call of a tool that is no step of a run."""
    return f"call_{secrets.token_hex(10)}"


def chat_id() -> str:
    """Names one answer of chat, in OpenAI's form."""
    return f"chatcmpl-{ULID()}".lower()


def share_id() -> str:
    """Names a creation. It opens what is unlisted, so it has 95 bits that no one can guess."""
    return "".join(secrets.choice(_SHARE_LETTERS) for _ in range(16))


def user_id() -> str:
    return f"usr_{secrets.token_hex(8)}"


def token_family_id() -> str:
    return f"fam_{secrets.token_hex(12)}"


def oauth_client_id() -> str:
    """Names an app that registered. It is no secret."""
    return f"app_{secrets.token_hex(12)}"


def slug(text: str) -> str:
    """Lower-case words joined by `-`, at most SLUG_LENGTH characters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:SLUG_LENGTH].strip("-")
