"""Azure Storage passes the suite as well, where Microsoft's emulator is installed.

It is an npm package of 190 MB and therefore no part of the development set-up:
``npm install azurite``, and its ``node_modules/.bin`` in ``PATH``.
"""

import base64
import hashlib
import hmac
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from uuid import UUID

import obstore
import pytest
from obstore.store import AzureStore
from tests.contract.connectors import estates

from muniment.contracts.connectors import SourceConnection
from muniment.kernel.errors import SourcePermissionMissing, SourceUnreachable
from muniment.kernel.values import JsonObject
from muniment.sources.conformance import ConnectorContract, Seeded
from muniment.sources.connectors.files.objects import AzureConnector

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Published with the emulator; it opens nothing else."""
START_SECONDS = 30


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    binary = shutil.which("azurite-blob")
    if binary is None:
        pytest.skip("Azurite is not installed: npm install azurite, and put it into PATH")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    place = tmp_path_factory.mktemp("azurite")
    process = subprocess.Popen(
        [
            *(binary, "--silent", "--skipApiVersionCheck", f"--location={place}"),
            *("--blobHost=127.0.0.1", f"--blobPort={port}"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}/{ACCOUNT}"
        _make_container(url, "lake")
        yield url
    finally:
        process.kill()
        process.wait()


def _make_container(url: str, name: str) -> None:
    """Signed by hand, because a client that only reads cannot."""
    date, version = formatdate(usegmt=True), "2021-08-06"
    told = f"x-ms-date:{date}\nx-ms-version:{version}\n/{ACCOUNT}/{ACCOUNT}/{name}"
    words = "PUT" + "\n" * 12 + told + "\nrestype:container"
    signature = hmac.digest(base64.b64decode(KEY), words.encode(), hashlib.sha256)
    headers = {
        "x-ms-date": date,
        "x-ms-version": version,
        "Authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(signature).decode()}",
    }
    late = time.monotonic() + START_SECONDS
    while True:
        request = urllib.request.Request(  # noqa: S310  # the emulator on loopback
            f"{url}/{name}?restype=container", headers=headers, method="PUT"
        )
        try:
            urllib.request.urlopen(request, timeout=5).close()  # noqa: S310  # the same
        except OSError:
            if time.monotonic() > late:
                raise
            time.sleep(0.3)
        else:
            return


@pytest.fixture(scope="module")
def filled(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> AzureStore:
    root = tmp_path_factory.mktemp("files") / "lake"
    estates.fill_folder(root)
    store = AzureStore(
        "lake",
        account_name=ACCOUNT,
        account_key=KEY,
        endpoint=endpoint,
        client_options={"allow_http": True},
    )
    for path in root.rglob("*"):
        if path.is_file():
            obstore.put(store, f"estate/{path.relative_to(root).as_posix()}", path.read_bytes())
    return store


def connection(endpoint: str, **changed: str) -> SourceConnection:
    settings: JsonObject = {
        "account": ACCOUNT,
        "container": "lake",
        "prefix": "estate",
        "endpoint": endpoint,
        "allow_http": True,
        **changed,
    }
    return SourceConnection(UUID(int=8), "lake", "azure", settings, {"account_key": KEY})


class TestAzure(ConnectorContract):
    @pytest.fixture
    def seeded(self, filled: AzureStore, endpoint: str) -> Seeded:
        def state() -> object:
            return [(each["path"], each["e_tag"]) for each in filled.list().collect()]

        wrong = {"account_key": base64.b64encode(b"wr0ng-account-key").decode()}
        good = connection(endpoint)
        return Seeded(
            factory=AzureConnector,
            connection=good,
            rows={
                ("big.csv",): estates.BIG_ROWS,
                (f"{estates.AWKWARD}.csv",): 2,
                ("packed.csv.gz",): 100,
                ("raw", "orders.ndjson"): 500,
                ("events",): 300_000,
            },
            key={("big.csv",): "id", ("raw", "orders.ndjson"): "id", ("events",): "id"},
            big=("events",),
            awkward=(f"{estates.AWKWARD}.csv",),
            text=(("raw", "orders.ndjson"), "note"),
            failing=[
                (replace(good, secrets=wrong), SourcePermissionMissing),
                (connection(endpoint, container="nothing"), SourceUnreachable),
                (connection(endpoint, prefix="no/such/folder"), SourceUnreachable),
                (connection("http://127.0.0.1:1/devstoreaccount1"), SourceUnreachable),
            ],
            state=state,
        )
