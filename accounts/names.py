"""The names that people may have: user names to sign in with, and the names that others see."""

from __future__ import annotations

import re
import unicodedata

from core import errors, short_text

# Narrower than Django's own rule: a name that reads like another person's is no name.
USERNAME = re.compile(r"[A-Za-z0-9._-]{2,30}")
USERNAME_RULE = "2 to 30 Latin letters, digits, dots, dashes and underscores"
DISPLAY_NAME_LENGTH = 80
DELETED = "deleted user"
# The author of the samples; and how the user names of deleted people begin.
SYSTEM = "system"
ERASED = "deleted-"
# Names that would read as if the server itself spoke, or as part of an address.
_RESERVED_WORDS = """
    admin administrator anonymous api app deleted everyone help house info mail me media
    moderation moderator moderators no one official owner postmaster reelgraph root security
    staff static studio support system team user webmaster
"""
RESERVED = frozenset(_RESERVED_WORDS.split())
RESERVED_SHOWN = RESERVED | {DELETED, "a maker", "the owner"}


def check_username(name: str) -> str:
    """The name, if someone may choose it. Whether it is taken is checked by the database.

    Raises InvalidInput whose `details.issues` name the field.
    """
    if not USERNAME.fullmatch(name):
        raise invalid("username", f"Use {USERNAME_RULE}.")
    # Dots and dashes do not make a reserved name another one.
    if re.sub(r"[._-]", "", name).lower() in RESERVED or name.lower().startswith(ERASED):
        raise invalid("username", f"{name} is reserved. Choose another.")
    return name


def check_display_name(text: str) -> str:
    """The name as others will see it, spaces put in order. Raises InvalidInput."""
    name = short_text.clean(text, field="display_name")
    if len(name) > DISPLAY_NAME_LENGTH:
        raise invalid("display_name", f"Use at most {DISPLAY_NAME_LENGTH} characters.")
    if unicodedata.normalize("NFKC", name).casefold() in RESERVED_SHOWN:
        raise invalid("display_name", "That name is reserved. Choose another.")
    return name


def invalid(field: str, message: str) -> errors.InvalidInput:
    """The refusal of one field of a form."""
    return errors.InvalidInput(message, details={"issues": [{"path": field, "message": message}]})
