"""Arguments that a tool's form refuses, and prompts that no one can draw.

Their issues come from `tools.declaration.argument_problems`, which also words them for the API.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from core.phrases import show
from templates_app.graph.bindings import plain
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.rewriting import GONE
from templates_app.graph.rules.argument_sources import fill_parameter, fill_port
from templates_app.graph.rules.context import Context, ToolCall
from templates_app.graph.rules.fix_builder import CallSite, FixBuilder
from templates_app.graph.rules.nearest_value import fits, nearest_value
from templates_app.graph.rules.rule import Rule
from templates_app.graph.undrawn import undrawn
from tools.declaration.argument_problems import PHRASES, PROBLEM_CODES
from tools.declaration.ports import Port, spellings

# A longer value doesn't fit on a button.
_LABEL_LENGTH: Final = 24


class MissingArgument(Rule):
    code = "missing_argument"
    warns_on_save = True
    about = "A required argument of the tool is absent. A warning on save, an error on start."
    api = PROBLEM_CODES["missing_argument"]
    person = "{field:lack}."

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        return fill_missing(issue, build)


class RefusedArgument(Rule):
    """Shared by the rules whose fix is the nearest value that the tool takes."""

    warns_on_save = True

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        return fix_argument(issue, build)


class InvalidType(RefusedArgument):
    code = "invalid_type"
    about = "An argument or an input value has the wrong type. A warning on save for arguments."
    api = PROBLEM_CODES["invalid_type"]
    person = "{field:field} must be {needs}."
    # What an argument must be or have.
    phrases = {
        **PHRASES,
        "media_forms": (PHRASES["media_forms"], "choose {kind:a}"),
        "inline_media": (PHRASES["inline_media"], "upload the file instead of pasting it"),
        "an_object": (PHRASES["an_object"], "a set of fields"),
        "one_of_input": (
            "one {kind}; choose it, as in $inputs.{name}[0]",
            "one {kind}; choose one from {name:input}",
        ),
    }


class OutOfRange(RefusedArgument):
    code = "out_of_range"
    about = "A number is outside its range. A warning on save, an error on start."
    api = PROBLEM_CODES["out_of_range"]
    person = "{field:field} must be {needs}."


class InvalidLength(RefusedArgument):
    code = "invalid_length"
    about = "A text or a list is too short or too long. A warning on save for arguments."
    api = PROBLEM_CODES["invalid_length"]
    person = "{field:field} must have {needs}."


class InvalidMedia(RefusedArgument):
    code = "invalid_media"
    about = "A value that should name a file is no position and no usable address."
    api = PROBLEM_CODES["invalid_media"]
    person = "{field:field} has no valid file: {why}."
    opens = Fix("Choose a file", opens="field")
    # URLs of media.
    phrases = {
        "data_url": "data: URLs aren't allowed; upload the file and use its URL",
        "url_too_long": "the URL is longer than {limit} characters",
        "url_spaces": "the URL contains spaces; percent-encode them",
        "url_unreadable": "the URL can't be read; use a full https:// URL",
        "url_incomplete": "use a full https:// URL",
        "url_credentials": "the URL contains a username; remove the credentials",
        "url_https": "use https, not http, for {host}",
    }


class UnequalLengths(Rule):
    code = "unequal_lengths"
    warns_on_save = True
    about = "Two lists that belong together, such as `loras` and `loraStrengths`, differ in length."
    api = PROBLEM_CODES["unequal_lengths"]
    person = "{field:field} and {other:field} need the same number of entries."

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        if call is None or call.tool is None:
            return None
        strengths = call.caller.args.get(issue.at.argument)
        loras = next(
            (value for name, value in call.caller.args.items() if name in spellings("loras")), None
        )
        if not isinstance(strengths, list):
            return None
        count = len(loras) if isinstance(loras, list) else int(isinstance(loras, str))
        if not count:
            return Fix("Remove the strengths", (build.write(call, issue.at.argument),))
        as_many = [*strengths[:count], *[1] * (count - len(strengths))]
        return Fix("Match their number", (build.write(call, issue.at.argument, as_many),))


def fill_missing(issue: Issue, build: FixBuilder) -> Fix | None:
    """Fill a required argument from what is there, else ask for it with a new input."""
    call = build.call_of(issue)
    if call is None or call.tool is None or not issue.at.argument:
        return None
    port = build.port_of(call, issue.at.argument)
    if port is not None:
        return fill_port(build, call, port, issue.at.argument)
    return fill_parameter(build, call, issue.at.argument)


def fix_argument(issue: Issue, build: FixBuilder) -> Fix | None:
    """Make the argument of an issue fit its tool, else take its default."""
    call, argument = build.call_of(issue), issue.at.argument
    if call is None or call.tool is None or argument not in call.caller.args:
        return None
    value = call.caller.args[argument]
    port = build.port_of(call, argument)
    if port is not None:
        return _fix_medium(build, call, argument, port)
    schema = build.schema_of(call, argument)
    if schema is None:
        return None
    near = nearest_value(schema, plain(value))
    if near is not GONE and fits(call, argument, near):
        is_short = isinstance(near, (str, int, float)) and len(show(near)) <= _LABEL_LENGTH
        label = f"Use {show(near)}" if is_short else "Shorten"
        return Fix(label, (build.write(call, argument, near),))
    if schema.get("x-reelgraph", {}).get("required"):
        return None
    return Fix("Use the default", (build.write(call, argument),))


def _fix_medium(build: FixBuilder, call: CallSite, argument: str, port: Port) -> Fix | None:
    """The entries that are usable, as many as the port takes; else nothing."""
    value = call.caller.args[argument]
    if isinstance(value, list):
        most = (port.max_items or len(value)) if port.many else 1
        good = [item for item in value if fits(call, argument, item)][:most]
        if good and good != value:
            usable = good if port.is_list(argument) or len(good) > 1 else good[0]
            if fits(call, argument, usable):
                label = "Keep the first" if len(good) == 1 else f"Keep the first {len(good)}"
                return Fix(label, (build.write(call, argument, usable),))
    return Fix("Remove", (build.write(call, argument),))


class NotDrawn(Rule):
    code = "not_drawn"
    level = "warning"
    about = "A prompt has things, or a text letters, that the built-in studio would leave out."
    api = (
        "The draft studio can't draw: {words}. Use other words, or choose another provider for"
        ' "{tool}".'
    )
    person = "The draft studio can't draw: {words}."

    def check_call(self, call: ToolCall, context: Context) -> Iterable[Issue]:
        def default_of(name: str) -> Any:
            """Return an input's default, which is drawn if no one types."""
            input_ = context.inputs.get(name)
            return input_.default if input_ is not None else None

        return [
            self.issue(
                call.stage,
                path=call.args_path,
                argument=row.argument,
                words=tuple(row.words),
                tool=call.caller.tool,
            )
            for row in undrawn(call.stage, call.caller, default_of, context.tools)
        ]
