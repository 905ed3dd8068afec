"""Amazon S3, and stores that speak its protocol."""

import configparser
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.store import S3Store

from muniment.contracts.connectors import Bounds
from muniment.sources.connectors.bucket_settings import Addressing, S3Settings
from muniment.sources.connectors.files.objects import limits, roles
from muniment.sources.connectors.files.objects.place import Place
from muniment.sources.connectors.files.objects.roles import Keys

if TYPE_CHECKING:  # exist for the type checker only
    from obstore.store import S3Config, S3Credential

NO_IDENTITY = (
    "The machine that scans has no credentials of its own for S3. Give an access key, or run it"
    " where a role is attached."
)


def place_of(given: S3Settings, bounds: Bounds) -> Place:
    region = given.region or os.environ.get("AWS_REGION") or "us-east-1"
    endpoint = _endpoint(given, region)
    config: S3Config = {
        "region": region,
        "endpoint": endpoint,
        "aws_endpoint_url_s3": endpoint,  # what the surroundings name would win otherwise
        "virtual_hosted_style_request": _in_host(given),
        "skip_signature": given.anonymous,
    }
    arn = f"arn:{_partition(region)}:s3:::{given.bucket}"
    provider = _provider(given, region, bounds)
    inside = f"{arn}/{given.prefix}/*" if given.prefix else f"{arn}/*"
    return Place(
        client=S3Store(
            given.bucket,
            config=config,
            client_options=limits.client_options(given, bounds),
            retry_config=limits.retries(bounds),
            credential_provider=provider,
        ),
        endpoint=endpoint,
        container=given.bucket,
        prefix=given.prefix,
        to_list=f"s3:ListBucket on {arn}",
        to_read=f"s3:GetObject on {inside}",
        policy=_policy(given, arn, inside),
        own_identity=NO_IDENTITY,
        anonymous=given.anonymous,
        machine=provider is None and not given.anonymous,
    )


def _partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _in_host(given: S3Settings) -> bool:
    """Auto: the cloud's own way, except for names that its certificates do not cover."""
    if given.addressing is Addressing.AUTO:
        return given.endpoint is None and "." not in given.bucket
    return given.addressing is Addressing.HOST


def _endpoint(given: S3Settings, region: str) -> str:
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    root = given.endpoint or f"https://s3.{region}.{domain}"
    if not _in_host(given):
        return root
    parts = urlsplit(root)
    host = parts.netloc
    return (
        root if host.startswith(f"{given.bucket}.") else f"{parts.scheme}://{given.bucket}.{host}"
    )


def _provider(
    given: S3Settings, region: str, bounds: Bounds
) -> "Callable[[], S3Credential] | None":
    """Where credentials come from; None leaves it to the machine: its surroundings or its role."""
    if given.anonymous:
        return None
    name, secret = given.secret("access_key_id"), given.secret("secret_access_key")
    keys = Keys(name, secret, given.secret("session_token")) if name and secret else _of_machine()
    if given.role_arn is None:
        return None if keys is None else keys.credential
    role = roles.Role(given.role_arn, given.external_id, region)
    return roles.Assumed(role, keys, bounds.connect_timeout_seconds).credential


def _of_machine() -> Keys | None:
    """The keys in the surroundings, or in the profile of the account that scans."""
    name, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if name and secret:
        return Keys(name, secret, os.environ.get("AWS_SESSION_TOKEN"))
    path = os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
    file = configparser.RawConfigParser()
    try:
        file.read(Path(path).expanduser())
    except (OSError, configparser.Error, UnicodeDecodeError):
        return None
    profile = os.environ.get("AWS_PROFILE", "default")
    known = dict(file[profile]) if profile in file else {}
    name, secret = known.get("aws_access_key_id"), known.get("aws_secret_access_key")
    return Keys(name, secret, known.get("aws_session_token")) if name and secret else None


def _policy(given: S3Settings, arn: str, inside: str) -> str:
    listing: dict[str, object] = {
        "Sid": "MunimentLists",
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": arn,
    }
    if given.prefix:
        listing["Condition"] = {"StringLike": {"s3:prefix": [given.prefix, f"{given.prefix}/*"]}}
    reading = {
        "Sid": "MunimentReads",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": [inside, f"{arn}/{given.prefix}"] if given.prefix else inside,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [listing, reading]}, indent=2)
