"""Debian's nginx with the site of `deploy/`, on free ports of loopback, for one test."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

MISSING = "there is no nginx or openssl: install your system's nginx-light and openssl packages"
HOST = "interviews.example"
SITE = Path(__file__).parents[1] / "deploy" / "nginx.conf"

_MAIN = """
{user}daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    log_format to '$upstream_addr $status $request_method $request_uri';
    access_log {folder}/access.log to;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Passed:
    """A request that went through."""

    replica: str
    """Address of the process that answered, or "-"."""
    status: int
    path: str


@dataclass
class Nginx:
    """The running server."""

    port: int
    plain_port: int
    folder: Path

    @property
    def url(self) -> str:
        """The site's, by its own name."""
        return f"https://{HOST}:{self.port}"

    def passed(self) -> list[Passed]:
        """The requests that have been answered so far."""
        lines = (self.folder / "access.log").read_text().splitlines()
        found = []
        for line in lines:
            replicas, status, _method, path = line.rsplit(" ", 3)
            # Where one could not be reached, the next one is named behind it.
            found.append(Passed(replicas.split(", ")[-1], int(status), path))
        return found


def installed() -> Path | None:
    """The program, if it and what makes certificates are there."""
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    return Path(path) if path and shutil.which("openssl") else None


def site(replicas: Sequence[str], port: int, plain_port: int, folder: Path) -> str:
    """The site of `deploy/` with these ports and a certificate in this folder, else as it is."""
    text = SITE.read_text(encoding="utf-8")
    changes = {
        r"127\.0\.0\.1:7860": urlsplit(replicas[0]).netloc,
        r"127\.0\.0\.1:7880": urlsplit(replicas[1]).netloc,
        r"listen 80;": f"listen 127.0.0.1:{plain_port};",
        r"listen 443 ": f"listen 127.0.0.1:{port} ",
        r" *listen \[::\].*\n": "",
        r"/etc/ssl/certs/.*\.pem": str(folder / "certificate.pem"),
        r"/etc/ssl/private/.*\.key": str(folder / "certificate.key"),
    }
    for old, new in changes.items():
        text, count = re.subn(old, new, text)
        assert count, f"{SITE} has no {old}"
    return text


@contextmanager
def serving(program: Path, replicas: Sequence[str], folder: Path) -> Iterator[Nginx]:
    """Serve the site in front of these processes until the block ends."""
    folder.mkdir()
    port, plain_port = _free_ports()
    _make_certificate(folder)
    (folder / "site.conf").write_text(site(replicas, port, plain_port, folder))
    user = "user root;\n" if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    main.write_text(_MAIN.format(folder=folder, user=user))
    process = subprocess.Popen([program, "-p", folder, "-c", main, "-e", folder / "error.log"])
    try:
        _wait_for(port)
        yield Nginx(port, plain_port, folder)
    finally:
        process.terminate()
        process.wait(20)


def _make_certificate(folder: Path) -> None:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"),
            *("-keyout", folder / "certificate.key", "-out", folder / "certificate.pem"),
        ],
        check=True,
        capture_output=True,
    )


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "nginx does not answer"
            time.sleep(0.05)
