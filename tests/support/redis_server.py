"""A Redis server of a test's own, that it may stop and start again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from types import TracebackType

import pytest

from scripts.ports import free_port
from tests.support.waiting import wait_for

PASSWORD = "open-sesame-7"


class RedisServer:
    """`with RedisServer() as server:` runs an empty one; `server.url` is its address.

    options: further ones of the server. env: added for its process. Skips the test where Redis or
    its Python package is not installed.
    """

    def __init__(self, *options: str, env: Mapping[str, str] | None = None) -> None:
        self._options = options
        self._env = {**os.environ, **(env or {})}
        self._program = shutil.which("redis-server")
        if self._program is None:
            pytest.skip("redis-server is not installed here.")
        if find_spec("redis") is None:
            pytest.skip("requirements/scale.txt is not installed here.")
        self.port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self._home = tempfile.mkdtemp(prefix="rg-redis-")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def start(self) -> None:
        assert self._program is not None
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--requirepass", PASSWORD]
        self._process = subprocess.Popen(
            [self._program, *options, "--save", "", "--dir", self._home, *self._options],
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._answers, "Redis answers")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """At once, as when its machine loses power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as asking:
                asking.sendall(b"PING\r\n")
                return bool(asking.recv(64))
        except OSError:
            return False
