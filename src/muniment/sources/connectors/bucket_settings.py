"""The settings of buckets in S3, Azure and Google Cloud Storage, as people fill them in."""

import re
from enum import StrEnum
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from muniment.sources.connectors.settings import TextSettings

NETWORK = ("allow_http", "root_certificate")
Secret = Annotated[SecretStr | None, Field(max_length=20_000)]


class Addressing(StrEnum):
    """Whether a bucket is named in the path of its address or in the host."""

    AUTO = "auto"
    PATH = "path"
    HOST = "host"


class BucketSettings(TextSettings):
    """What all stores of objects have in common."""

    prefix: Annotated[
        str,
        Field(
            title="Folder",
            max_length=1000,
            description="Only what is in this folder, or this one file; all where it is empty.",
            examples=["lake/sales"],
        ),
    ] = ""
    allow_http: Annotated[
        bool,
        Field(
            title="Allow http",
            description="Without TLS, everybody on the way can read the data. Only for http://.",
        ),
    ] = False
    endpoint: Annotated[
        str | None,
        Field(
            title="Endpoint",
            max_length=400,
            description="Only for a store that is not the cloud's own.",
            examples=["https://minio.example.org:9000"],
        ),
    ] = None
    root_certificate: Annotated[
        str | None,
        Field(
            title="Root certificate",
            max_length=1000,
            description="PEM file on the machine that scans, for an endpoint with its own.",
        ),
    ] = None
    anonymous: Annotated[
        bool, Field(title="Anonymous", description="The data is public; no credentials are used.")
    ] = False

    @field_validator("prefix")
    @classmethod
    def _clean(cls, value: str) -> str:
        parts = [part for part in value.split("/") if part]
        if any(part in (".", "..") for part in parts):
            raise ValueError("must not hold the parts . and ..")
        return "/".join(parts)

    @field_validator("endpoint")
    @classmethod
    def _is_url(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError("must look like https://host:port, without credentials")
        if parts.scheme == "http" and not info.data.get("allow_http"):
            raise ValueError("has no TLS; use https://, or switch «Allow http» on")
        return value.rstrip("/")

    def secret(self, name: str) -> str | None:
        """The clear text of a secret; None when it was not given."""
        given = getattr(self, name)
        return given.get_secret_value().strip() or None if given is not None else None


def _bucket_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9$][A-Za-z0-9._-]{1,220}", value):
        raise ValueError("is no name of a bucket: letters, digits, dots and dashes")
    return value


class S3Settings(BucketSettings):
    """A bucket of Amazon S3, or of a store that speaks its protocol."""

    secret_fields: ClassVar[tuple[str, ...]] = (
        "access_key_id",
        "secret_access_key",
        "session_token",
    )
    first: ClassVar[tuple[str, ...]] = (
        *("bucket", "prefix", "region", *secret_fields, "role_arn", "external_id"),
        *("anonymous", "endpoint", "addressing", *NETWORK),
    )

    bucket: Annotated[str, Field(title="Bucket", examples=["company-lake"])]
    region: Annotated[
        str | None,
        Field(title="Region", max_length=60, examples=["eu-central-1"]),
    ] = None
    addressing: Annotated[
        Addressing,
        Field(
            title="Addressing",
            description="Where the bucket is named: auto is the path at an endpoint of your own.",
        ),
    ] = Addressing.AUTO
    access_key_id: Annotated[
        Secret,
        Field(
            title="Access key ID",
            description="Left empty, the credentials of the machine that scans are used.",
        ),
    ] = None
    secret_access_key: Annotated[Secret, Field(title="Secret access key")] = None
    session_token: Annotated[
        Secret, Field(title="Session token", description="Only for temporary keys.")
    ] = None
    role_arn: Annotated[
        str | None,
        Field(
            title="Role to assume",
            max_length=2048,
            pattern=r"^arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]+$",
            examples=["arn:aws:iam::123456789012:role/muniment-reader"],
        ),
    ] = None
    external_id: Annotated[
        str | None,
        Field(title="External ID", max_length=1224, description="If the role asks for one."),
    ] = None

    _name = field_validator("bucket")(_bucket_name)

    @model_validator(mode="after")
    def _both(self) -> "S3Settings":
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("an access key has two halves, its ID and the secret")
        return self


class AzureSettings(BucketSettings):
    """A container of Azure Blob Storage or of Data Lake Storage Gen2."""

    secret_fields: ClassVar[tuple[str, ...]] = (
        "account_key",
        "sas_token",
        "connection_string",
        "client_secret",
    )
    first: ClassVar[tuple[str, ...]] = (
        *("account", "container", "prefix", *secret_fields[:3]),
        *("tenant_id", "client_id", "client_secret", "anonymous", "endpoint", *NETWORK),
    )

    account: Annotated[
        str,
        Field(
            title="Storage account",
            max_length=100,
            pattern=r"^[a-z0-9-]*$",
            description="Its short name; may be left empty with a connection string.",
            examples=["companylake"],
        ),
    ] = ""
    container: Annotated[str, Field(title="Container", examples=["raw"])]
    account_key: Annotated[
        Secret,
        Field(
            title="Account key",
            description="Left without any, the identity of the machine that scans is used.",
        ),
    ] = None
    sas_token: Annotated[
        Secret, Field(title="SAS token", description="With the permissions read and list.")
    ] = None
    connection_string: Annotated[Secret, Field(title="Connection string")] = None
    tenant_id: Annotated[
        str | None, Field(title="Tenant ID", max_length=100, description="Of a service principal.")
    ] = None
    client_id: Annotated[
        str | None, Field(title="Client ID", max_length=100, description="Of a service principal.")
    ] = None
    client_secret: Annotated[Secret, Field(title="Client secret")] = None

    _name = field_validator("container")(_bucket_name)

    @model_validator(mode="after")
    def _whose(self) -> "AzureSettings":
        if not self.account and self.connection_string is None:
            raise ValueError("name the storage account, or give its connection string")
        if self.client_secret is not None and not (self.tenant_id and self.client_id):
            raise ValueError("a service principal has a tenant ID, a client ID and a secret")
        return self


class GcsSettings(BucketSettings):
    """A bucket of Google Cloud Storage."""

    secret_fields: ClassVar[tuple[str, ...]] = ("service_account_json",)
    first: ClassVar[tuple[str, ...]] = (
        *("bucket", "prefix", *secret_fields),
        *("anonymous", "endpoint", *NETWORK),
    )

    bucket: Annotated[str, Field(title="Bucket", examples=["company-lake"])]
    service_account_json: Annotated[
        Secret,
        Field(
            title="Service account key",
            description="The JSON file's content. Left empty, the machine's own is used.",
        ),
    ] = None

    _name = field_validator("bucket")(_bucket_name)
