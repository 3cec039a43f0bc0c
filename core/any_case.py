"""`icontains` and `iexact` on SQLite, which knows the case of ASCII letters alone: "été" is in
"Été.mp4" too.

Postgres knows it of all letters.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from django.db.models import Field, lookups
from django.db.models.fields.json import KeyTransform, KeyTransformIContains


class _AnyCase:
    rhs: Any

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Look for the usual forms of a text with other letters."""
        text = self.rhs
        forms = {text}
        if isinstance(text, str) and not text.isascii():
            forms |= {text.lower(), text.upper(), text.capitalize(), text.title()}
        conditions, values = [], []
        for form in sorted(forms, key=str):
            lookup: Any = copy(self)
            lookup.rhs = form
            condition, parameters = lookup.as_sql(compiler, connection)
            conditions.append(condition)
            values += parameters
        return f"({' OR '.join(conditions)})", tuple(values)


class _IContains(_AnyCase, lookups.IContains):
    pass


class _IExact(_AnyCase, lookups.IExact):
    pass


# The two bases of this one disagree in the stubs of Django.
class _KeyIContains(_AnyCase, KeyTransformIContains):  # type: ignore[misc]
    pass


def register() -> None:
    Field.register_lookup(_IContains)
    Field.register_lookup(_IExact)
    KeyTransform.register_lookup(_KeyIContains)
