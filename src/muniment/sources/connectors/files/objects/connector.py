"""Buckets behind the connector socket: the same files, tested and explained as a cloud is."""

import socket
from collections.abc import Iterator
from typing import ClassVar
from urllib.request import getproxies, proxy_bypass

from muniment.contracts.connectors import Bounds, ConnectorType, SourceConnection, TestStep
from muniment.kernel.errors import SourceAuthenticationFailed, SourceError
from muniment.sources.connectors import settings as settings_of
from muniment.sources.connectors.bucket_settings import (
    AzureSettings,
    BucketSettings,
    GcsSettings,
    S3Settings,
)
from muniment.sources.connectors.files import layout
from muniment.sources.connectors.files.connector import Halt, StoreConnector
from muniment.sources.connectors.files.objects import azure, gcs, s3
from muniment.sources.connectors.files.objects.place import Place
from muniment.sources.connectors.files.objects.store import PAGE, ObjectStore
from muniment.sources.connectors.steps import Stopwatch
from muniment.sources.connectors.types import AZURE, GCS, S3

NOT_TRIED = "Not tried, because an earlier step failed."


class BucketConnector(StoreConnector):
    """Data files in a folder of a bucket, or one of them."""

    def __init__(self, place: Place, given: BucketSettings, bounds: Bounds) -> None:
        halt = Halt()
        self._place = place
        self._objects = ObjectStore(place, halt.check, bounds.statement_timeout_seconds)
        super().__init__(self._objects, given, bounds, halt)

    def test(self) -> Iterator[TestStep]:
        """Reach the endpoint, sign in and list in one request, read a byte of the first file."""
        watch = Stopwatch()
        failed = self._unreachable()
        if failed is not None:
            yield watch.failed("Endpoint", failed, "Check the endpoint, the region, the network.")
            yield from (watch.skipped(step, NOT_TRIED) for step in ("Sign-in", "List", "Read"))
            return
        yield watch.passed("Endpoint", f"{self._place.host} answers on port {self._place.port}.")
        try:
            self._store.look()
            paths = self._objects.first_page()
        except SourceAuthenticationFailed as error:
            yield watch.failed("Sign-in", error.message, "Store other credentials.")
            yield from (watch.skipped(step, NOT_TRIED) for step in ("List", "Read"))
            return
        except SourceError as error:
            yield watch.failed("List", error.message, self._remedy(error))
            yield watch.skipped("Read", NOT_TRIED)
            return
        yield watch.passed("Sign-in", self._signed_in())
        if self._objects.is_alone():
            paths = [self._store.name]
        found = (
            f"{PAGE} objects or more"
            if len(paths) >= PAGE
            else f"{len(paths)} object{'' if len(paths) == 1 else 's'}"
        )
        yield watch.passed("List", f"'{self._place.container}' lists {found}.")
        yield self._read_one(watch, list(paths))

    def _read_one(self, watch: Stopwatch, paths: list[str]) -> TestStep:
        known = [path for path in paths if layout.is_known(path.rpartition("/")[2])]
        if not known:
            return watch.warned("Read", "There is no file of a known format.", layout.KNOWN)
        try:
            with self._store.file(known[0]).open() as opened:
                opened.read(1)
        except SourceError as error:
            return watch.failed("Read", error.message, self._remedy(error))
        return watch.passed("Read", "An object can be read.")

    def _signed_in(self) -> str:
        return "The data is public." if self._place.anonymous else "The credentials are accepted."

    def _unreachable(self) -> str | None:
        place = self._place
        if getproxies() and not proxy_bypass(place.host):
            return None  # the proxy resolves and connects; listing will tell
        try:
            address = (place.host, place.port)
            socket.create_connection(address, self._bounds.connect_timeout_seconds).close()
        except socket.gaierror:
            return f"The name {place.host} cannot be resolved."
        except OSError as error:
            reason = error.strerror or "it does not answer"
            return f"{place.host} cannot be reached on port {place.port}: {reason}."
        return None

    def _remedy(self, error: SourceError) -> str:
        grant = error.context.get("grant")
        if grant is not None:
            return f"Grant {grant} to the account. The script of rights has the whole policy."
        return "Check the credentials and the names in the settings."

    def grant_script(self) -> str:
        return self._place.policy


class S3Connector(BucketConnector):
    """Data files in S3."""

    type: ClassVar[ConnectorType] = S3

    def __init__(self, connection: SourceConnection, bounds: Bounds) -> None:
        given = settings_of.of_connection(S3Settings, connection)
        super().__init__(s3.place_of(given, bounds), given, bounds)


class AzureConnector(BucketConnector):
    """Data files in Azure Blob Storage or Data Lake Storage."""

    type: ClassVar[ConnectorType] = AZURE

    def __init__(self, connection: SourceConnection, bounds: Bounds) -> None:
        given = settings_of.of_connection(AzureSettings, connection)
        super().__init__(azure.place_of(given, bounds), given, bounds)


class GcsConnector(BucketConnector):
    """Data files in Google Cloud Storage."""

    type: ClassVar[ConnectorType] = GCS

    def __init__(self, connection: SourceConnection, bounds: Bounds) -> None:
        given = settings_of.of_connection(GcsSettings, connection)
        super().__init__(gcs.place_of(given, bounds), given, bounds)
