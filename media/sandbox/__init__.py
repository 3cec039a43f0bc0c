"""Work on outsiders' bytes, and rendering, in a child process with limits.

A decoder that crashes, hangs, eats memory or is taken over does so in a process that holds no
secrets, lives for one job and can be killed. On Linux the child confines itself before it opens
anything of its job: it reads the job's inputs, writes the job's folder, and reaches no network, no
other process and no other file (`media.sandbox.confine`). The child is started fresh and never
forked: a fork of a threaded process with media libraries loaded deadlocks.

This module is imported by parent and child, so it imports neither Django nor media libraries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from media.sandbox.context import Context, Unwatched

__all__ = ["Context", "Unwatched", "keep_spare", "prewarm", "protect_parent", "run_in_sandbox"]


def run_in_sandbox(
    function: str,
    arguments: Mapping[str, Any],
    *,
    reads: Iterable[Path] = (),
    out: Path | None = None,
    timeout_s: float,
    context: Context,
    sign: Callable[[bytes], bytes] | None = None,
) -> dict[str, Any]:
    """Call `function(arguments, report)` in a child process and answer its dict.

    function: dotted name below one of the allowed packages. It gets the arguments, which must be
    JSON, and `report(fraction, message)`. reads: the files it may open, and no others; a path in
    the arguments alone does not open a file. out: the folder it works in and may write to; it gets
    its path as the argument `out`. All paths are absolute. sign: returns the signature of bytes
    that the job may ask for once; what the key is stays here.
    Raises ProviderError: PARAMETER_INVALID, not retryable, when the material is refused or needs
    more memory or disk than allowed; GPU_WORKER_FAILED when the child crashed, failed or took
    longer than timeout_s (ProviderTimeout), and, not retryable, when this machine cannot confine
    it as REELGRAPH_SANDBOX requires. Whatever `context.check()` raises comes through after the
    child is dead. ValueError for a function outside the allowed packages or a relative path.
    """
    from media.sandbox import parent

    return parent.run(
        function,
        arguments,
        reads=reads,
        out=out,
        timeout_s=timeout_s,
        context=context,
        sign=sign,
    )


def prewarm() -> None:
    """Start the next child now, so that its imports are over when a job that is likely comes. It is
    ended when none has come for a minute."""
    from media.sandbox import parent

    parent.prewarm()


def keep_spare() -> None:
    """Start a child for a job of which nothing is known yet, where the settings want one."""
    from media.sandbox import parent

    parent.keep_spare()


def protect_parent() -> None:
    """Hide memory and environment of this process from its children here, once at its start, and
    log one WARNING when this machine cannot confine them."""
    from media.sandbox import parent

    parent.protect()
