"""A service for final media as a provider: its models are rows, its words a dialect."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from math import prod
from typing import Any

from django.utils import timezone

from core.errors import ProviderError
from tools.declaration.model_facts import Model, ModelPrice
from tools.declaration.schema import model_named
from tools.providers.base import (
    ContentFilter,
    Facts,
    Job,
    JobContext,
    Misconfigured,
    Outcome,
    Price,
    Provider,
    Visit,
)
from tools.providers.http_failures import final
from tools.providers.makers import composition, job_state, learned_prices, prices, request
from tools.providers.makers.body import Missing, build
from tools.providers.makers.dialect import Client, Dialect
from tools.providers.makers.drafts import are_usable
from tools.providers.makers.job_state import JobState
from tools.providers.makers.options import Options
from tools.providers.makers.sizes import PIXELS, read_size
from tools.providers.makers.slot_tables import PORTS
from tools.providers.makers.slots import Slots, ignored_arguments
from tools.providers.makers.table import Offered, Place, Value, Way, offered_at, stale

CANCEL_S = 10.0
# Arguments that have the prompt.
_TEXTS = ("prompt", "description", "text")
# By tool, the port without whose file there is no request: it may not be there yet.
_PORT_OF = {
    "animate_photo": "image",
    **{tool: port for tool, (port, _) in composition.NEEDS.items()},
}
# What of a stored request tells its job from others; see makers.named_jobs.
_IDENTITY = frozenset({"model", "place", "id", "n", "at", "usd"})
# Beside files, what a chooser says that a model takes.
_FEATURES = ("seed", "negative", "sound", "mask")


class Maker(Provider):
    """One service with one key."""

    version = "1"

    def __init__(self, name: str, dialect: Dialect, options: Options) -> None:
        self.name, self.dialect, self.options = name, dialect, options
        self.title = options.title or dialect.title
        self.submit, self.needs_request = dialect.submit_kind, dialect.submit_kind == "findable"
        self.key_lifetime_s = dialect.key_lifetime_s
        self.takes_webhooks = dialect.takes_webhooks
        self.urls = {**dialect.urls, **options.hosts}
        if options.base_url:
            self.urls[""] = options.base_url
        self.day_milli = _milli(options.usd_per_day, options)
        self.person_day_milli = _milli(options.usd_per_day_person, options)
        self.refusals_per_hour, self.has_balance = options.refusals_per_hour, dialect.has_balance
        self._offered = _chosen(dialect, options)

    def __repr__(self) -> str:
        return f"<Maker {self.name}, {self.dialect.service}>"

    # -- models -----------------------------------------------------------------------------------

    @property
    def models_offered(self) -> tuple[Offered, ...]:
        """Every model that is offered, the usual ones first."""
        return self._offered

    def tools(self) -> frozenset[str]:
        return frozenset(tool for one in self._offered for tool in one.tools)

    def models(self, tool: str) -> tuple[str, ...]:
        return tuple(name for one in self._for(tool) for name in _names(one))

    def details(self, tool: str) -> tuple[Model, ...]:
        rate = self.options.credits_per_usd
        return tuple(_model_of(one, tool, rate) for one in self._for(tool))

    def version_of(self, tool: str, params: Mapping[str, Any]) -> str:
        one = self.offer_for(tool, params, {})
        version = f"{one.row.name}-{one.row.version}"
        is_own = tool.removeprefix("sogni_") in one.own_tools
        return version if is_own else f"{version}-parts-{composition.VERSION}"

    def content_filter(self, tool: str, params: Mapping[str, Any]) -> ContentFilter:
        return "on"

    def gives(self, tool: str, params: Mapping[str, Any]) -> frozenset[str] | None:
        return frozenset()

    def _for(self, tool: str) -> list[Offered]:
        """Those that do a tool: first those that do it in one request, and where a model has such a
        way, by that alone."""
        plain = tool.removeprefix("sogni_")
        able = [one for one in self._offered if plain in one.tools]
        own = [one for one in able if plain in one.own_tools]
        ways = {one.row.of for one in own}
        others = (one for one in able if plain not in one.own_tools and one.row.name not in ways)
        return [*own, *(one.for_tool(plain) for one in others)]

    def offer_for(
        self, tool: str, params: Mapping[str, Any], media: Mapping[str, Sequence[Any]]
    ) -> Offered:
        """Return the model that does a call: the one it names, else the first that can."""
        there = self._for(tool)
        model = model_named(params)
        matches = [one for one in there if model in _names(one)] or there
        return (
            next((one for one in matches if not self._why_not(one, tool, params, media)), None)
            or (matches[0])
        )

    def _why_not(
        self,
        one: Offered,
        tool: str,
        params: Mapping[str, Any],
        media: Mapping[str, Sequence[Any]],
    ) -> str:
        """Return why a model can't do a call; "" where it can, as far as that is known."""
        # A text that isn't there yet is no reason: a stage before this one may write it.
        arguments = {name: value for name, value in params.items() if value is not None}
        try:
            for call in self._calls(one, tool, dict.fromkeys(_TEXTS, "…") | arguments, media):
                build(one.place, one.row.title, call, lambda file, slot, encoding: "")
        except Missing as problem:
            return str(problem)
        return ""

    def _calls(
        self,
        one: Offered,
        tool: str,
        params: Mapping[str, Any],
        media: Mapping[str, Sequence[Any]],
    ) -> list[Slots[Any]]:
        plain = tool.removeprefix("sogni_")
        port = _PORT_OF.get(plain)
        if port and not media.get(port):
            media = {**media, port: (None,)}
        return composition.requests_of(one, plain, params, media)

    # -- money ------------------------------------------------------------------------------------

    def quote(
        self, tool: str, params: Mapping[str, Any], media: Mapping[str, Sequence[Facts | None]]
    ) -> Price | None:
        one = self.offer_for(tool, params, media)
        return self._quote(one.place, self._calls(one, tool, params, media))

    def draft_quote(
        self, tool: str, params: Mapping[str, Any], media: Mapping[str, Sequence[Facts | None]]
    ) -> Price | None:
        one = self.offer_for(tool, params, media)
        if one.place.draft is None or self._why_not(one, tool, params, media):
            return None
        return self._quote(one.place.variant("draft"), self._calls(one, tool, params, media))

    def final_quote(
        self,
        tool: str,
        params: Mapping[str, Any],
        media: Mapping[str, Sequence[Facts | None]],
        drafts: Sequence[Mapping[str, Any]],
    ) -> Price | None:
        one = self.offer_for(tool, params, media)
        calls = self._calls(one, tool, params, media)
        if not are_usable(drafts, one, self._account(), len(calls)):
            return None
        return self._quote(one.place.variant("final"), calls)

    def _account(self) -> str:
        return request.account_of(self.client().headers)

    def _quote(self, place: Place, calls: Sequence[Slots[Any]]) -> Price:
        each = [prices.dollars(place, call) for call in calls]
        share = learned_prices.share(self.name, place.price_name)
        total = share * sum((usd for usd, _ in each), Decimal(0))
        milli = prices.milli(total, self.options.credits_per_usd)
        return Price(milli, any(at_most for _, at_most in each))

    def price(self, tool: str, params: Mapping[str, Any]) -> int | None:
        quote = self.quote(tool, params, {})
        return None if quote is None else quote.milli

    # -- work -------------------------------------------------------------------------------------

    def client(self, check: Callable[[], None] = lambda: None, timeout_s: float = 0.0) -> Client:
        key = self.options.key.get_secret_value() if self.options.key else ""
        options = self.options
        if timeout_s:
            options = options.model_copy(update={"timeout_s": timeout_s})
        return Client(self.title, options, self.urls, self.dialect.headers(key), check)

    def run(self, job: Job, context: JobContext) -> Outcome:
        # Here, because a process that only lists tools needs no client.
        from tools.providers.makers.call import MakerCall

        offer = self._asked_before(job) or self.offer_for(job.tool, job.params, job.media)
        call = MakerCall(
            name=self.name,
            base_url=self.urls[""],
            job=job,
            context=context,
            model=offer.row.name,
            dialect=self.dialect,
            client=self.client(context.check),
            offered=offer,
            way=self._way(offer, job),
        )
        model = model_named(job.params)
        if model and model not in _names(offer):
            call.warn(f"{self.title} doesn't offer {model}, so {offer.row.title} was used.")
        return call.run()

    def _way(self, offer: Offered, job: Job) -> Way:
        """Return how a job's requests are made: all of one job the same."""
        if job.job_ref is not None:
            return JobState.from_ref(job.job_ref).way
        if job.draft and offer.place.draft is not None:
            return "draft"
        calls = self._calls(offer, job.tool, job.params, job.media)
        return "final" if are_usable(job.drafts, offer, self._account(), len(calls)) else ""

    def _asked_before(self, job: Job) -> Offered | None:
        """Return the model of a request that was sent already, also one that isn't offered now."""
        job_ref = job.job_ref or {}
        name, place = job_ref.get("model"), job_ref.get("place")
        if not name and job.paid_request:
            name, place = job.paid_request.get("model"), job.paid_request.get("place")
        if not name:
            return None
        matches = (one for one in offered_at(self.dialect.service) if one.row.name == name)
        match = next((one for one in matches if one.place.id == place), None)
        if match is None:
            raise final(
                f"{self.title} is at work on it by {name}, which isn't in its table of models any"
                " more. Ask the operator to put it back.",
                "MODEL_UNAVAILABLE",
            )
        return match

    def cancel(self, job_ref: Mapping[str, Any]) -> None:
        client = self.client(timeout_s=CANCEL_S)

        def stop() -> None:
            for job in job_ref.get("jobs") or ():
                if job.get("id"):
                    try:
                        self.dialect.cancel(client, job_state.handle(job))
                    except ProviderError:
                        continue

        # The sweeper holds a lease meanwhile, which must not wait for a service.
        threading.Thread(target=stop, name=f"stop at {self.name}").start()

    def job_keys(self, job_ref: Mapping[str, Any]) -> tuple[str, ...]:
        return job_state.ids(job_ref)

    def request_of_job(self, request: Mapping[str, Any]) -> Mapping[str, Any] | None:
        # The answer of the other kind is the result: there is no job.
        if request.get("is_sync") or not request.keys() >= _IDENTITY:
            return None
        return {name: request[name] for name in _IDENTITY}

    def heard(self, headers: Mapping[str, str], body: bytes) -> tuple[str, ...]:
        return self.dialect.webhook(headers, body, self.client(timeout_s=CANCEL_S))

    # -- for the operator -------------------------------------------------------------------------

    def problems(self) -> tuple[str, ...]:
        old = stale(self._offered, timezone.now().date())
        if self.options.key is None:
            return (f"it has no key, so {self.title} will reject every request. Set its key.", *old)
        return old

    def visits(self) -> tuple[Visit, ...]:
        try:
            return (self.dialect.visit(self.client(timeout_s=CANCEL_S)),)
        except ProviderError as error:
            return (Visit(error.message.rstrip("."), error.retryable, (error.message,)),)


