"""The kinds of source that come with Muniment, described without loading what reads them."""

from muniment.contracts.connectors import Capabilities, ConnectorType
from muniment.kernel.values import JsonObject
from muniment.sources.connectors.bucket_settings import AzureSettings, GcsSettings, S3Settings
from muniment.sources.connectors.settings import (
    DuckdbSettings,
    FilesSettings,
    MysqlSettings,
    PostgresSettings,
    SourceSettings,
    SqlalchemySettings,
    SqliteSettings,
)

__all__ = ["AZURE", "DUCKDB", "FILES", "GCS", "MYSQL", "POSTGRESQL", "S3", "SQLALCHEMY", "SQLITE"]


def _schema(model: type[SourceSettings]) -> JsonObject:
    schema = model.model_json_schema()
    fields = schema["properties"]
    schema["properties"] = {name: fields[name] for name in model.first} | fields
    return schema


POSTGRESQL = ConnectorType(
    kind="postgresql",
    title="PostgreSQL",
    description="A PostgreSQL database, version 12 or later, and what speaks its protocol.",
    capabilities=Capabilities(
        profile=True,
        partitions=True,
        row_estimates=True,
        sizes=True,
        keys=True,
        view_definitions=True,
        routines=True,
        grants=True,
        comments=True,
        cancel=True,
    ),
    settings_schema=_schema(PostgresSettings),
    secret_fields=PostgresSettings.secret_fields,
    dialect="postgres",
)

MYSQL = ConnectorType(
    kind="mysql",
    title="MySQL or MariaDB",
    description="The databases of a MySQL server (5.7.8 or later) or of MariaDB (10.2 or later).",
    capabilities=Capabilities(
        profile=True,
        partitions=True,
        row_estimates=True,
        sizes=True,
        keys=True,
        view_definitions=True,
        routines=True,
        grants=True,
        comments=True,
        cancel=True,
    ),
    settings_schema=_schema(MysqlSettings),
    secret_fields=MysqlSettings.secret_fields,
    dialect="mysql",
)

SQLITE = ConnectorType(
    kind="sqlite",
    title="SQLite",
    description="A SQLite database file.",
    capabilities=Capabilities(
        profile=True, partitions=True, keys=True, view_definitions=True, cancel=True
    ),
    settings_schema=_schema(SqliteSettings),
    dialect="sqlite",
)

DUCKDB = ConnectorType(
    kind="duckdb",
    title="DuckDB",
    description="A DuckDB database file.",
    capabilities=Capabilities(
        profile=True,
        partitions=True,
        row_estimates=True,
        keys=True,
        view_definitions=True,
        routines=True,
        comments=True,
        cancel=True,
    ),
    settings_schema=_schema(DuckdbSettings),
    dialect="duckdb",
)

SQLALCHEMY = ConnectorType(
    kind="sqlalchemy",
    title="Other database (SQLAlchemy)",
    description="Oracle, SQL Server, Snowflake, Db2, Trino ...: by a dialect that you install.",
    capabilities=Capabilities(
        profile=True,
        partitions=True,
        keys=True,
        view_definitions=True,
        comments=True,
        cancel=True,
    ),
    settings_schema=_schema(SqlalchemySettings),
    secret_fields=SqlalchemySettings.secret_fields,
)

FILES = ConnectorType(
    kind="files",
    title="Files",
    description="A folder or one file: CSV, TSV, JSON, Parquet, ORC, Avro, Excel; packed text too.",
    capabilities=Capabilities(
        profile=True, partitions=True, row_estimates=True, sizes=True, cancel=True
    ),
    settings_schema=_schema(FilesSettings),
)

OF_FILES = Capabilities(profile=True, partitions=True, row_estimates=True, sizes=True, cancel=True)

S3 = ConnectorType(
    kind="s3",
    title="Amazon S3",
    description="Files in a bucket of S3, or of a store that speaks its protocol.",
    capabilities=OF_FILES,
    settings_schema=_schema(S3Settings),
    secret_fields=S3Settings.secret_fields,
)

AZURE = ConnectorType(
    kind="azure",
    title="Azure Storage",
    description="Files in a container of Blob Storage or of Data Lake Storage Gen2.",
    capabilities=OF_FILES,
    settings_schema=_schema(AzureSettings),
    secret_fields=AzureSettings.secret_fields,
)

GCS = ConnectorType(
    kind="gcs",
    title="Google Cloud Storage",
    description="Files in a bucket of Google Cloud Storage.",
    capabilities=OF_FILES,
    settings_schema=_schema(GcsSettings),
    secret_fields=GcsSettings.secret_fields,
)
