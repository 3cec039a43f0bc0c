"""What of the rules and phrases is of use: how many are hit, and what is lost without them.

.venv/bin/python -m tests.support.rule_hits briefs     phrases of each table, and each file of them
.venv/bin/python -m tests.support.rule_hits requests   rules of each module of changes

`pinned` are the cases with an expectation, `corpus` those without. Lost is a pinned case that is
right with all rules only; changed is a text of the corpus that is read in another way. Nothing is
changed on disk: rules and phrases are taken out in memory.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from core.language.phrases import Match, Phrases, Words, folded_tokens
from core.language.tables import Tables
from tests.support.builders.corpus import corpus_briefs, corpus_changes

LANGUAGES = ("en", "de", "fr", "es")
SAMPLES = ("a-story-told", "vertical-product-drop")
Entries = Mapping[str, Mapping[Any, str]]


class TableNames:
    """Where tables are loaded from: "sound.cues", by the table."""

    def __init__(self) -> None:
        self.by_id: dict[int, str] = {}
        self.tables: list[Phrases[Any]] = []
        for method in ("phrases", "phrase_list"):
            self._watch(method)

    def _watch(self, method: str) -> None:
        load = getattr(Tables, method)

        def watched(tables: Tables, subject: str, name: str, *rest: Any) -> Phrases[Any]:
            table: Phrases[Any] = load(tables, subject, name, *rest)
            self.by_id[id(table)] = f"{subject}.{name}"
            self.tables.append(table)
            return table

        setattr(Tables, method, watched)

    def of(self, table: Phrases[Any]) -> str:
        return self.by_id.get(id(table), "literal")


def entries_of(table: Phrases[Any]) -> Entries:
    """Return language → meaning → phrases."""
    return table._tables()


@contextmanager
def other_entries(changed: Mapping[Phrases[Any], Entries]) -> Iterator[None]:
    """Give tables other entries for a while."""
    before = {table: table._tables for table in changed}
    for table, entries in changed.items():
        _set(table, partial(_same, entries))
    try:
        yield
    finally:
        for table, load in before.items():
            _set(table, load)


def _same(entries: Entries) -> Entries:
    return entries


def _set(table: Phrases[Any], load: Callable[[], Entries]) -> None:
    table._tables = load  # type: ignore[assignment]
    table._of = Phrases(load)._of


@contextmanager
def counted(hits: Counter[tuple[str, tuple[str, ...]]], names: TableNames) -> Iterator[None]:
    """Count the phrases that match, by table."""
    match = Phrases.match

    def counting(
        table: Phrases[Any], words: Words, at: int, end: int | None = None
    ) -> Match[Any] | None:
        result = match(table, words, at, end)
        if result:
            hits[names.of(table), tuple(words.word[result.i : result.j])] += 1
        return result

    Phrases.match = counting  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Phrases.match = match  # type: ignore[method-assign]


def is_hit(phrase: str, hits: Collection[tuple[str, ...]]) -> bool:
    """Return whether one of the matches is of this phrase."""
    parts = folded_tokens(phrase)
    return any(
        len(hit) == len(parts)
        and all(part in ("#", word) for part, word in zip(parts, hit, strict=True))
        for hit in hits
    )


def report_briefs() -> None:
    """Print a row for each table of phrases, and what whole files are worth."""
    names = TableNames()
    import compose.brief as package
    from compose.brief.read import read_brief
    from tests.support.builders.briefs import briefs, differences

    for info in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"compose.brief.{info.name}")
    pinned = [row for group in ("planned", "more", "unseen", "work") for row in briefs(group)]
    corpus = [brief for language in LANGUAGES for brief in corpus_briefs(language)]

    def right() -> int:
        return sum(not differences(read_brief(row["brief"]), row["want"]) for row in pinned)

    hits: dict[str, Counter[tuple[str, tuple[str, ...]]]] = {}
    for title, run in (("pinned", right), ("corpus", lambda: [read_brief(one) for one in corpus])):
        hits[title] = Counter()
        with counted(hits[title], names):
            run()
    all_right, all_read = right(), [read_brief(brief) for brief in corpus]

    def changed() -> int:
        return sum(read_brief(brief) != read for brief, read in zip(corpus, all_read, strict=True))

    print(f"{all_right} of {len(pinned)} pinned briefs are right; {len(corpus)} in the corpus")
    print(f"{'table':28}{'listed':>7}{'pinned':>7}{'corpus':>7}{'lost':>6}{'changed':>8}  unhit")
    unhit: dict[Phrases[Any], Entries] = {}
    files: dict[str, list[Phrases[Any]]] = defaultdict(list)
    total: Counter[str] = Counter()
    for table in sorted(names.tables, key=names.of):
        name = names.of(table)
        files[name.partition(".")[0]].append(table)
        heard = {
            title: {words for at, words in count if at == name} for title, count in hits.items()
        }
        both = heard["pinned"] | heard["corpus"]
        unhit[table], idle = _without(entries_of(table), both)
        listed = sum(
            len(phrases.split(","))
            for rows in entries_of(table).values()
            for phrases in rows.values()
        )
        with other_entries({table: {}}):
            loss = f"{all_right - right():6}{changed():8}"
        print(
            f"{name:28}{listed:7}{len(heard['pinned']):7}{len(heard['corpus']):7}{loss}"
            f"  {dict(idle)}",
            flush=True,
        )
        total.update(listed=listed, unhit=sum(idle.values()))
    for file, tables in files.items():
        with other_entries({table: {} for table in tables}):
            print(f"without {file}.toml: {all_right - right()} lost, {changed()} changed")
    with other_entries(unhit):
        print(
            f"without {total['unhit']} phrases of {total['listed']} that none hits: "
            f"{all_right - right()} lost, {changed()} changed"
        )


def _without(entries: Entries, hits: Collection[tuple[str, ...]]) -> tuple[Entries, Counter[str]]:
    """Return the entries that are hit, and how many of each language are not."""
    remaining: dict[str, dict[Any, str]] = {}
    idle: Counter[str] = Counter()
    for language, rows in entries.items():
        remaining[language] = {}
        for meaning, listed in rows.items():
            phrases = [phrase.strip() for phrase in listed.split(",") if phrase.strip()]
            useful = [phrase for phrase in phrases if is_hit(phrase, hits)]
            idle[language] += len(phrases) - len(useful)
            if useful:
                remaining[language][meaning] = ", ".join(useful)
    return remaining, idle


def report_requests() -> None:
    """Print a row for each module of rules, and the rules that nothing hits."""
    from compose.changes import reader, revise
    from compose.changes.change import Change, Refused
    from compose.changes.clause import Clause, Rule
    from tests.support.builders.planning import TOOLS

    cases = json.loads(Path("tests/fixtures/template_changes.json").read_text())
    names = {case["sample"] for case in cases} | set(SAMPLES)
    samples = {
        name: json.loads(Path(f"builder/ops/samples/{name}.json").read_text()) for name in names
    }
    pairs = [(change, sample) for change in corpus_changes() for sample in SAMPLES]
    rules = reader.RULES

    def results(active: tuple[Rule, ...]) -> tuple[set[int], list[Any]]:
        """Return which pinned cases are right, and what the corpus leads to."""
        reader.RULES = active  # type: ignore[misc]
        right = set()
        for number, case in enumerate(cases):
            result = revise(samples[case["sample"]], case["asked"], (), TOOLS)
            if [*result.changes] == case["changes"] and [*result.warnings] == case["warnings"]:
                right.add(number)
        return right, [revise(samples[sample], change, (), TOOLS) for change, sample in pairs]

    hits: Counter[int] = Counter()

    def counting(number: int, rule: Rule) -> Rule:
        def read(clause: Clause) -> list[Change] | None:
            try:
                changes = rule.changes(clause)
            except Refused:
                hits[number] += 1
                raise
            hits[number] += changes is not None
            return changes

        return Rule(rule.text, read, rule.is_scoped, rule.is_free)

    right, changes = results(tuple(counting(*row) for row in enumerate(rules)))
    understood = sum(bool(result.changes) for result in changes)
    print(
        f"{len(right)} of {len(cases)} pinned requests are right; of {len(pairs)} of the corpus "
        f"{understood} change something; {len(hits)} of {len(rules)} rules are hit"
    )
    modules: dict[str, list[int]] = defaultdict(list)
    for number, rule in enumerate(rules):
        modules[rule.changes.__module__].append(number)
    print(f"{'module':44}{'lines':>6}{'rules':>6}{'hit':>5}{'lost':>6}{'changed':>8}")
    for module, numbers in modules.items():
        remaining = tuple(rule for number, rule in enumerate(rules) if number not in numbers)
        other_right, other_changes = results(remaining)
        differing = sum(one != other for one, other in zip(changes, other_changes, strict=True))
        lines = len(Path(f"{module.replace('.', '/')}.py").read_text().splitlines())
        print(
            f"{module:44}{lines:6}{len(numbers):6}{sum(n in hits for n in numbers):5}"
            f"{len(right - other_right):6}{differing:8}",
            flush=True,
        )
    for number, rule in enumerate(rules):
        if number not in hits:
            print("never hit:", rule.changes.__module__, rule.changes.__name__, rule.text[:70])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.settings")
    {"briefs": report_briefs, "requests": report_requests}[sys.argv[1]]()
