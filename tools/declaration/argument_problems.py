"""Problems with an argument, and the words for them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.phrases import Writer

# By code, how the API says what is wrong. The codes are stable; the sentences
# are not. `templates_app.graph.rules.argument_rules` takes both into its rules.
PROBLEM_CODES: Mapping[str, str] = {
    "missing_argument": "`{field}` is required.",
    "invalid_type": "`{field}` must be {needs}; got {sent:quoted}.",
    "out_of_range": "`{field}` must be {needs}; got {sent:quoted}.",
    "invalid_enum": "`{field}` is {value:quoted}. Use one of: {allowed}.",
    "invalid_length": "`{field}` must have {needs}; got {sent:quoted}.",
    "invalid_media": "`{field}` isn't a media reference: {why}.",
    "unequal_lengths": "`{field}` and `{other}` must have the same number of entries.",
}
# What an argument must be or have, and why it is no media reference.
PHRASES: Mapping[str, str] = {
    "true_or_false": "true or false",
    "a_number": "a number",
    "a_whole_number": "a whole number",
    "a_text": "text",
    "a_shape": "a shape such as 16:9, or pixels such as 1080x1350",
    "an_object": "an object",
    "from": "{low}{unit} or more",
    "between": "between {low} and {high}{unit}",
    "characters_at_most": "at most {limit} characters",
    "characters_at_least": "at least {limit} characters",
    "entries_at_most": "at most {limit} entries",
    "entries_at_least": "at least {limit} entries",
    "one_entry_at_least": "at least 1 entry",
    "one_medium": "one {kind}",
    "media_forms": "it must be one {kind}: a result's position (0 is the first), -1 for the first"
    " {kind} sent, or an https URL",
    "inline_media": "it must not contain inline data; upload the file and send its URL",
    "media_url_too_long": "its URL is longer than {limit} characters",
}
_WRITER = Writer(PHRASES)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct. argument: as the caller wrote it. params: fill the code's sentence.

    params always hold `field`: the argument, or the part of it that is wrong, as `cues[1].start`.
    """

    argument: str
    code: str
    params: Mapping[str, Any]

    @property
    def message(self) -> str:
        """Return what is wrong and what to send, in the words of the API."""
        return _WRITER.write(PROBLEM_CODES[self.code], self.params)


class Unreadable(Exception):
    """A value cannot be read. `where` is the path below the argument, such as `[0].text`."""

    def __init__(self, code: str, where: str = "", /, **params: Any) -> None:
        self.code, self.where, self.params = code, where, params
        super().__init__(code)

    def inside(self, where: str) -> Unreadable:
        return Unreadable(self.code, where + self.where, **self.params)

    def problem(self, argument: str) -> Problem:
        return Problem(argument, self.code, {"field": argument + self.where, **self.params})
