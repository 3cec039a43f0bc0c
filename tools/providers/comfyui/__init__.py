"""ComfyUI: graphs on the operator's own graphics cards, ours or the operator's, as tools.

Each tool call is one prompt, queued under an id that follows from the call's key: a worker that
takes over finds it again and attaches, so nothing is made twice. How graphs become tools is told
in docs/howto/use-comfyui.md.
"""

from __future__ import annotations

import logging
import re
import ssl
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from django.conf import settings
from pydantic import SecretStr

from core.errors import ProviderError
from tools.catalog import catalogue
from tools.declaration.ports import Tool
from tools.declaration.schema import ANY_MODEL, model_argument
from tools.providers.base import (
    Forged,
    Job,
    JobContext,
    Misconfigured,
    Outcome,
    Provider,
    Submit,
    Visit,
)
from tools.providers.comfyui import failures, values
from tools.providers.comfyui.client import Address, ComfyUIClient, PromptQueue
from tools.providers.comfyui.following import Listener, Tale, Vigil
from tools.providers.comfyui.graphs import Graph
from tools.providers.comfyui.learning import FILE, SavingNodes
from tools.providers.comfyui.library import Library, read_library
from tools.providers.comfyui.node_types import lacking
from tools.providers.comfyui.partners import PartnerNodes, account_key_of, without_key
from tools.providers.comfyui.prompt_state import PromptState
from tools.providers.comfyui.results import collect, has_failed
from tools.providers.comfyui.sending import submit
from tools.providers.form import KEY, Field, server_of
from tools.providers.webhooks import read_json

logger = logging.getLogger(__name__)

TIMEOUT_S: Final = 3600.0
# Prompts of one call are told apart by their number: a failed one is not the one to wait for.
_IDS: Final = UUID("6f4a3e1e-6a53-4c0e-8f0b-0f6d3c1f9a52")
_MOST_TRIES: Final = 20
_OPTIONS: Final = frozenset(
    {"kind", "url", "urls", "key", "account_key", "headers", "graphs", "ca_file", "timeout_s"}
)
# The form on the page for providers.
TITLE = "ComfyUI"
FIELDS = (
    Field(
        "urls",
        "URL",
        "Several equal servers: separated by commas.",
        "http://127.0.0.1:8188",
        is_list=True,
        is_needed=True,
    ),
    Field("graphs", "Folder of graphs", "In the server's data folder.", "comfyui"),
    KEY,
    Field(
        "account_key",
        "Comfy account key",
        "For paid partner nodes only. Comfy bills them, also when one crashes.",
        is_secret=True,
        noun="Comfy account key",
    ),
)
destination = server_of


def configured(name: str, options: Mapping[str, Any]) -> Provider:
    """The service of an entry of settings.PROVIDERS.

    url, or urls for several equal servers; key: sent as a bearer token; account_key: of an account
    at Comfy, which pays for partner nodes; headers: sent as they are; graphs: a folder, `comfyui`
    in the data folder unless said; ca_file: certificates to trust; timeout_s: how long one prompt
    may work. Raises Misconfigured.
    """
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise Misconfigured(f"{unknown[0]} is unknown. There are: {', '.join(sorted(_OPTIONS))}.")
    urls = [options["url"]] if options.get("url") else list(options.get("urls") or ())
    if not urls:
        raise Misconfigured('it has no url. Write one, such as url = "http://127.0.0.1:8188".')
    ca_file = str(Path(settings.HOME, str(options["ca_file"]))) if options.get("ca_file") else ""
    if ca_file:
        _check_certificates(ca_file)
    timeout_s = options.get("timeout_s", TIMEOUT_S)
    if not isinstance(timeout_s, (int, float)) or not 1 <= timeout_s <= 7 * 86_400:
        raise Misconfigured("timeout_s must be a number of seconds between 1 and a week.")
    headers, account_key = _headers(options), account_key_of(options)
    by_name = {tool_class.name: tool_class for tool_class in catalogue()}
    folder = Path(settings.HOME, str(options.get("graphs") or "comfyui"))
    clients = [
        ComfyUIClient(Address(_url(url), headers, ca_file), account_key=account_key)
        for url in dict.fromkeys(urls)
    ]
    saves = SavingNodes(Path(settings.HOME, FILE), clients)
    return ComfyUIProvider(
        name,
        clients,
        read_library(folder, by_name, saves),
        by_name,
        timeout_s=float(timeout_s),
    )


