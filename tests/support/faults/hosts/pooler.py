"""The same machines with PgBouncer, in transaction mode, between them and Postgres."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import tempfile
from pathlib import Path

import pytest

from scripts.ports import free_port
from tests.support.faults.hosts.machines import DATABASE_PORT, POOLED_PORT, Cluster
from tests.support.program import Program

CONFIG = """
[databases]
postgres = host=127.0.0.1 port={server} dbname=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 20
max_client_conn = 400
"""


class PooledCluster(Cluster):
    """The product reaches Postgres through the pooler, and LISTENs at Postgres itself."""

    def further_ports(self, stack: contextlib.ExitStack) -> dict[int, int]:
        program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        if not Path(program).exists():
            pytest.skip("PgBouncer is not installed.")
        self.rows("ALTER ROLE reelgraph SET idle_in_transaction_session_timeout = '10s'")
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="rg-pooler-"))
        port = free_port()
        config = CONFIG.format(server=self.postgres.port, port=port, folder=folder)
        (Path(folder) / "config").write_text(config)
        (Path(folder) / "users").write_text('"reelgraph" ""\n')
        # It refuses to run as root, as Postgres does.
        entry = pwd.getpwnam("postgres")
        for path in (folder, f"{folder}/config", f"{folder}/users"):
            os.chown(path, entry.pw_uid, entry.pw_gid)
        account = ("setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups")
        with self.at_database():
            pooler = stack.enter_context(Program([*account, program, f"{folder}/config"]))
        pooler.line_with("listening on")
        return {POOLED_PORT: port}

    def env_of(self, name: str) -> dict[str, str]:
        env = super().env_of(name)
        direct = env["DATABASE_URL"]
        return {
            **env,
            "DATABASE_URL": direct.replace(f":{DATABASE_PORT}/", f":{POOLED_PORT}/"),
            "REELGRAPH_DIRECT_DATABASE_URL": direct,
        }
