"""The settings of each kind of source, as people fill them in."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from muniment.contracts.connectors import SourceConnection
from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject


class SslMode(StrEnum):
    DISABLE = "disable"
    ALLOW = "allow"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


def _no_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not hold a NUL character")
    return value


class SourceSettings(BaseModel):
    """What every kind has in common: nothing but strictness."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    secret_fields: ClassVar[tuple[str, ...]] = ()
    first: ClassVar[tuple[str, ...]] = ()
    """The fields a form begins with; the others follow in their order."""

    _texts = field_validator("*", mode="after")(
        lambda value: _no_nul(value) if isinstance(value, str) else value
    )


class PostgresSettings(SourceSettings):
    """Where the PostgreSQL database is and who asks."""

    secret_fields: ClassVar[tuple[str, ...]] = ("password",)

    host: Annotated[
        str,
        Field(
            title="Host",
            min_length=1,
            max_length=400,
            description="Name or address; a path that begins with / is a Unix socket's folder.",
            examples=["db.example.org"],
        ),
    ] = "localhost"
    port: Annotated[int, Field(title="Port", ge=1, le=65535)] = 5432
    database: Annotated[str, Field(title="Database", min_length=1, max_length=63)]
    user: Annotated[
        str,
        Field(
            title="User",
            min_length=1,
            max_length=63,
            description="An account of its own that may only read.",
        ),
    ]
    password: Annotated[SecretStr | None, Field(title="Password")] = None
    sslmode: Annotated[
        SslMode,
        Field(title="TLS", description="verify-full checks the certificate and the name."),
    ] = SslMode.PREFER
    sslrootcert: Annotated[
        str | None,
        Field(
            title="Root certificate",
            max_length=1000,
            description="File on the machine that scans, for verify-ca and verify-full.",
        ),
    ] = None


class MysqlTls(StrEnum):
    DISABLE = "disable"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


class MysqlSettings(SourceSettings):
    """Where the MySQL or MariaDB server is and who asks."""

    secret_fields: ClassVar[tuple[str, ...]] = ("password",)

    host: Annotated[
        str,
        Field(
            title="Host",
            min_length=1,
            max_length=400,
            description="Name or address; a path that begins with / is a Unix socket.",
            examples=["db.example.org"],
        ),
    ] = "localhost"
    port: Annotated[int, Field(title="Port", ge=1, le=65535)] = 3306
    database: Annotated[
        str | None,
        Field(
            title="Database",
            max_length=64,
            description="Only this one is read; left empty, every database the account may see.",
        ),
    ] = None
    user: Annotated[
        str,
        Field(
            title="User",
            min_length=1,
            max_length=128,
            description="An account of its own that may only read.",
        ),
    ]
    password: Annotated[SecretStr | None, Field(title="Password")] = None
    sslmode: Annotated[
        MysqlTls,
        Field(title="TLS", description="verify-full checks the certificate and the name."),
    ] = MysqlTls.PREFER
    sslrootcert: Annotated[
        str | None,
        Field(
            title="Root certificate",
            max_length=1000,
            description="File on the machine that scans, for verify-ca and verify-full.",
        ),
    ] = None


class SqliteSettings(SourceSettings):
    """Where the SQLite file is."""

    path: Annotated[
        str,
        Field(
            title="Database file",
            min_length=1,
            max_length=4000,
            description="Path on the machine that scans; it is opened read-only.",
            examples=["/srv/data/marketing.db"],
        ),
    ]


class DuckdbSettings(SourceSettings):
    """Where the DuckDB file is."""

    path: Annotated[
        str,
        Field(
            title="Database file",
            min_length=1,
            max_length=4000,
            description="Path on the machine that scans; it is opened read-only.",
            examples=["/srv/data/warehouse.duckdb"],
        ),
    ]


SECRET_WORDS = frozenset(
    {"password", "passwd", "pwd", "token", "secret", "private_key", "odbc_connect"}
)


class SqlalchemySettings(SourceSettings):
    """How SQLAlchemy reaches a database, by a dialect that is installed where scans run."""

    secret_fields: ClassVar[tuple[str, ...]] = ("password", "connect_args")

    url: Annotated[
        str,
        Field(
            title="URL",
            min_length=3,
            max_length=2000,
            description="SQLAlchemy's, without the password.",
            examples=["oracle+oracledb://reader@db.example.org:1521/?service_name=sales"],
        ),
    ]
    password: Annotated[SecretStr | None, Field(title="Password")] = None
    schemas: Annotated[
        str | None,
        Field(
            title="Schemas",
            max_length=2000,
            description="Separated by commas; left empty, all that the account sees.",
        ),
    ] = None
    connect_args: Annotated[
        SecretStr | None,
        Field(
            title="Connect arguments",
            max_length=20_000,
            description="A JSON object handed to the driver, kept like a password.",
        ),
    ] = None

    @field_validator("url")
    @classmethod
    def _without_secrets(cls, value: str) -> str:
        from sqlalchemy.engine import make_url  # heavy, and of no use to other sources
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(value)
        except (ArgumentError, ValueError):
            raise ValueError("is not dialect+driver://user@host:port/database") from None
        if url.password is not None or SECRET_WORDS & {name.lower() for name in url.query}:
            raise ValueError("must not hold a secret: give it as password or connect argument")
        return value

    @field_validator("connect_args")
    @classmethod
    def _an_object(cls, value: SecretStr | None) -> SecretStr | None:
        try:
            given = {} if value is None else json.loads(value.get_secret_value())
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise ValueError("must be a JSON object")
        return value


class TextSettings(SourceSettings):
    """How files of text are to be understood, where their heads mislead."""

    encoding: Annotated[
        str | None,
        Field(
            title="Encoding",
            max_length=40,
            description="Of text files; detected file by file where it is left empty.",
        ),
    ] = None
    delimiter: Annotated[
        str | None,
        Field(
            title="Delimiter",
            min_length=1,
            max_length=1,
            description="Of CSV files; detected file by file where it is left empty.",
        ),
    ] = None

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            "".encode(value)
        except LookupError:
            raise ValueError("is not an encoding that Python knows") from None
        return value


class FilesSettings(TextSettings):
    """Where the files are, and how they are to be understood."""

    first: ClassVar[tuple[str, ...]] = ("path",)

    path: Annotated[
        str,
        Field(
            title="Folder or file",
            min_length=1,
            max_length=4000,
            description="Path on the machine that scans.",
            examples=["/srv/lake"],
        ),
    ]


Settings = TypeVar("Settings", bound=SourceSettings)


def fit(model: type[Settings], settings: JsonObject, secrets: JsonObject | None = None) -> Settings:
    """The settings as ``model``; Invalid names each field that does not fit, without its value."""
    try:
        return model.model_validate({**settings, **(secrets or {})})
    except ValidationError as error:
        problems = [
            {
                "field": ".".join(map(str, e["loc"])) or "settings",
                "problem": e["msg"].removeprefix("Value error, "),
            }
            for e in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        first = problems[0]
        raise Invalid(
            f"The settings do not fit: {first['field']}: {first['problem']}.", problems=problems
        ) from None


def of_connection(model: type[Settings], connection: SourceConnection) -> Settings:
    """The typed settings of a connection, secrets included."""
    return fit(model, connection.settings, dict(connection.secrets))


def expand(path: str) -> Path:
    """The absolute path a person means; ``~`` is the home of the account that scans."""
    return Path(path).expanduser().absolute()
