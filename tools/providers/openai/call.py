"""One tool call at one service: its client, its model, its prices, and files for and from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from core.errors import ProviderError
from tools.providers.call_files import CallFiles
from tools.providers.openai.client import OpenAIClient
from tools.providers.openai.endpoint import Endpoint

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class ServiceCall(CallFiles):
    """The call that a tool's module works on."""

    endpoint: Endpoint
    client: OpenAIClient
    # Of all requests together: tokens in and out, as the service counted them.
    tokens: tuple[int, int] = (0, 0)

    @property
    def who(self) -> str:
        return f"{self.name} ({self.endpoint.host})"

    @property
    def params(self) -> Mapping[str, Any]:
        return self.job.params

    def key(self, place: int) -> str:
        """Return the key by which a repeated request for one part of the job is recognized."""
        return f"{self.job.key}:{place}"

    def several(self, count: int, make: Callable[[int], T]) -> list[T]:
        """Make so many, one paid request each. When one fails after others came: those, and a
        warning, for they are paid; unless trying again pays nothing twice. Raises what the first
        raises."""
        results: list[T] = []
        for place in range(count):
            self.context.submitting({"model": self.model, "place": place})
            try:
                results.append(make(place))
            except ProviderError as error:
                if not results or (error.retryable and self.endpoint.idempotency_key):
                    raise
                self.warn(f"Some results are missing: {error.message}")
                break
            self.context.progress((place + 1) / count)
        return results

    def count_tokens(self, answer: Mapping[str, Any]) -> None:
        """Add what an answer's `usage` says; images and chat call it differently."""
        usage = answer.get("usage")
        if isinstance(usage, dict):
            input_tokens = usage.get("input_tokens", usage.get("prompt_tokens"))
            output_tokens = usage.get("output_tokens", usage.get("completion_tokens"))
            self.tokens = (
                self.tokens[0] + _count(input_tokens),
                self.tokens[1] + _count(output_tokens),
            )

    def cost_milli(self, results: int) -> int | None:
        """Thousandths of a unit that so many results really cost; None: as quoted."""
        price = self.endpoint.prices.get(self.model)
        if price is None:
            return None
        if price.input is None and price.output is None:
            return None if price.each is None else round(1000 * price.each * results)
        if not any(self.tokens):
            return None if price.each is None else round(1000 * price.each * results)
        units = (self.tokens[0] * (price.input or 0) + self.tokens[1] * (price.output or 0)) / 1e6
        return round(1000 * (units + (price.each or 0) * results))

    def download(self, address: str, path: Path) -> None:
        self.client.download(address, path)

    def is_own(self, address: str) -> bool:
        return self.client.is_own(address)


def warn_ignored(call: ServiceCall, *names: tuple[str, str]) -> None:
    """Warn about arguments that the service has no word for. names: (argument, what people call
    it)."""
    phrases = [words for argument, words in names if _is_given(call.params.get(argument))]
    if phrases:
        call.warn(f"{call.model} doesn't support {_join_words(phrases)}. Ignored.")


def extras(call: ServiceCall) -> dict[str, Any]:
    """Parameters beyond OpenAI's own that this service takes; warns where one was asked for."""
    values = {
        "seed": call.job.seed,
        "negative_prompt": call.params.get("negativePrompt"),
        "guidance_scale": call.params.get("guidance"),
    }
    parameters = call.endpoint.extra_parameters
    phrases = (("seed", "a seed"), ("guidance", "guidance"))
    warn_ignored(call, *(pair for pair in phrases if _EXTRA_OF[pair[0]] not in parameters))
    return {name: values[name] for name in parameters if _is_given(values[name])}


_EXTRA_OF = {"seed": "seed", "guidance": "guidance_scale"}


def _is_given(value: Any) -> bool:
    return value is not None and value != "" and value != [] and value != -1


def _join_words(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
