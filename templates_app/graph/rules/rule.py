"""The class of a rule: everything there is to say about one issue code."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar, Final, TypeAlias

from templates_app.graph.issues import Fix, Issue, Severity, issue
from templates_app.graph.rules.context import ArtifactUse, Context, Reference, ToolCall
from templates_app.graph.rules.fix_builder import FixBuilder
from templates_app.graph.spec import Stage

# A part of sentences: for both voices, or for the API and for people.
Words: TypeAlias = str | tuple[str, str]

# Of the rules that were imported so far; `registry` imports all and hands them out.
RULES_BY_CODE: Final[dict[str, Rule]] = {}
PHRASES: Final[dict[str, Words]] = {}


class Rule:
    """One issue code: its sentences, its line in the reference, what finds it and what clears it.

    A class that names its `code` is registered. Issues that are made while a template is read or
    compiled are found there; their rules override no check.

    api, person: patterns of `core.phrases.Writer`, filled with the issue's parameters. api names
    fields and the remedy; person, for the browser, uses titles: `{stage:stage}`, and so on with
    `:input`, `:field`, `:tool` and `:source` (see `messages.Titles`). person "": people never see
    it. about: one line for the reference page. phrases: parts of sentences that an issue's
    parameters name by key; keys are unique among all rules.
    """

    code: ClassVar[str]
    level: ClassVar[Severity] = "error"
    # What may still change before a run, such as a missing argument, doesn't stop a save.
    warns_on_save: ClassVar[bool] = False
    about: ClassVar[str]
    api: ClassVar[str]
    person: ClassVar[str] = ""
    phrases: ClassVar[Mapping[str, Words]] = {}
    # Which references check_reference is asked about; "" is for those that cannot be read.
    roots: ClassVar[Collection[str]] = ("inputs", "artifacts", "item", "run", "")
    # Where a person clears it when no op can; offered last.
    opens: ClassVar[Fix | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            return  # What several rules share.
        missing = [name for name in ("about", "api") if not getattr(cls, name, "")]
        if missing:
            raise TypeError(f"{cls.__name__} must declare: {', '.join(missing)}")
        if cls.code in RULES_BY_CODE:
            raise TypeError(f"{cls.__name__}: another rule has the code {cls.code}")
        duplicates = PHRASES.keys() & cls.phrases.keys()
        if duplicates:
            raise TypeError(f"{cls.__name__}: another rule has the phrases {sorted(duplicates)}")
        RULES_BY_CODE[cls.code] = cls()
        PHRASES.update(cls.phrases)

    # -- checks, called while a template is validated --------------------------------------------

    def check_template(self, context: Context) -> Iterable[Issue]:
        """Issues of the template as a whole; called once, after all stages."""
        return ()

    def check_stage(self, stage: Stage, context: Context) -> Iterable[Issue]:
        """Issues of a stage's own fields; called before its bindings are looked at."""
        return ()

    def check_use(self, use: ArtifactUse, context: Context) -> Iterable[Issue]:
        """Issues of an artifact that a stage names, wherever it names it."""
        return ()

    def check_reference(self, reference: Reference, context: Context) -> Iterable[Issue]:
        """Issues of a text that begins with `$`: a binding, or one that cannot be read."""
        return ()

    def check_call(self, call: ToolCall, context: Context) -> Iterable[Issue]:
        """Issues of a call of a tool: of a stage, of a batch's item or of a sub-stage."""
        return ()

    def issue(
        self,
        stage: Stage | None = None,
        *,
        path: str = "",
        argument: str = "",
        severity: Severity | None = None,
        **params: Any,
    ) -> Issue:
        """An issue of this rule, for checks. path: the stage's own unless it is given."""
        usual: Severity = "warning" if self.warns_on_save else self.level
        return issue(
            self.code,
            path=path or (stage.path if stage is not None else ""),
            argument=argument,
            stage_id=stage.id if stage is not None else None,
            severity=severity or usual,
            **params,
        )

    def issue_at(self, reference: Reference, **params: Any) -> Issue:
        """An issue of this rule about a reference."""
        where, argument = reference.path, reference.argument
        return self.issue(reference.stage, path=where, argument=argument, **params)

    # -- fixes, asked for when the editor shows an issue ------------------------------------------

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        """Clear the issue with one click and no new error; None where it is unclear how.

        It finds its place by the issue's `at` and `params`, never by a sentence.
        """
        return None

    def other_fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        """A second way to clear it."""
        return None

    def fixes(self, issue: Issue, build: FixBuilder) -> tuple[Fix, ...]:
        """All ways to clear it, the likeliest first."""
        fixes = (self.fix(issue, build), self.other_fix(issue, build))
        usable = tuple(fix for fix in fixes if fix is not None and fix.ops)
        return usable if self.opens is None else (*usable, self.opens)
