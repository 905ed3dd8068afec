"""Buckets: what a cloud does to a reader, against a server that does it."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.sources.cloud import Cloud, cloud, error

from muniment.contracts.connectors import Bounds, Scope, SourceConnection, StepOutcome
from muniment.contracts.markers import KnownPart
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import (
    Cancelled,
    Invalid,
    SourceAuthenticationFailed,
    SourceError,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceTimeout,
    SourceUnreachable,
)
from muniment.kernel.values import JsonObject, JsonValue
from muniment.sources.connectors.bucket_settings import AzureSettings, GcsSettings, S3Settings
from muniment.sources.connectors.files.objects import (
    AzureConnector,
    GcsConnector,
    S3Connector,
    azure,
    gcs,
    s3,
)
from muniment.sources.connectors.files.objects import reader as reader_module
from muniment.sources.connectors.files.objects.reader import RangeReader
from muniment.sources.connectors.files.objects.roles import Keys, Role, signed
from muniment.sources.connectors.settings import fit
from muniment.sources.model import uses_tls

QUICK = Bounds(statement_timeout_seconds=1.0, connect_timeout_seconds=1.0)


@pytest.fixture
def lake() -> Iterator[Cloud]:
    with cloud() as server:
        yield server


def opened(connection: SourceConnection, bounds: Bounds = QUICK) -> "closing[S3Connector]":
    return closing(S3Connector(connection, bounds))


def rows_of(connector: S3Connector, name: str) -> int:
    (asset,) = connector.discover(Scope(include=(name,)))
    plan = ReadPlan()
    parts = connector.partitions(asset, plan)
    return sum(batch.num_rows for part in parts for batch in connector.read(asset, part, plan))


# ------------------------------------------------------------------------------------- the bytes


@settings(max_examples=60, deadline=None)
@given(
    st.binary(min_size=1, max_size=4000),
    st.lists(st.tuples(st.integers(-10, 4100), st.integers(-1, 1500)), max_size=30),
)
def test_an_object_reads_like_the_same_bytes_in_memory(
    content: bytes, steps: list[tuple[int, int]]
) -> None:
    def fetch(start: int, end: int) -> "Future[bytes]":
        assert 0 <= start < end <= len(content)
        assert end - start <= reader_module.PART
        done: Future[bytes] = Future()
        done.set_result(content[start:end])
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader_module, "PART", 256)
        patch.setattr(reader_module, "FIRST", 32)
        patch.setattr(reader_module, "LEAST", 16)
        plain = io.BytesIO(content)
        with RangeReader(len(content), fetch, lambda future: future.result()) as found:
            for place, size in steps:
                if place >= 0:  # a negative one stands for reading on in order
                    assert found.seek(place) == plain.seek(place)
                assert found.read(size) == plain.read(size)
                assert found.tell() == plain.tell()


def test_a_long_reading_asks_for_large_parts_and_a_short_one_for_little(lake: Cloud) -> None:
    line = b"1234567,some text of a row\n"
    lake.objects["a.csv"] = b"id,text\n" + line * (6 * (1 << 20) // len(line))
    with opened(lake.connection()) as connector:
        (asset,) = connector.discover(Scope())
        seen = len(lake.asked)
        assert seen <= 4  # look, list, and the head of the file
        (part, *_) = connector.partitions(asset, ReadPlan())
        planned = len(lake.asked)
        assert planned - seen <= 2 * (6 + 8)
        assert sum(b.num_rows for b in connector.read(asset, part, ReadPlan())) > 100_000


# ------------------------------------------------------------------------------------ the listing


def test_many_objects_are_listed_in_pages_and_asked_nothing_each(lake: Cloud) -> None:
    for number in range(2_500):
        lake.objects[f"t/day={number % 100}/part-{number:06}.csv"] = b"a\n1\n"
    with opened(lake.connection("t"), Bounds()) as connector:
        (asset,) = connector.discover(Scope())
    assert asset.path == ("t",)
    assert asset.properties["files"] == "2500"
    assert asset.properties["partition_columns"] == "day"
    listed = [each for each in lake.asked if "list-type" in each]
    assert len(listed) == 4  # one to look, three pages
    assert len(lake.asked) - len(listed) <= 32  # heads of a few files; no request for each


def test_odd_keys_cost_their_own_folder_and_marks_of_folders_are_no_files(lake: Cloud) -> None:
    lake.objects |= {
        "x/good.csv": b"a\n1\n",
        "x/odd//lost.csv": b"a\n1\n",
        "x/odd/seen.csv": b"a\n1\n",
        "x/up/../lost.csv": b"a\n1\n",
        "x/orders.parquet/": b"",
        "x/orders.parquet/part-0.csv": b"a\n1\n2\n",
        "x/_tmp/no.csv": b"a\n1\n",
        "x/é 100%+&#?;.csv": b"a\n1\n2\n3\n",
    }
    with opened(lake.connection("x")) as connector:
        found = {asset.path: asset for asset in connector.discover(Scope())}
        assert rows_of(connector, "é 100%+&#?;.csv") == 3
        assert rows_of(connector, "orders.parquet") == 2
    assert set(found) == {
        ("good.csv",),
        ("é 100%+&#?;.csv",),
        ("orders.parquet",),
        ("odd",),
        ("up",),
    }
    for path in (("odd",), ("up",)):
        assert found[path].properties["readable"] == "false"
        assert "Rename them" in found[path].properties["problem"]


def test_one_object_can_be_the_source(lake: Cloud) -> None:
    lake.objects["deep/down/a.csv"] = b"a\n1\n"
    lake.objects["deep/down/a.csv.old"] = b"a\n1\n"
    lake.objects |= {"deep/b.csv": b"", "deep/b.csv/part-0.csv": b"a\n1\n2\n"}
    with opened(lake.connection("deep/down/a.csv")) as connector:
        assert rows_of(connector, "a.csv") == 1
        assert [step.outcome for step in connector.test()] == [StepOutcome.PASSED] * 4
    with opened(lake.connection("deep/b.csv")) as connector:  # a folder, and its mark
        assert rows_of(connector, "part-0.csv") == 2


# -------------------------------------------------------------------------------------- changes


def test_what_is_replaced_while_it_is_read_is_told_and_what_is_kept_is_known(
    lake: Cloud,
) -> None:
    def table(rows: int) -> bytes:
        sink = io.BytesIO()
        data = pa.table({"a": list(range(rows)), "b": ["some text"] * rows})
        pq.write_table(data, sink, row_group_size=10_000, compression="none", use_dictionary=False)
        return sink.getvalue()

    lake.objects |= {"a.parquet": table(200_000), "b.parquet": table(10)}
    plan = ReadPlan(rows_per_partition=50_000)
    with opened(lake.connection(), Bounds()) as connector:
        assets = list(connector.discover(Scope()))
        before = connector.markers(assets)
        parts = connector.partitions(assets[0], plan)
        settled = connector.settle(assets[0], parts, ())
        assert len(parts) == 4
        rows = connector.read(assets[0], parts[0], plan)
        next(rows)
        lake.objects["a.parquet"] = table(200_001)
        with pytest.raises(SourceObjectGone, match="replaced"):
            list(connector.read(assets[0], parts[1], plan))
        told = json.dumps([part.spec for part in parts]) + str(before)
        assert "hush" not in told
        assert "127.0.0.1" not in told
    with opened(lake.connection(), Bounds()) as connector:
        after = connector.markers(assets)
        assert after[("b.parquet",)] == before[("b.parquet",)]
        assert after[("a.parquet",)] != before[("a.parquet",)]
    lake.objects["a.parquet"] = table(200_000)
    with opened(lake.connection(), Bounds()) as connector:
        again = connector.partitions(assets[0], plan)
        known = [KnownPart(part.partition.spec, part.marker or "", 1) for part in settled]
        assert all(part.unchanged for part in connector.settle(assets[0], again, known))


# -------------------------------------------------------------------------------------- failures


def refusal(cloud: Cloud, status: int, code: str, more: str = "", *, reading: bool = False) -> None:
    """From now on the server answers so: every request, or those for objects only."""
    body = error(code, more)
    cloud.first = lambda path: None if reading and "list-type" in path else (status, body)


@pytest.mark.parametrize(
    ("status", "code", "more", "reading", "kind", "says"),
    [
        (403, "AccessDenied", "", False, SourcePermissionMissing, "s3:ListBucket on arn:aws:s3:::"),
        (403, "AccessDenied", "", True, SourcePermissionMissing, "s3:GetObject on arn:aws:s3:::"),
        (403, "InvalidAccessKeyId", "", False, SourceAuthenticationFailed, "refused the cred"),
        (403, "SignatureDoesNotMatch", "", False, SourceAuthenticationFailed, "refused the cred"),
        (400, "ExpiredToken", "", False, SourceAuthenticationFailed, "have expired"),
        (403, "RequestTimeTooSkewed", "", False, SourceAuthenticationFailed, "clock"),
        (404, "NoSuchBucket", "", False, SourceUnreachable, "no 'lake'"),
        (
            *(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>", False),
            *(SourceUnreachable, "eu-west-3"),
        ),
        (405, "MethodNotAllowed", "", False, SourceUnreachable, "status 405"),
    ],
)
def test_refusals_say_what_is_missing(
    lake: Cloud, status: int, code: str, more: str, reading: bool, kind: type, says: str
) -> None:
    lake.objects["a.parquet"] = b"PAR1" * 10
    refusal(lake, status, code, more, reading=reading)
    with opened(lake.connection()) as connector:
        failed = [step for step in connector.test() if step.outcome is StepOutcome.FAILED]
        assert [step.name for step in failed] == [
            "Read" if reading else "Sign-in" if kind is SourceAuthenticationFailed else "List"
        ]
        assert says in failed[0].message
        assert failed[0].remedy
        if reading:
            (asset,) = connector.discover(Scope())
            assert says in asset.properties["problem"]
            assert says in asset.properties["grant"] if kind is SourcePermissionMissing else True
        else:
            with pytest.raises(kind, match=says):
                connector.probe()


def test_a_store_that_falls_silent_ends_in_an_error_and_can_be_cancelled(lake: Cloud) -> None:
    lake.objects["a.csv"] = b"a\n" + b"1\n" * (1 << 20)
    with opened(lake.connection()) as connector, opened(lake.connection(), Bounds()) as patient:
        (asset,) = patient.discover(Scope())
        lake.first = lambda _: (503, b"") if lake.over.wait(20) else None
        began = time.monotonic()
        with pytest.raises(SourceTimeout, match=r"answer.*\."):
            connector.probe()
        assert time.monotonic() - began < 4.0
        began = time.monotonic()
        threading.Timer(0.3, patient.cancel).start()
        with pytest.raises(Cancelled):
            patient.partitions(asset, ReadPlan())
        assert time.monotonic() - began < 2.0


def test_a_connection_that_breaks_in_the_middle_is_no_damaged_file(lake: Cloud) -> None:
    sink = io.BytesIO()
    table = pa.table({"a": list(range(400_000))})
    pq.write_table(table, sink, row_group_size=50_000, compression="none", use_dictionary=False)
    lake.objects["a.parquet"] = sink.getvalue()
    with opened(lake.connection(), replace(QUICK, statement_timeout_seconds=3.0)) as connector:
        (asset,) = connector.discover(Scope())
        (part,) = connector.partitions(asset, ReadPlan())
        refusal(lake, 403, "AccessDenied", reading=True)
        with pytest.raises(SourcePermissionMissing):
            list(connector.read(asset, part, ReadPlan()))
        assert connector.skipped_rows == 0


def every_kind(cloud: Cloud) -> Iterator[tuple[S3Connector | AzureConnector | GcsConnector, str]]:
    place: dict[str, JsonValue] = {"endpoint": f"http://127.0.0.1:{cloud.port}", "allow_http": True}
    secret = "c2VjcmV0LXNlY3JldA=="
    yield S3Connector(cloud.connection(), QUICK), "hush-hush"
    for settings_, secrets in (
        ({"account": "acc"}, {"account_key": secret}),
        ({"account": "acc"}, {"sas_token": f"sv=2024&sig={secret}&se=2030"}),
        ({}, {"connection_string": f"AccountName=acc;AccountKey={secret};EndpointSuffix=x.y"}),
    ):
        given: JsonObject = {**place, **settings_, "container": "lake"}
        connection = SourceConnection(UUID(int=1), "x", "azure", given, secrets)
        yield AzureConnector(connection, QUICK), secret
    public: JsonObject = {**place, "bucket": "lake", "anonymous": True}
    yield GcsConnector(SourceConnection(UUID(int=2), "x", "gcs", public), QUICK), "\0"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412])
def test_no_failure_shows_a_secret(lake: Cloud, status: int) -> None:
    lake.first = lambda path: (status, f"<Error>{path} hush-hush</Error>".encode())
    for connector, secret in every_kind(lake):
        with closing(connector):
            told = "".join(f"{step}" for step in connector.test()) + connector.grant_script()
            with pytest.raises(SourceError) as caught:
                connector.probe()
        told += f"{caught.value!r} {caught.value.context} {caught.value.__cause__!r}"
        for word in (secret, "hush-hush", secret.replace("=", "%3D")):
            assert word not in told
        assert caught.value.message.endswith(".")


# ------------------------------------------------------------------------------- other clouds


def test_google_s_protocol_reads_the_same(lake: Cloud) -> None:
    lake.objects |= {"f/a.csv": b"a\n1\n2\n", "f/b.ndjson": b'{"a": 1}\n'}
    given: JsonObject = {
        "bucket": "lake",
        "prefix": "f",
        "anonymous": True,
        "endpoint": f"http://127.0.0.1:{lake.port}",
        "allow_http": True,
    }
    with closing(
        GcsConnector(SourceConnection(UUID(int=3), "x", "gcs", given), Bounds())
    ) as connector:
        assert [step.outcome for step in connector.test()] == [StepOutcome.PASSED] * 4
        plan = ReadPlan()
        rows = {
            asset.path: sum(
                batch.num_rows
                for part in connector.partitions(asset, plan)
                for batch in connector.read(asset, part, plan)
            )
            for asset in connector.discover(Scope())
        }
    assert rows == {("a.csv",): 2, ("b.ndjson",): 1}


HTTP: dict[str, JsonValue] = {"endpoint": "http://store.example", "allow_http": True}


@pytest.mark.parametrize(
    ("open_it", "says"),
    [
        (lambda: fit(S3Settings, {"bucket": "lake", "endpoint": "http://x"}), "has no TLS"),
        (lambda: fit(S3Settings, {"bucket": "lake", "endpoint": "https://u:p@x"}), "credentials"),
        (lambda: fit(S3Settings, {"bucket": "lake"}, {"access_key_id": "a"}), "two halves"),
        (lambda: fit(S3Settings, {"bucket": "b/c"}), "name of a bucket"),
        (lambda: fit(S3Settings, {"bucket": "lake", "prefix": "a/../b"}), "must not hold"),
        (lambda: fit(AzureSettings, {"container": "raw"}), "storage account"),
        (
            lambda: azure.place_of(
                fit(AzureSettings, {"container": "raw", "account": "a"} | HTTP), QUICK
            ),
            "identity of the machine",
        ),
        (
            lambda: azure.place_of(
                fit(AzureSettings, {"container": "ccc"}, {"connection_string": "AccountName=a"}),
                QUICK,
            ),
            "no AccountKey",
        ),
        (
            lambda: gcs.place_of(fit(GcsSettings, {"bucket": "lake"} | HTTP), QUICK),
            "identity of the machine",
        ),
        (
            lambda: gcs.place_of(
                fit(GcsSettings, {"bucket": "lake"}, {"service_account_json": "{}"}), QUICK
            ),
            "JSON file that Google",
        ),
    ],
)
def test_settings_that_would_leak_or_fail_are_refused(
    open_it: Callable[[], object], says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        open_it()


@pytest.mark.parametrize(
    ("given", "endpoint"),
    [
        ({"bucket": "lake"}, "https://lake.s3.us-east-1.amazonaws.com"),
        ({"bucket": "my.lake", "region": "eu-west-1"}, "https://s3.eu-west-1.amazonaws.com"),
        (
            {"bucket": "lake", "region": "cn-north-1"},
            "https://lake.s3.cn-north-1.amazonaws.com.cn",
        ),
        ({"bucket": "lake", "endpoint": "https://minio:9000"}, "https://minio:9000"),
        (
            {"bucket": "lake", "endpoint": "https://minio:9000", "addressing": "host"},
            "https://lake.minio:9000",
        ),
    ],
)
def test_where_a_bucket_is_addressed(
    given: dict[str, str], endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://elsewhere.example")
    monkeypatch.delenv("AWS_REGION", raising=False)
    place = s3.place_of(fit(S3Settings, {**given, "anonymous": True}), QUICK)
    assert place.endpoint == endpoint
    assert uses_tls("s3", dict(given))
    assert not uses_tls("s3", {**given, "endpoint": "http://minio:9000"})
    assert place.client.config.get("endpoint") == endpoint
    listing, reading = json.loads(place.policy)["Statement"]
    assert (listing["Action"], reading["Action"]) == ("s3:ListBucket", "s3:GetObject")
    partition = "aws-cn" if given.get("region") == "cn-north-1" else "aws"
    assert reading["Resource"] == f"arn:{partition}:s3:::{given['bucket']}/*"


def test_the_request_for_a_role_is_signed_as_aws_does() -> None:
    role = Role("arn:aws:iam::123456789012:role/reader", "who+me", "eu-west-1")
    request = signed(
        role, Keys("AKID", "sec/ret", "tok"), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    )
    assert request.full_url == "https://sts.eu-west-1.amazonaws.com/"
    signature = request.headers["Authorization"].partition("Signature=")[2]
    assert signature == BY_BOTOCORE


BY_BOTOCORE = "24908639a516639937db5bf4d9c826ecf7b78e250eeb3a7972c3c212ad211d09"
"""Worked out once by the library of AWS for the very same request."""
