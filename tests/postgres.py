"""A real PostgreSQL server on loopback, from the system's package, for one run of the tests."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MISSING = "there is no PostgreSQL server: install your system's postgresql package"
PASSWORD = "pass-word"


@dataclass
class PostgresServer:
    """The running server."""

    programs: Path
    folder: Path
    port: int
    owner: dict[str, Any]
    """How its programs are started: the server refuses to run as root."""
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"interviews{next(self._numbers)}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "tester", name)
        return f"postgresql://tester:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def control(self, *arguments: str) -> None:
        """Run pg_ctl: `start`, `stop` or `restart`; fast, so that open connections are cut."""
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-s", "-m", "fast",
            "-l", str(self.folder / "log"), *arguments,
        )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=self.folder,
            env={**os.environ, "PGPASSWORD": PASSWORD},
            check=True,
            stdout=subprocess.DEVNULL,
            **self.owner,
        )


def installed() -> Path | None:
    """The folder of the server's programs: Debian's, or that of the search path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if found:
        return found[-1].parent
    path = shutil.which("initdb")
    return Path(path).resolve().parent if path else None


@contextmanager
def serving(programs: Path) -> Iterator[PostgresServer]:
    """Run a server until the block ends."""
    with tempfile.TemporaryDirectory(prefix="mi-postgres-") as name:
        folder = Path(name)
        owner = _owner()
        if owner:
            shutil.chown(folder, owner["user"], owner["group"])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = PostgresServer(programs, folder, port, owner)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        server._run(
            "initdb", "-D", str(folder / "data"), "-U", "tester", "--pwfile", str(secret),
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync",
        )  # fmt: skip
        with (folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(
                f"port = {port}\nlisten_addresses = '127.0.0.1'\n"
                f"unix_socket_directories = '{folder}'\nfsync = off\nshared_buffers = 32MB\n"
            )
        server.control("start")
        try:
            yield server
        finally:
            server.control("stop")


def _owner() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    import pwd  # which is not there on Windows

    names = {account.pw_name for account in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _version(path: Path) -> float:
    name = path.parent.parent.name
    return float(name) if name.replace(".", "").isdigit() else 0.0
