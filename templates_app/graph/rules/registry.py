"""All rules, found by importing every module of this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from templates_app.graph import rules as folder
from templates_app.graph.rules.rule import PHRASES, RULES_BY_CODE, Rule, Words


def rules() -> Mapping[str, Rule]:
    """Every rule by its code, in the order of the alphabet."""
    _import_all()
    return RULES_BY_CODE


def phrases() -> Mapping[str, Words]:
    """The parts of sentences of all rules, by key."""
    _import_all()
    return PHRASES


@cache
def _import_all() -> None:
    for module in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}."):
        importlib.import_module(module.name)
    # Whichever module was imported first, issues of one place come in the same order.
    in_order = sorted(RULES_BY_CODE.items())
    RULES_BY_CODE.clear()
    RULES_BY_CODE.update(in_order)
