"""The language model as a service: what it is, for those who ask it.

It does no tool's work, so no step is ever routed to it; what it shares with services that do is how
it is set up, tried, limited, paused and turned off.
"""

from __future__ import annotations

from typing import NoReturn

from tools.providers.base import Job, JobContext, Provider, Submit, Visit
from tools.providers.openai import OpenAIProvider
from tools.providers.openai.endpoint import Endpoint, doubts

# How a service of this kind is written in the settings.
KIND = "language-model"
NO_MODEL = "it names no model. Write one that the service lists."
# In the place of a name that is still to be chosen from the service's list.
NO_NAME = "-"


class LanguageModel(Provider):
    """A service with OpenAI's chat completions, and its model. model: "" until one is named."""

    version = "1"
    submit: Submit = "blind"
    is_for_everyone = True
    # A model on a small machine is loaded first.
    try_s = 45.0

    def __init__(self, name: str, model: str, endpoint: Endpoint) -> None:
        self.name = name
        self.title = endpoint.title or name
        self.model = model
        self.endpoint = endpoint

    def __repr__(self) -> str:
        return f"<LanguageModel {self.name} at {self.endpoint.host}>"

    def tools(self) -> frozenset[str]:
        return frozenset()

    def run(self, job: Job, context: JobContext) -> NoReturn:
        raise NotImplementedError(f"{self.name} does no tool's work")

    def problems(self) -> tuple[str, ...]:
        return (*doubts(self.endpoint), *(() if self.model else (NO_MODEL,)))

    def visits(self) -> tuple[Visit, ...]:
        (visit,) = OpenAIProvider(self.name, self.endpoint).visits()
        missing = (f"it doesn't have {NO_NAME}",) if not self.model else ()
        own = tuple(problem for problem in visit.problems if problem not in missing)
        return (Visit(visit.says, visit.is_away, (*self.problems(), *own), visit.models),)

    def refusal(self) -> str:
        """Count another call; a sentence when it may take none now, else ""."""
        return ""