def _url(url: Any) -> str:
    parts = urlsplit(str(url).strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Misconfigured(f"{parts.hostname or 'its url'} can't be used: write http://host:port.")
    if parts.username or parts.password:
        raise Misconfigured(
            f"the url at {parts.hostname} has a name or password. Write them as a header:"
            ' headers = { Authorization = "Basic …" }.'
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _check_certificates(ca_file: str) -> None:
    try:
        ssl.create_default_context(cafile=ca_file)
    except FileNotFoundError as problem:
        raise Misconfigured(f"ca_file: there is no file {ca_file}.") from problem
    except OSError as problem:
        raise Misconfigured(f"ca_file: {ca_file} has no certificates (PEM).") from problem


def _headers(options: Mapping[str, Any]) -> dict[str, str]:
    table = options.get("headers") or {}
    if not isinstance(table, Mapping):
        raise Misconfigured('headers must be a table, such as { "X-Token" = "…" }.')
    headers = {str(name): _plain(value) for name, value in table.items()}
    if options.get("key"):
        headers["Authorization"] = f"Bearer {_plain(options['key'])}"
    for name, value in headers.items():
        if not re.fullmatch(r"[A-Za-z0-9-]+", name) or not re.fullmatch(r"[\x20-\x7e]*", value):
            raise Misconfigured(f"the header {name[:40]} has characters that headers can't have.")
    return headers


def _plain(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


class ComfyUIProvider(Provider):
    """One service: servers that have the same models and nodes, and the graphs to run there."""

    submit: Submit = "findable"
    # It sends none by itself: docs/howto/use-comfyui.md has a node that does.
    takes_webhooks = True

    def __init__(
        self,
        name: str,
        clients: Iterable[ComfyUIClient],
        library: Library,
        tools: Mapping[str, type[Tool]],
        *,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.name = name
        self.title = "ComfyUI" if name == "comfyui" else f"ComfyUI {name}"
        self.version = f"1-{library.digest}"
        self._clients = tuple(clients)
        self._library = library
        self._known = tools
        self._timeout_s = timeout_s
        self._partners = PartnerNodes()

    # -- what it can do ---------------------------------------------------------------------------

    def tools(self) -> frozenset[str]:
        return frozenset((*self._library.own, *self._library.standing))

    def own_tools(self) -> tuple[type[Tool], ...]:
        return (*self._library.classes.values(), *self._library.unusable)

    def gives(self, tool: str, params: Mapping[str, Any]) -> frozenset[str] | None:
        return frozenset()

    def models(self, tool: str) -> tuple[str, ...]:
        graphs = self._library.standing.get(tool, ())
        return tuple(dict.fromkeys(model for graph in graphs for model in graph.facts.models))

    def problems(self) -> tuple[str, ...]:
        return tuple(str(bad) for bad in self._library.bad)

    def visits(self) -> tuple[Visit, ...]:
        return tuple(self._visit(client) for client in self._clients)

    def _visit(self, client: ComfyUIClient) -> Visit:
        host = client.address.host
        try:
            system = client.stats().get("system")
            node_types = client.node_types()
        except ProviderError as problem:
            return Visit(problem.message, is_away=True)
        version = system.get("comfyui_version") if isinstance(system, dict) else None
        problems = tuple(
            f"{host} doesn't have {', '.join(words)}. The graph {graph.name} needs"
            f" {'it' if len(words) == 1 else 'them'}."
            for graph in self._library.graphs
            if (words := lacking(graph, node_types))
        )
        if not client.account_key:
            unpaid = (without_key(graph, node_types) for graph in self._library.graphs)
            problems += tuple(filter(None, unpaid))
        return Visit(f"ComfyUI {version or 'before 0.3'} at {host}", problems=problems)

    # -- doing it ---------------------------------------------------------------------------------

    def run(self, job: Job, context: JobContext) -> Outcome:
        tool = self._library.classes.get(job.tool) or self._known[job.tool]
        place = self._find(job, context)
        graph = self._graph_of(place.state)
        if graph is None:
            graph, place.state.warnings = self._graph(tool, job)
            place.state.graph = graph.name
            place.state.warnings += values.left_undone(graph, tool, job)
        was_paid = bool((job.paid_request or {}).get("is_paid"))
        if was_paid and not place.is_taken:
            raise failures.lost_prompt(place.client.address.host, is_paid=True)
        is_paid = not place.is_remembered and self._partners.are_in(graph, place.client)
        if is_paid and not place.is_taken and not place.client.account_key:
            raise failures.no_account_key()
        place.state.is_paid = place.state.is_paid or is_paid or was_paid
        tale = Tale(place.state.prompt_id, str(uuid5(_IDS, job.key)), _names(graph))
        with Listener(place.client, tale.client_id) as listener:
            if not place.is_taken:
                listener.open()
                place.state.warnings += submit(
                    place.client, tale, graph, tool, job, context, is_paid=is_paid
                )
                place.state.prompt_id = tale.prompt_id
            if not place.is_remembered:
                context.remember(place.state.as_ref())
            timeout_s = self._timeout_s
            vigil = Vigil(place.client, tale, listener, context, place.state, timeout_s=timeout_s)
            entry = vigil.keep()
        meta = {"provider": self.name, "graph": graph.name, "seed": job.seed}
        files, more = collect(place.client, graph, entry, job.out, context, meta)
        return Outcome(files=tuple(files), warnings=(*place.state.warnings, *more))

    def cancel(self, job_ref: Mapping[str, Any]) -> None:
        client = self._at(job_ref)
        if client is None:
            return

        def ask() -> None:
            try:
                client.stop(str(job_ref.get("prompt_id")))
            except ProviderError as problem:
                logger.warning("a prompt could not be stopped: %s", problem.message)

        # The sweeper holds a lease meanwhile, which must not wait for a server.
        threading.Thread(target=ask, name=f"stop at {self.name}").start()

    def job_keys(self, job_ref: Mapping[str, Any]) -> tuple[str, ...]:
        return _keys(job_ref)

    def heard(self, headers: Mapping[str, str], body: bytes) -> tuple[str, ...]:
        """`{"prompt_id": …}`. The address is secret and the body a hint, so it needs no
        signature."""
        if not (keys := _keys(read_json(body))):
            raise Forged
        return keys

    def _at(self, job_ref: Mapping[str, Any]) -> ComfyUIClient | None:
        """The server a job was given to; None when it is not one of ours any more."""
        url = job_ref.get("url")
        return next((client for client in self._clients if client.address.url == url), None)

    def _graph_of(self, state: PromptState) -> Graph | None:
        """The graph of a prompt that was submitted: a look at it reads none of the call's files."""
        return next((graph for graph in self._library.graphs if graph.name == state.graph), None)

    def _graph(self, tool: type[Tool], job: Job) -> tuple[Graph, list[str]]:
        own = self._library.own.get(job.tool)
        if own is not None:
            return own, []
        model = str(job.params.get(model_argument(tool)) or "")
        model = "" if model == ANY_MODEL else model
        graph = values.choose(self._library.standing[job.tool], job, model)
        models = self.models(job.tool)
        if model and models and model not in graph.facts.models:
            return graph, [f"{self.title} doesn't offer {model}, so {graph.name} was used."]
        return graph, []

    def _find(self, job: Job, context: JobContext) -> _Place:
        """Find the prompt of this call, else choose where it will be. Raises failures.Away."""
        server = self._at(job.job_ref or {})
        if server is not None and job.job_ref is not None:
            client = server.for_job(context.check)
            state = PromptState.from_ref(job.job_ref)
            return _Place(client, state, is_taken=True, is_remembered=True)
        queues = self._queues(context)
        for number in range(_MOST_TRIES):
            mark = str(uuid5(_IDS, f"{job.key}#{number}"))
            for client, queue in queues.items():
                if prompt_id := queue.find(mark):
                    return _place(client, prompt_id, is_taken=True)
            # After the queues: a prompt goes from the one to the other.
            over = [(client, prompt) for client in queues if (prompt := client.find_finished(mark))]
            if not over:
                # dict order: of equally busy ones the one that was written first.
                idle = min(queues, key=lambda client: queues[client].length)
                return _place(idle, mark, is_taken=False)
            for client, (prompt_id, entry) in over:
                if not has_failed(entry):
                    return _place(client, prompt_id, is_taken=True)
        raise ProviderError(
            f"{self.title} failed {_MOST_TRIES} times. See its own log.",
            error_type="GPU_WORKER_FAILED",
            retryable=False,
        )

    def _queues(self, context: JobContext) -> dict[ComfyUIClient, PromptQueue]:
        """The queue of each server that answers. Raises what the last one said if none does."""
        queues: dict[ComfyUIClient, PromptQueue] = {}
        problem = failures.Away()
        for client in (each.for_job(context.check) for each in self._clients):
            try:
                queues[client] = client.queue()
            except failures.Away as away:
                problem = away
        if not queues:
            raise problem
        return queues


@dataclass(frozen=True, slots=True)
class _Place:
    """A prompt and its server. is_taken: it was submitted already. is_remembered: and `remember`
    was told of it."""

    client: ComfyUIClient
    state: PromptState
    is_taken: bool
    is_remembered: bool = False


def _place(client: ComfyUIClient, prompt_id: str, *, is_taken: bool) -> _Place:
    return _Place(client, PromptState(prompt_id, client.address.url), is_taken=is_taken)


def _keys(document: Any) -> tuple[str, ...]:
    """The prompt that a job_ref or a webhook names."""
    prompt_id = document.get("prompt_id") if isinstance(document, Mapping) else None
    is_id = isinstance(prompt_id, str) and 0 < len(prompt_id) <= 200
    return (str(prompt_id),) if is_id else ()


def _names(graph: Graph) -> dict[str, str]:
    """The graph's nodes as people know them, by id."""
    names = {}
    for node_id, node in graph.nodes.items():
        notes = node.get("_meta")
        title = notes.get("title") if isinstance(notes, dict) else None
        names[node_id] = str(title or node["class_type"])[:80]
    return names