def _milli(usd: float | None, options: Options) -> int | None:
    return None if usd is None else prices.milli(Decimal(str(usd)), options.credits_per_usd)


def _names(offer: Offered) -> tuple[str, ...]:
    """Return the names that choose a model."""
    row = offer.row
    return (row.name, *row.also, *([row.of] if row.of else ()))


def _chosen(dialect: Dialect, options: Options) -> tuple[Offered, ...]:
    """Return the models that are offered. Raises Misconfigured for one that no table has."""
    there = offered_at(dialect.service)
    if not options.models:
        return tuple(one for one in there if not one.place.is_off)
    by_name: dict[str, list[Offered]] = {}
    for one in there:
        for name in (one.row.name, one.place.id):
            by_name.setdefault(name, []).append(one)
    unknown = sorted(set(options.models) - set(by_name))
    if unknown:
        raise Misconfigured(
            f"models: {', '.join(unknown)} isn't in the tables of models for {dialect.title}."
        )
    chosen = (one for name in options.models for one in by_name[name])
    return tuple({(one.row.name, one.place.id): one for one in chosen}.values())


def _model_of(offer: Offered, tool: str, credits_per_usd: float) -> Model:
    """Return what a chooser shows of a model for a tool."""
    row, place = offer.row, offer.place
    price = place.price
    milli = prices.milli(prices.usual_dollars(price), credits_per_usd)
    is_own, ports = tool in offer.own_tools, PORTS[tool].items()
    takes = {port: _most(place, slot) for port, slot in ports if slot in place.slots}
    if not is_own:
        # What is put together takes its files apart first.
        takes = dict.fromkeys(PORTS[tool], 1)
    if "start" in place.slots and "references" in PORTS[tool].values():
        # An image of these tools is the first frame, where the model has no other use for it.
        takes.setdefault("image", 1)
    return Model(
        name=row.name,
        also=_names(offer)[1:],
        title=row.title,
        by=row.by,
        price=ModelPrice(
            milli,
            price.per,
            price.at_most,
            varies=not (is_own and prices.is_usual_alone(place)),
        ),
        seconds=place.seconds if is_own else None,
        sizes=_sizes(place),
        takes=takes | {name: 1 for name in _FEATURES if name in place.slots},
        ignores=ignored_arguments(tool, place.slots),
        usual_s=place.usual_s if is_own else None,
    )


def _most(place: Place, slot: str) -> int:
    """Return how many files a slot takes."""
    values = (value for _, value in place.values() if value.slot == slot and value.most)
    return next((int(value.most or 1) for value in values), _limit(place, slot))


def _limit(place: Place, slot: str) -> int:
    return place.media[slot].count if slot in place.media else 1


def _sizes(place: Place) -> tuple[str, ...]:
    """Return the sizes it names, such as "1080p" or "4K"; of many, the smallest and the largest."""
    return tuple(text for _, value in place.values() for text in _texts(value))


def _texts(value: Value) -> tuple[str, ...]:
    if value.slot in PIXELS:
        return tuple(str(choice) for _, choice in value.steps)
    if value.slot == "size":
        sizes = sorted(map(read_size, map(str, value.choices)), key=prod)
        return tuple(f"{width} × {height}" for width, height in (sizes[0], sizes[-1]))
    return tuple(map(str, value.choices)) if value.slot == "aspect" else ()
