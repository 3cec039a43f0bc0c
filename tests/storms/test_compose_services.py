"""The services of `compose.yaml` as processes, each on a machine of its own, to a film."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.support.compose_file import compose_file, env_of
from tests.support.faults.hosts import namespaces
from tests.support.faults.hosts.namespaces import Network, inside
from tests.support.faults.hosts.relay import Relay
from tests.support.postgres_server import PostgresServer
from tests.support.program import ROOT, Program
from tests.support.seed_film import make_film
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow]
NAME = "studio.example"
SERVE = [sys.executable, "-u", "manage.py", "serve"]
READY_WITHIN_S = 300


class Services:
    """`with Services(folder) as services:` has the containers' networks, names and volumes.

    Names are those of a hosts file, `/media` is mounted, and the proxy has another address than in
    the file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        made = [sys.executable, "-m", "reelgraph", "compose-env", f"http://{NAME}"]
        lines = subprocess.check_output(made, cwd=ROOT / "packaging", text=True)
        self.services = compose_file(env_of(lines))["services"]
        self.network = Network()
        self.postgres = PostgresServer(started=False, has_tables=False)

    @contextlib.contextmanager
    def running(self) -> Iterator[dict[str, Program]]:
        """Start all of it. Yields the programs by service; there are two of `worker`."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.network)
            for host in ("db", "web", "worker", "worker-2", "proxy", "visitor"):
                self.network.add(host)
            self._write_hosts()
            with inside(self.network.namespace("db")):
                stack.enter_context(self.postgres)
                self.postgres.start()
                # The image of Postgres names it after its user.
                with psycopg.connect(self.postgres.url, autocommit=True) as server:
                    server.execute("CREATE DATABASE reelgraph")
            ports = {5432: self.postgres.port}
            address = self.network.addresses["db"]
            stack.enter_context(Relay(self.network.namespace("db"), address, ports))
            programs = {"web": stack.enter_context(self._program("web", SERVE))}
            programs["web"].line_with("Reelgraph is ready", READY_WITHIN_S)
            for host in ("worker", "worker-2"):
                programs[host] = stack.enter_context(self._program(host, SERVE))
                programs[host].line_with("2 workers are running here", READY_WITHIN_S)
            caddy = ["caddy", "run", "--config", str(ROOT / "packaging/image/Caddyfile")]
            programs["proxy"] = stack.enter_context(self._program("proxy", caddy))
            yield programs

    def _write_hosts(self) -> None:
        addresses = {**self.network.addresses, NAME: self.network.addresses["proxy"]}
        lines = [f"{address} {name}\n" for name, address in addresses.items()]
        (self.folder / "hosts").write_text("127.0.0.1 localhost\n" + "".join(lines))

    def env(self, host: str) -> Mapping[str, str]:
        """Return a service's own variables, and what the image sets."""
        service = self.services[host.partition("-")[0]]
        proxy = self.services["proxy"]["networks"]["default"]["ipv4_address"]
        own = {
            name: value.replace(proxy, self.network.addresses["proxy"])
            for name, value in service["environment"].items()
        }
        home = self.folder / host
        home.mkdir(exist_ok=True)
        image = {"REELGRAPH_HOME": str(home), "XDG_DATA_HOME": str(home), "PYTHONUNBUFFERED": "1"}
        return {"DJANGO_SETTINGS_MODULE": "builder.settings", **image, **own}

    def _program(self, host: str, command: list[str]) -> Program:
        media = self.folder / "media"
        media.mkdir(exist_ok=True)
        mounts = f"mount --bind {self.folder / 'hosts'} /etc/hosts && mount --bind {media} /media"
        with inside(self.network.namespace(host)):
            return Program(
                ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh", *command],
                self.env(host),
            )

    def command(self, *arguments: str) -> str:
        """Return what a command of the web service prints, as `docker compose exec web` does."""
        with self._program("web", [sys.executable, "manage.py", *arguments]) as program:
            assert program.wait(120) == 0, program.text()
            return program.text()


@pytest.fixture
def services(tmp_path: Path) -> Services:
    namespaces.require()
    if shutil.which("caddy") is None:
        pytest.skip("Caddy is not installed.")
    if not Path("/media").is_dir():
        pytest.skip("There is no folder /media to mount the volume on.")
    return Services(tmp_path)


def test_a_film_is_made_through_the_proxy(services: Services, tmp_path: Path) -> None:
    with services.running() as programs, inside(services.network.namespace("visitor")):
        key = services.command("key").split()[-1]
        proxy = services.network.addresses["proxy"]
        with httpx.Client(
            base_url=f"http://{proxy}", headers={"Host": NAME}, timeout=60
        ) as visitor:
            wait_for(lambda: visitor.get("/readyz").status_code == 200, "an answer")
            make_film(visitor, key, tmp_path)
            # Of the visitor, not of the proxy: that one is trusted to say so.
            wrong = {"username": "owner", "password": "wrong-9"}
            assert visitor.post("/v1/account/login", json=wrong).status_code == 401
        logs = "".join(path.read_text() for path in (tmp_path / "web/logs").glob("*.log"))
        assert services.network.addresses["visitor"] in logs
        said = services.command("doctor")
        assert "faults: 0" in said, said
        # What reaches the web process past the proxy isn't believed.
        web = services.network.addresses["web"]
        with httpx.Client(base_url=f"http://{web}:8000", headers={"Host": NAME}) as direct:
            forged = {"X-Forwarded-For": "198.51.100.7"}
            direct.post("/v1/account/login", json=wrong, headers=forged)
        logs = "".join(path.read_text() for path in (tmp_path / "web/logs").glob("*.log"))
        assert "198.51.100.7" not in logs
        assert all(program.process.poll() is None for program in programs.values())
