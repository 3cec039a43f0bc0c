"""What every provider must do, as a test class. docs/howto/add-a-provider.md says how to use it.

A subclass builds the provider and serves its service; the tests ask it through a proxy that spoils
one answer. They know nothing of the service's protocol.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from core.errors import ProviderError, ProviderUnsure
from media.probing import probe_file
from tests.support.builders.jobs import Context, job, run
from tests.support.faults.faulty_proxy import Fault, FaultyProxy
from tests.support.waiting import wait_for
from tools import registry
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool
from tools.declaration.schema import model_argument
from tools.declaration.service_names import NAME
from tools.providers.base import MediaFile, Outcome, Parked, Provider, Stopped

# What `make` gives the provider as its key, where it takes one.
KEY = "sk-conformance-0123456789"
# The docs promise two; the rest is for a busy machine.
STOPPED_WITHIN_S = 5.0
# A result is charged: what happens to the request for it decides what is paid twice.
SPOILED: tuple[Fault, ...] = ("drop", "page", "half", "redirect")


class ProviderConformance:
    """What holds for every provider. Subclass it as `Test…` and give `make`.

    tool, arguments: a call that works; media: its inputs. One that asks a service over HTTP is a
    ServiceConformance.
    """

    tool: ClassVar[str] = "generate_image"
    arguments: ClassVar[Mapping[str, Any]] = {"prompt": "a red fox"}

    def make(self, url: str) -> Provider:
        """The provider as configured for a service at this URL, with KEY if it takes a key."""
        raise NotImplementedError

    def serving(self) -> AbstractContextManager[str]:
        """Serves the protocol the provider speaks, for callers with KEY; its URL."""
        return nullcontext("")

    def media(self, folder: Path) -> Mapping[str, tuple[MediaFile, ...]]:
        return {}

    # -- fixtures ---------------------------------------------------------------------------------

    @pytest.fixture
    def provider(self) -> Iterator[Provider]:
        with self.serving() as url:
            yield self.make(url)

    # -- what it says of itself -------------------------------------------------------------------

    def test_it_says_what_it_offers(self, provider: Provider):
        assert NAME.fullmatch(provider.name)
        assert provider.version
        assert provider.submit in ("idempotent", "findable", "blind")
        own = {declared.name for declared in provider.own_tools()}
        offered = provider.tools()
        assert offered
        assert own <= offered
        assert offered == provider.tools()
        for tool in offered - own:
            assert registry.table().get(tool) is not None, tool
        assert self.tool in offered

    def test_it_says_what_results_cost_and_have(self, provider: Provider):
        for tool in provider.tools():
            price = provider.price(tool, {})
            assert price is None or (isinstance(price, int) and price >= 0)
            gives = provider.gives(tool, {})
            assert gives is None or all(isinstance(name, str) for name in gives)
            models = provider.models(tool)
            assert len(set(models)) == len(models)

    def test_equal_settings_make_equal_versions(self, provider: Provider):
        with self.serving() as url:
            one, other = self.make(url), self.make(url)
        assert one.version == other.version
        for tool in one.tools():
            for model in (None, *one.models(tool)):
                params = {} if model is None else {"model": model}
                version = one.version_of(tool, params)
                assert version
                assert version == other.version_of(tool, params)
                assert KEY not in version

    def test_its_key_is_shown_nowhere(self, provider: Provider):
        shown = f"{provider!r} {provider} {provider.title} {provider.version}"
        assert KEY not in shown + str(provider.problems()) + str(provider.visits())

    # -- a call that works ------------------------------------------------------------------------

    def test_a_result_is_what_it_says_it_is(self, provider: Provider, tmp_path: Path):
        context = Context()
        outcome = self.call(provider, tmp_path, context)
        kind = self.declared(provider).output
        assert outcome.files or not kind
        for file in outcome.files:
            assert file.path.parent == tmp_path / "out"
            facts = probe_file(file.path, context)
            assert (file.kind, file.mime) == (facts.kind, facts.mime)
            assert (file.width, file.height) == (facts.width, facts.height)
        assert any(file.kind == kind for file in outcome.files) or not kind
        assert all(said.endswith((".", "!", "?", "”")) for said in outcome.warnings)
        gives = provider.gives(self.tool, fill_defaults(self.declared(provider), self.arguments))
        assert gives is None or gives <= outcome.values.keys()

    def test_a_model_it_does_not_have_is_said(self, provider: Provider, tmp_path: Path):
        argument = model_argument(self.declared(provider))
        if not argument or not provider.models(self.tool):
            pytest.skip("any model will do")
        made = self.tried(provider, tmp_path, **{argument: "no-such-model-9"})
        if isinstance(made, ProviderError):
            assert not made.retryable
        else:
            assert any("no-such-model-9" in said for said in made.warnings)

    @pytest.mark.parametrize("job_ref", [{}, {"id": "gone"}, {"prompt_id": 7, "videos": None}])
    def test_cancel_takes_any_reference_and_returns(
        self, job_ref: dict[str, Any], provider: Provider
    ):
        thread = threading.Thread(target=provider.cancel, args=(job_ref,), daemon=True)
        thread.start()
        thread.join(STOPPED_WITHIN_S)
        assert not thread.is_alive()

    # -- inside -----------------------------------------------------------------------------------

    def declared(self, provider: Provider) -> type[Tool]:
        own = {one.name: one for one in provider.own_tools()}
        found = own.get(self.tool) or registry.table().get(self.tool)
        assert found is not None
        return found

    def call(
        self, provider: Provider, folder: Path, context: Context | None = None, **more: Any
    ) -> Outcome:
        arguments = {**self.arguments, **more}
        media = self.media(folder)
        outcome: Outcome = run(
            provider, folder / "out", self.tool, arguments, media=media, context=context
        )
        return outcome

    def tried(self, *call: Any, **more: Any) -> Outcome | ProviderError:
        try:
            return self.call(*call, **more)
        except ProviderError as error:
            return error


class ServiceConformance(ProviderConformance):
    """What holds for a provider that asks a service over HTTP. Give `make` and `serving`.

    The call must announce itself with `context.submitting()`: the request after that is spoiled.
    """

    @pytest.fixture
    def proxy(self) -> Iterator[FaultyProxy]:
        with self.serving() as url, FaultyProxy(url) as proxy:
            yield proxy

    def test_nothing_is_sent_for_a_stopped_run(self, proxy: FaultyProxy, tmp_path: Path):
        context = Context()
        context.stop()
        with pytest.raises(Stopped):
            self.call(self.make(proxy.url), tmp_path, context)
        assert not [one for one in proxy.asked if one[0] != "GET"]

    def test_the_key_goes_to_its_service_only(self, proxy: FaultyProxy, tmp_path: Path):
        with FaultyProxy(proxy.target) as elsewhere:
            context = Context()
            self.spoil(proxy, context, "status", status=302)
            proxy.headers = {"Location": f"{elsewhere.url}/elsewhere"}
            with pytest.raises(ProviderError) as caught:
                self.call(self.make(proxy.url), tmp_path, context)
            assert elsewhere.asked == []
        assert not caught.value.retryable

    # -- failures ---------------------------------------------------------------------------------

    def test_a_refused_connection_is_said_and_may_be_tried_again(
        self, proxy: FaultyProxy, tmp_path: Path
    ):
        with pytest.raises(ProviderError) as caught:
            self.call(self.make("http://127.0.0.1:9/v1"), tmp_path)
        error = caught.value
        assert error.retryable
        assert not isinstance(error, ProviderUnsure)
        assert error.error_type != "PROVIDER_TIMEOUT"
        assert "certificate" not in error.message

    @pytest.mark.parametrize("fault", SPOILED)
    def test_a_spoiled_answer_is_a_failure_that_says_whether_it_may_be_paid(
        self, fault: Fault, proxy: FaultyProxy, tmp_path: Path
    ):
        context = Context()
        provider = self.make(proxy.url)
        self.spoil(proxy, context, fault)
        made = self.tried(provider, tmp_path, context)
        assert proxy.at_fault.is_set(), "nothing was sent after context.submitting()"
        if provider.submit == "findable":
            return
        assert isinstance(made, ProviderError)
        assert KEY not in made.message
        # It got the request, and may have done the work. What is remembered is looked for.
        is_unsure = isinstance(made, ProviderUnsure) or (made.retryable and context.remembered)
        assert is_unsure or fault not in ("drop", "half")

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_busy_service_is_asked_again_when_it_says_so(
        self, status: int, proxy: FaultyProxy, tmp_path: Path
    ):
        context = Context()
        self.spoil(proxy, context, "status", status=status)
        proxy.headers = {"Retry-After": "7"}
        with pytest.raises(ProviderError) as caught:
            self.call(self.make(proxy.url), tmp_path, context)
        assert caught.value.retryable
        assert not isinstance(caught.value, ProviderUnsure)
        assert caught.value.retry_after_s == 7

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
    def test_a_refusal_is_final_and_repeats_no_key(
        self, status: int, proxy: FaultyProxy, tmp_path: Path
    ):
        context = Context()
        self.spoil(proxy, context, "status", status=status)
        proxy.said = f'{{"error": {{"message": "Incorrect: {KEY}"}}}}'.encode()
        with pytest.raises(ProviderError) as caught:
            self.call(self.make(proxy.url), tmp_path, context)
        assert not caught.value.retryable
        assert KEY not in caught.value.message
        assert caught.value.error_type != "UNKNOWN_ERROR"

    # -- stopping ---------------------------------------------------------------------------------

    @pytest.mark.parametrize("fault", ["hang", "trickle"])
    def test_a_stop_ends_the_request(self, fault: Fault, proxy: FaultyProxy, tmp_path: Path):
        context = Context()
        self.spoil(proxy, context, fault)
        with ThreadPoolExecutor(1) as threads:
            running = threads.submit(self.call, self.make(proxy.url), tmp_path, context)
            assert proxy.at_fault.wait(30)
            context.stop()
            try:
                with pytest.raises(Stopped):
                    running.result(STOPPED_WITHIN_S)
            finally:
                proxy.ended.set()

    def test_a_visit_never_raises(self, proxy: FaultyProxy):
        assert not any(visit.is_away for visit in self.make(proxy.url).visits())
        away = self.make("http://127.0.0.1:9/v1").visits()
        assert all(visit.is_away for visit in away)

    # -- inside -----------------------------------------------------------------------------------

    def spoil(
        self, proxy: FaultyProxy, context: Context, fault: Fault, *, status: int = 500
    ) -> None:
        """Spoil what is asked once the context was told that a paid request follows."""
        proxy.fault, proxy.status = fault, status
        proxy.picks = lambda: context.submitted > 0


@dataclass(frozen=True, slots=True)
class SlowService:
    """A service whose jobs take until `finish`. submitted: how many it was given. stopped: how
    many of them it was told to stop."""

    url: str
    finish: Callable[[], object]
    submitted: Callable[[], int]
    stopped: Callable[[], int]


class NoMedia(Mapping[str, tuple[MediaFile, ...]]):
    """The files of a look: reading them would gather them again."""

    def __getitem__(self, port: str) -> tuple[MediaFile, ...]:
        raise AssertionError("a look reads no files")

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("a look reads no files")

    def __len__(self) -> int:
        raise AssertionError("a look reads no files")


class ParkingConformance(ProviderConformance):
    """What holds for a provider whose jobs hold no worker. Give `make` and `serving_slowly`."""

    def serving_slowly(self) -> AbstractContextManager[SlowService]:
        raise NotImplementedError

    @pytest.fixture
    def slow(self) -> Iterator[SlowService]:
        with self.serving_slowly() as slow:
            yield slow

    def test_any_worker_goes_on_with_a_parked_job_and_submits_nothing(
        self, slow: SlowService, tmp_path: Path
    ):
        looks = Looks(self, tmp_path)
        for _ in range(3):
            # Each by a worker of its own.
            parked = looks.look(self.make(slow.url))
            assert isinstance(parked, Parked)
            assert parked.after_s > 0
            assert 0 <= parked.fraction < 1
        slow.finish()
        outcome = looks.until_over(self.make(slow.url))
        assert outcome.files
        assert slow.submitted() == looks.context.submitted == 1

    def test_a_reference_is_plain_data_that_names_its_jobs(self, slow: SlowService, tmp_path: Path):
        provider, looks = self.make(slow.url), Looks(self, tmp_path)
        looks.look(provider)
        known = looks.context.remembered[-1]
        assert json.loads(json.dumps(known)) == known
        keys = provider.job_keys(known)
        assert keys or not provider.takes_webhooks
        assert all(0 < len(key) <= 200 for key in keys)

    def test_a_look_that_fails_for_a_moment_costs_no_job(self, slow: SlowService, tmp_path: Path):
        looks = Looks(self, tmp_path)
        looks.look(self.make(slow.url))
        with FaultyProxy(slow.url) as proxy:
            proxy.fault, proxy.status, proxy.picks = "status", 503, lambda: True
            provider = self.make(proxy.url)
            assert isinstance(looks.look(provider, moved=(slow.url, proxy.url)), Parked)
        slow.finish()
        assert looks.until_over(self.make(slow.url), moved=(proxy.url, slow.url)).files
        assert slow.submitted() == 1

    def test_a_parked_job_is_stopped_by_its_reference(self, slow: SlowService, tmp_path: Path):
        looks = Looks(self, tmp_path)
        looks.look(self.make(slow.url))
        self.make(slow.url).cancel(looks.context.remembered[-1])
        wait_for(lambda: slow.stopped() == 1, "the job stopped", STOPPED_WITHIN_S)


class Looks:
    """Looks at one call as workers do, one after the other, while other steps wait for them."""

    def __init__(self, of: ProviderConformance, folder: Path) -> None:
        self.of, self.folder, self.count = of, folder, 0
        self.context = Context()
        self.context.others = True

    def look(self, provider: Provider, *, moved: tuple[str, str] = ("", "")) -> Outcome | Parked:
        """What one look gives. moved: an address that the service had before, and its new one.

        As the engine does, a failure that may pass parks a job that is there.
        """
        self.count += 1
        known = self.context.remembered[-1] if self.context.remembered else None
        if known is not None:
            known = json.loads(json.dumps(known).replace(_origin(moved[0]), _origin(moved[1])))
        media = self.of.media(self.folder) if known is None else NoMedia()
        out = self.folder / f"look-{self.count}"
        asked = job(out, self.of.tool, self.of.arguments, job_ref=known)
        try:
            return provider.run(replace(asked, media=media), self.context)
        except Parked as parked:
            return parked
        except ProviderError as error:
            is_unsure = isinstance(error, ProviderUnsure)
            if known is None or is_unsure or error.ends_job or not error.retryable:
                raise
            return Parked(error.retry_after_s or 0.0, note=error.message)

    def until_over(self, provider: Provider, **more: Any) -> Outcome:
        found: list[Outcome] = []

        def is_over() -> bool:
            made = self.look(provider, **more)
            found.extend([made] if isinstance(made, Outcome) else [])
            return bool(found)

        wait_for(is_over, "the job's end")
        return found[0]


def _origin(url: str) -> str:
    """Up to its path: what a reference may hold of an address."""
    return url.removesuffix("/v1") or "\0"
