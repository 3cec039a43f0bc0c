"""Checks of the processes of this machine: workers, the web processes' port, what was left over."""

from __future__ import annotations

import contextlib
import socket

from django.conf import settings

from builder.ops.server.processes import Death, ProcessBook, is_web
from core.checks import ALL, DOCTOR, Checks, fault, ok, register, warning
from core.command_names import START, command, start_at
from runs.engine import worker_registry


@register("workers", every_s=1, faces=ALL, after="database")
def workers() -> Checks:
    """Count those that are alive. REELGRAPH_WORKERS is the number of this machine's."""
    deaths = ProcessBook(settings.RUN_DIR).deaths()
    incarnations = {death.incarnation for death in deaths}
    alive = [
        one for one in worker_registry.workers() if one.is_alive and one.name not in incarnations
    ]
    here = worker_registry.short_hostname()
    # A machine that is to have none needs some anywhere.
    own = [one for one in alive if not settings.WORKERS or one.host == here]
    says = f"{len(own)} alive" + (f": {', '.join(one.name for one in own[:6])}" if own else "")
    crashes = [death for death in deaths if not is_web(death.name)]
    if crashes:
        says += f"; {_how_it_ended(max(crashes, key=lambda death: death.deaths))}"
    remedy = f"See the logs in {settings.LOG_DIR}."
    if not own and not crashes:
        remedy = f"Start them: `{START}`, or `{command('worker')}`."
    if len(own) >= settings.WORKERS:
        yield ok(says)
    elif not alive:
        yield fault(says, remedy)
    else:
        others = f", {len(alive)} on other machines" if not own else ""
        yield warning(f"{says}{others}; REELGRAPH_WORKERS is {settings.WORKERS}", remedy)


def _how_it_ended(death: Death) -> str:
    times = "once" if death.deaths == 1 else f"{death.deaths} times"
    return f"{death.name} crashed {times} ({death.reason}) and is restarted"


@register("port", every_s=60, faces=DOCTOR)
def port() -> Checks:
    """Ask whether our web processes answer there, or it is free for them."""
    number = settings.PORT
    if not settings.WEB:
        yield ok("not used: REELGRAPH_WEB=0")
        return
    names = [one.name for one in ProcessBook(settings.RUN_DIR).living() if is_web(one.name)]
    answer = _ask()
    if names:
        count = f"{len(names)} web process{'es are' if len(names) > 1 else ' is'} running"
        if answer.startswith("HTTP/1.1 200"):
            yield ok(f"{number}: {count} and answer{'s' * (len(names) == 1)}")
        else:
            remedy = (
                f"See {settings.LOG_DIR / names[0]}.log; stop the server and start it again. If it"
                " was started with another PORT, run the doctor with that PORT."
            )
            yield fault(f"{number}: {count}, but there is no answer", remedy)
    elif answer:
        yield warning(f"{number} is taken by another program", start_at(number + 1))
    else:
        yield ok(f"{number} is free; Reelgraph isn't running")


def _ask() -> str:
    """Return the first line of an answer to `/healthz` there; "" when no one listens."""
    endpoint = settings.OWN_ADDRESS, settings.PORT
    try:
        with socket.create_connection(endpoint, timeout=3) as asking:
            asking.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            with contextlib.suppress(OSError):
                return asking.recv(64).decode("latin-1") or "silence"
            return "silence"
    except OSError:
        return ""


@register("pid files", every_s=60, faces=DOCTOR)
def pid_files() -> Checks:
    stale = ProcessBook(settings.RUN_DIR).stale()
    if stale:
        yield warning(
            f"{', '.join(stale)}: left over from ended processes", f"The next `{START}` cleans up."
        )
    else:
        yield ok("none left over")
