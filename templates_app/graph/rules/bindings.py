"""Bindings: texts that begin with `$`, and the values they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from templates_app.graph.bindings import Broken, Ref, find_refs, read_text
from templates_app.graph.given_values import not_given, value_read
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.rules.argument_sources import input_for
from templates_app.graph.rules.batches import list_to_repeat
from templates_app.graph.rules.context import Context, Reference
from templates_app.graph.rules.fix_builder import CallSite, FixBuilder
from templates_app.graph.rules.rule import Rule
from templates_app.graph.spec import MAX_INPUTS
from templates_app.graph.wiring import words_of
from tools.declaration.arguments import read_arguments

_INPUT_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", re.ASCII)
_ROOT_AND_REST: Final = re.compile(r"\$([A-Za-z_-]+)(?:\.(.+))?")


class InvalidBindingSyntax(Rule):
    code = "invalid_binding_syntax"
    about = "A text begins with `$` but cannot be read as a binding."
    api = 'Invalid reference "{text}": {why}. For a literal dollar sign write "${text}".'
    person = "“{text}” isn't a valid reference: {why}."
    # The editor reads bindings while they are typed and words what is wrong by these patterns.
    phrases = {
        "known_roots": "a reference begins with one of {roots}",
        "unexpected": "unexpected “{character}”",
        "name_after_dot": "a name is missing after a dot",
        "close_bracket": "close the bracket",
        "position_or_all": "use a number from 0, or *, between brackets",
        "root_needs_name": "${root} needs a name, as in ${root}.example",
    }
    roots = ("",)

    def check_reference(self, reference: Reference, context: Context) -> Iterable[Issue]:
        ref = reference.ref
        if isinstance(ref, Broken):
            return [self.issue_at(reference, text=ref.text, why=ref.why)]
        return ()

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        if call is None:
            return None
        text = str(issue.params["text"])
        suggestion = _probable_reference(build, call, text)
        if suggestion is not None:
            return build.replace_reference(call, issue, text, suggestion, f"Use {suggestion}")
        if issue.at.argument == "overBinding":
            return list_to_repeat(build, call)
        return build.replace_reference(call, issue, text, f"${text}", "Use as plain text")


class UnknownInput(Rule):
    code = "unknown_input"
    about = "A binding names an input that the template does not declare."
    api = '"{text}" refers to undeclared input "{name}". Add it to `inputs` or fix the name.'
    person = "{field:field} uses the input {name}, which doesn't exist."
    roots = ("inputs",)

    def check_reference(self, reference: Reference, context: Context) -> Iterable[Issue]:
        ref = reference.ref
        if not isinstance(ref, Ref) or ref.name in context.inputs:
            return ()
        if ref.name in context.spec.unreadable:
            return ()  # It is declared, and what is wrong with it has an issue.
        return [self.issue_at(reference, text=ref.text, name=ref.name)]

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        ref = build.named_ref(call, issue, "inputs") if call is not None else None
        if call is None or ref is None:
            return None
        near = build.nearest(ref.name, build.inputs)
        if near is not None:
            text = ref.text.replace(f"$inputs.{ref.name}", f"$inputs.{near}", 1)
            return build.replace_reference(
                call, issue, ref.text, text, f"Use the input {words_of(near)}"
            )
        declaration = input_for(build, call, issue.at.argument)
        if declaration is None or not _INPUT_NAME.fullmatch(ref.name):
            return build.without(call, issue, ref.text)
        # A name may be taken by an input that cannot be read.
        if ref.name in build.input_names() or len(build.order("inputs")) >= MAX_INPUTS:
            return build.without(call, issue, ref.text)
        kind, fields = declaration
        op = build.declare(ref.name, kind, **fields)
        return Fix(f"Add input {words_of(ref.name)}", (op,))


class BindingNotSupported(Rule):
    code = "binding_not_supported_yet"
    about = "The binding is well formed, but this server cannot carry such a value."
    api = '"{text}" isn\'t supported here: {why}.'
    person = "{field:field} can't use this value: {why}."
    phrases = {
        "takes_media": ("`{field}` takes media", "it takes media"),
        "only_with_item": (
            "with $item, only $artifacts and $inputs are allowed",
            "with “Item”, only connections are allowed",
        ),
        "only_as_one_list": (
            "the template goes over it, so give one list, not parts of one",
            "connect one list; the template goes over it",
        ),
        "no_media_field": ("media has no such field; use the input itself", "use the input itself"),
        "media_reference_forms": (
            "refer to media as $artifacts.name.items[0].selectedVersion.url, or with items[*] for"
            " all of a list",
            "connect the stage's result",
        ),
        "takes_no_media": (
            '`{field}` doesn\'t take media, and "{source}" gives {kind}. Use its text, or an'
            " item's label or id",
            "it doesn't take media, and {source:stage} makes {kind:a}. Use its text, or an item's"
            " label or id",
        ),
        "run_fields": "available run fields: {fields}",
        "no_media_argument": ("`{field}` of {tool} doesn't take media", "it doesn't take media"),
        "a_transform": "the transform {transform}",
        "the_binding": "the binding",
    }

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        if call is None or not issue.at.argument:
            return None
        ref = read_text(str(issue.params["text"]))
        if not isinstance(ref, Ref) or ref not in build.refs(call, issue):
            return None
        if ref.path and build.port_of(call, issue.at.argument) is not None:
            if ref.root == "inputs":
                short = f"$inputs.{ref.name}"
                return build.replace_reference(call, issue, ref.text, short, f"Use {short}")
            medium = f"$artifacts.{ref.name}.items[0].selectedVersion.url"
            return build.replace_reference(call, issue, ref.text, medium, "Use its first result")
        return build.without(call, issue, ref.text)


class BindingNotFound(Rule):
    code = "binding_not_found"
    about = "A binding's path leads to nothing inside the value that was given."
    api = '"{text}": input "{name}" has no "{segment}".'
    person = "{name:input} has no part named {segment}."

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        ref = build.named_ref(call, issue, "inputs") if call is not None else None
        if call is None or ref is None or not ref.path:
            return None
        short = f"$inputs.{ref.name}"
        return build.replace_reference(call, issue, ref.text, short, f"Use {short}")


class ValueNotGiven(Rule):
    code = "value_not_given"
    warns_on_save = True
    about = (
        "A binding reads a value that the provider chosen for the stage does not give. A warning on"
        " save, an error on start."
    )
    api = (
        '"{text}" needs "{name}" of "{source}", which {provider} doesn\'t give with {tool}. {gives}'
        " Choose another model or provider for that stage, or write the value."
    )
    person = (
        "{field:field} needs {name} from {source:stage}, which {provider} doesn't give. Choose"
        " another model for that stage, or write the value."
    )
    phrases = {
        "gives_values": "It gives {values}.",
        "gives_media_only": "It gives media only.",
    }
    roots = ("artifacts",)

    def check_reference(self, reference: Reference, context: Context) -> Iterable[Issue]:
        ref = reference.ref
        name = value_read(ref) if isinstance(ref, Ref) else ""
        if not name or not isinstance(ref, Ref):
            return ()
        source = context.source_of(ref.name, reference.position)
        if source is None or source.type != "fixed" or not source.tool:
            return ()
        tool = context.tools.get(source.tool)
        if tool is None:
            return ()
        # Bound arguments are not known yet; the provider is chosen by what is written.
        literals = {key: value for key, value in source.args.items() if not any(find_refs(value))}
        arguments = read_arguments(tool, literals, bound=frozenset(source.args)).params
        issue = not_given(
            context.tools.extra_values(tool.name, arguments),
            name=name,
            text=ref.text,
            source=source.id,
            tool=source.tool,
            path=reference.path,
            argument=reference.argument,
            stage_id=reference.stage.id,
        )
        if issue is not None:
            return (replace(issue, severity="warning"),)
        return ()


def _probable_reference(build: FixBuilder, call: CallSite, text: str) -> str | None:
    """`$input.brief` and `$brief` mean an input, `$artifact.look` and `$look` an artifact."""
    parts = _ROOT_AND_REST.fullmatch(text)
    if parts is None:
        return None
    root, rest = parts[1], parts[2]
    position = build.position(call)
    if rest is None:
        if root in build.inputs:
            return f"$inputs.{root}"
        source = build.source_of(root, position)
        if source is None or not build.may_feed(source, call.stage):
            return None
        return f"$artifacts.{root}.items[0].selectedVersion.url"
    near = build.nearest(root, ("inputs", "artifacts"), 0.6)
    ref = read_text(f"${near}.{rest}") if near is not None else None
    if not isinstance(ref, Ref):
        return None
    if ref.root == "inputs":
        return ref.text if ref.name in build.inputs else None
    source = build.source_of(ref.name, position)
    return ref.text if source and build.may_feed(source, call.stage) else None
