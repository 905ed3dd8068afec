"""URLs of buckets, as the tools of their clouds write them, as kinds, settings and secrets."""

from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonValue

Told = tuple[str, dict[str, JsonValue], dict[str, str]]
"""Kind, settings and secrets."""

COMMON = frozenset({"endpoint", "allow_http", "root_certificate", "anonymous"})
OPTIONS: Mapping[str, frozenset[str]] = {
    "s3": COMMON | {"region", "addressing", "role_arn", "external_id"},
    "azure": COMMON | {"account", "tenant_id", "client_id"},
    "gcs": COMMON,
}
SWITCHES = frozenset({"allow_http", "anonymous"})
KINDS: Mapping[str, str] = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("az", "azure", "abfs", "abfss", "wasb", "wasbs"), "azure"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
}
SURROUNDINGS: Mapping[str, Mapping[str, str]] = {
    "s3": {
        "AWS_ACCESS_KEY_ID": "access_key_id",
        "AWS_SECRET_ACCESS_KEY": "secret_access_key",
        "AWS_SESSION_TOKEN": "session_token",
    },
    "azure": {
        "AZURE_STORAGE_KEY": "account_key",
        "AZURE_STORAGE_SAS_TOKEN": "sas_token",
        "AZURE_STORAGE_CONNECTION_STRING": "connection_string",
    },
    "gcs": {},
}
"""Where the tools of the clouds look for what is secret; a worker elsewhere has it not."""
PLACES: Mapping[str, Mapping[str, str]] = {
    "s3": {"AWS_REGION": "region", "AWS_ENDPOINT_URL": "endpoint"},
    "azure": {"AZURE_STORAGE_ACCOUNT": "account"},
    "gcs": {},
}
EXAMPLES: Mapping[str, str] = {
    "s3": "s3://bucket/folder?region=eu-central-1",
    "azure": "abfss://container@account.dfs.core.windows.net/folder",
    "gcs": "gs://bucket/folder",
}


def of_bucket(scheme: str, text: str, surroundings: Mapping[str, str]) -> Told:
    """What a bucket's URL says, and the surroundings where it says nothing.

    Invalid when it does not fit, without what is secret in it.
    """
    kind = KINDS[scheme]
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        if parts.port is not None:
            raise ValueError
    except ValueError:
        raise _unfit(kind) from None
    settings: dict[str, JsonValue] = {
        "prefix": unquote(parts.path).strip("/"),
        **_options(kind, parts.query),
    }
    named, secrets = TAKEN_APART[kind](parts, host)
    if not all(named.values()):
        raise _unfit(kind)
    settings = {**_found(PLACES[kind], surroundings), **named, **settings}
    if not secrets and not settings.get("anonymous"):
        secrets = _found(SURROUNDINGS[kind], surroundings)
    return kind, settings, secrets


def _found(wanted: Mapping[str, str], surroundings: Mapping[str, str]) -> dict[str, str]:
    return {name: surroundings[key] for key, name in wanted.items() if surroundings.get(key)}


def _unfit(kind: str) -> Invalid:
    return Invalid(
        f"The URL does not fit: {EXAMPLES[kind]}. Write special characters of a secret as %XX."
    )


def _options(kind: str, query: str) -> dict[str, JsonValue]:
    given = dict(parse_qsl(query))
    unknown = sorted(set(given) - OPTIONS[kind])
    if unknown:
        raise Invalid(f"The URL has options that are not known: {', '.join(unknown)}.")
    return {
        name: value.lower() in ("1", "true", "yes") if name in SWITCHES else value
        for name, value in given.items()
    }


def _s3(parts: SplitResult, host: str) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """``s3://bucket/folder``; a key may stand before the bucket as ``ID:secret@``."""
    secrets = {}
    if parts.username and parts.password:
        secrets = {
            "access_key_id": unquote(parts.username),
            "secret_access_key": unquote(parts.password),
        }
    return {"bucket": _as_written(parts, host)}, secrets


def _azure(parts: SplitResult, host: str) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """``container@account.host`` as Hadoop writes it, or the container alone."""
    if parts.password is not None:
        raise _unfit("azure")
    if parts.username is None:
        return {"container": _as_written(parts, host)}, {}
    named: dict[str, JsonValue] = {
        "container": unquote(parts.username),
        "account": host.partition(".")[0],
    }
    domain = host.partition(".")[2].partition(".")[2]
    if domain and domain != "core.windows.net":
        named["endpoint"] = f"https://{named['account']}.blob.{domain}"
    return named, {}


def _gcs(parts: SplitResult, host: str) -> tuple[dict[str, JsonValue], dict[str, str]]:
    if parts.username is not None:
        raise _unfit("gcs")
    return {"bucket": _as_written(parts, host)}, {}


def _as_written(parts: SplitResult, host: str) -> str:
    """The bucket's name, whose capitals the standard library does not keep."""
    written = parts.netloc.rpartition("@")[2]
    return written if written.lower() == host else host


TakenApart = Callable[[SplitResult, str], tuple[dict[str, JsonValue], dict[str, str]]]
TAKEN_APART: Mapping[str, TakenApart] = {"s3": _s3, "azure": _azure, "gcs": _gcs}
