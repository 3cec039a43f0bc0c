"""Labels that no worker has though they are needed, in sentences for operators."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from builder.operator import queue_status
from runs.engine import worker_registry
from tools import registry
from tools.declaration.labels import USUAL_LABELS


@dataclass(frozen=True, slots=True)
class LabelWarning:
    """says: what is wrong, without a full stop. remedy: a sentence."""

    says: str
    remedy: str


def label_warnings(also: Collection[str] = ()) -> list[LabelWarning]:
    """Labels without a living worker: those that ready steps wait for, then those of providers that
    have no work yet. also: labels of workers that are about to start.

    While there is no worker at all, which has a message of its own, the usual labels are left out.
    """
    living = worker_registry.living_labels() | set(also)
    waiting = {row.name: row.load.ready for row in queue_status.missing_labels()}
    found = []
    for label, count in waiting.items():
        if label not in living and (living or label not in USUAL_LABELS):
            which = "1 step is" if count == 1 else f"{count:,} steps are"
            found.append(_warning(f"{which} ready and no living worker has label {label}", label))
    if living:
        needed = {registry.label_of(provider): provider.name for provider in registry.providers()}
        for label, provider in needed.items():
            if label not in living and label not in waiting and label not in USUAL_LABELS:
                says = f"{provider} has label {label} and no living worker has it"
                found.append(_warning(says, label))
    return found


def _warning(says: str, label: str) -> LabelWarning:
    return LabelWarning(says, f"Start one: `manage.py worker --labels {label}`.")
