"""Jobs that misbehave inside the sandbox, and five that behave."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from mediakit.errors import Refused
from mediakit.job_protocol import perform


def echo(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    report(0.5, "half way")
    time.sleep(0.15)  # reports are thinned out to ten a second
    report(1.0, "there")
    return {"echo": arguments, "pid": os.getpid(), "cwd": os.getcwd()}


def probe_all(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Look at each of arguments["paths"] as the job that looks at one; their replies."""
    from media.sandbox.probe import probe

    paths = arguments["paths"]
    return {"replies": [perform(probe, {"path": path}, lambda message: None) for path in paths]}


def copy_all(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Copy each file of arguments["files"] as the job that copies one; their replies."""
    from media.sandbox.copies import copy

    files = arguments["files"]
    return {"replies": [perform(copy, file, lambda message: None) for file in files]}


def ask_for_signatures(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Ask for a signature of each of arguments["texts"], in hex; what came."""
    from media.sandbox.signature import ask_for_signature

    texts = [bytes.fromhex(text) for text in arguments["texts"]]
    return {"signatures": [ask_for_signature(text).hex() for text in texts]}


def surroundings(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    import cv2

    return {
        "environment": dict(os.environ),
        "modules": sorted(sys.modules),
        "threads": cv2.getNumThreads(),
        "session": os.getsid(0) == os.getpid(),
    }


def chatter(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    print('{"result": {"forged": true}}', flush=True)
    os.write(1, b'{"result": {"forged": true}}\n' * 10_000)
    os.write(2, b"noise\n" * 10_000)
    for step in range(50_000):
        report(step / 50_000, "x")
    return {"forged": False}


def refuse(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    raise Refused("This picture is upside down.")


def fail(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    raise RuntimeError("/secret/path exploded")


def no_json(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    return {"nan": float("nan")}


def no_dict(arguments: dict[str, Any], report: Any) -> Any:
    return 5


def flood(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    return {"long": "x" * (9 << 20)}


def eat_memory(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    return {"size": len(bytearray(8 << 30))}


def eat_memory_in_opencv(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    import cv2
    import numpy

    return {"size": cv2.resize(numpy.zeros((1, 1, 3), numpy.uint8), (60_000, 60_000)).size}


def eat_disk(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    with open("large", "wb") as file:
        for _ in range(1000):
            file.write(b"\0" * 1_000_000)
    return {}


def crash(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    ctypes.string_at(0)
    return {}


def killed(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def leave(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    os._exit(0)


def forge(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """What a child that was taken over might say: arguments["text"] to every descriptor."""
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, arguments["text"].encode())
        except OSError:
            continue
    os._exit(0)


def read_text(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    try:
        return {"text": Path(arguments["path"]).read_text()}
    except OSError as error:
        return {"refused": type(error).__name__}


def write_many(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Fill arguments["out"] with files of a megabyte, in a folder of it; then end, or never."""
    folder = Path(arguments["out"], "below")
    folder.mkdir()
    for number in range(arguments["megabytes"]):
        (folder / str(number)).write_bytes(b"x" * 1_000_000)
    while not arguments["ends"]:
        time.sleep(1)
    return {}


def hang_alone(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Write the own pid into arguments["pids"], which lies in the job's folder; never end."""
    path = Path(arguments["pids"])
    path.with_suffix(".new").write_text(f"{os.getpid()}")
    path.with_suffix(".new").rename(path)
    while True:
        time.sleep(1)


def hold_the_interpreter(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """As a library that never releases the interpreter lock: no thread of ours gets to run."""
    path = Path(arguments["pids"])
    path.with_suffix(".new").write_text(f"{os.getpid()}")
    path.with_suffix(".new").rename(path)
    ctypes.PyDLL(None).sleep(600)
    return {}
