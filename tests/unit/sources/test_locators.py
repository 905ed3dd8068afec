"""What people type becomes a kind, settings and secrets kept apart."""

import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.kernel.errors import Invalid
from muniment.sources import locators
from muniment.sources.connectors.bucket_settings import (
    AzureSettings,
    BucketSettings,
    GcsSettings,
    S3Settings,
)
from muniment.sources.connectors.settings import fit
from muniment.sources.model import NAME

words = st.text(min_size=1, max_size=20).filter(lambda t: "\0" not in t and t.isprintable())


@given(user=words, password=words, database=words)
def test_whatever_the_parts_are_they_come_back(user: str, password: str, database: str) -> None:
    url = (
        f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}"
        f"@db.example:6543/{quote(database, safe='')}"
    )
    located = locators.parse(url)
    assert located.settings == {
        "host": "db.example",
        "port": 6543,
        "user": user,
        "database": database,
    }
    assert located.secrets == {"password": password}


def test_a_unix_socket_is_a_host_in_the_query() -> None:
    located = locators.parse("postgresql://u:p@/shop?host=/run/postgresql&port=5433")
    assert located.settings["host"] == "/run/postgresql"
    assert located.settings["port"] == 5433
    assert located.name == "shop"


def test_the_password_is_not_shown() -> None:
    assert "s3cret" not in repr(locators.parse("postgresql://u:s3cret@h/d"))


def test_tls_settings_are_taken_over() -> None:
    located = locators.parse("postgres://u@h/d?sslmode=verify-full&sslrootcert=/ca.pem")
    assert located.settings["sslmode"] == "verify-full"
    assert located.settings["sslrootcert"] == "/ca.pem"
    assert located.secrets == {}


@given(user=words, password=words, database=words)
def test_a_mysql_url_comes_back_too(user: str, password: str, database: str) -> None:
    user_, password_, database_ = (quote(text, safe="") for text in (user, password, database))
    located = locators.parse(f"mariadb://{user_}:{password_}@db.example/{database_}")
    assert located.kind == "mysql"
    assert located.settings == {
        "host": "db.example",
        "port": 3306,
        "user": user,
        "database": database,
    }
    assert located.secrets == {"password": password}


def test_a_mysql_server_may_be_meant_whole_and_tls_has_two_names() -> None:
    located = locators.parse("mysql://u@db.example?ssl-mode=VERIFY_IDENTITY&ssl-ca=/ca.pem")
    assert located.settings == {
        "host": "db.example",
        "port": 3306,
        "user": "u",
        "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
    }
    assert located.name == "db.example"
    located = locators.parse("mysql://u@/shop?unix_socket=/run/mysqld/mysqld.sock")
    assert located.settings["host"] == "/run/mysqld/mysqld.sock"


def test_paths_are_told_apart_by_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "my data.db"
    sqlite3.connect(file).execute("create table t (a)").connection.close()
    assert locators.parse(str(file)).kind == "sqlite"
    assert locators.parse(f"file://{quote(str(file))}").settings == {"path": str(file)}
    assert locators.parse(str(tmp_path)).kind == "files"
    assert locators.parse(f"sqlite:///{file}").settings == {"path": str(file)}
    assert locators.parse(f"sqlite:////{str(file)[1:]}").settings == {"path": str(file)}


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.db").touch()
    assert locators.parse("sqlite:///x.db").settings == {"path": str(tmp_path / "x.db")}
    assert locators.parse(".").settings == {"path": str(tmp_path)}


@pytest.mark.parametrize(
    "locator",
    [
        "",
        "mysql://h/d",
        "mysql://u@h:port/d",
        "mysql://u@h/d?wat=1",
        "mariadb://u:p/w@h/d",
        "nosuch://u@h/d",
        "./no/such/place",
        "postgresql://h/d",
        "postgresql://u@h:port/d",
        "postgresql://u@h/d?wat=1",
        "sqlite://relative.db",
        "file://elsewhere/x",
        "a\0b",
        "s3://",
        "s3://ID:se/cret@lake/x",
        "s3://lake?wat=1",
        "abfss://raw:key@company.dfs.core.windows.net/",
        "gs://me@lake",
    ],
)
def test_what_does_not_fit_gets_a_sentence(locator: str) -> None:
    with pytest.raises(Invalid) as caught:
        locators.parse(locator)
    assert caught.value.message.endswith((".", "..."))


CLOUDS = {
    "s3://ID:se%2Fcret@Lake/raw/2024/?region=eu-west-1": (
        "s3",
        {"bucket": "Lake", "prefix": "raw/2024", "region": "eu-west-1"},
        {"access_key_id": "ID", "secret_access_key": "se/cret"},
        "2024",
    ),
    "s3a://lake?endpoint=http://localhost:9000&allow_http=true&anonymous=1": (
        "s3",
        {
            "bucket": "lake",
            "prefix": "",
            "endpoint": "http://localhost:9000",
            "allow_http": True,
            "anonymous": True,
        },
        {},
        "lake",
    ),
    "abfss://raw@company.dfs.core.windows.net/sales/x.csv": (
        "azure",
        {"container": "raw", "account": "company", "prefix": "sales/x.csv"},
        {"account_key": "k=="},
        "x.csv",
    ),
    "wasbs://raw@company.blob.core.chinacloudapi.cn": (
        "azure",
        {
            "container": "raw",
            "account": "company",
            "prefix": "",
            "endpoint": "https://company.blob.core.chinacloudapi.cn",
        },
        {"account_key": "k=="},
        "raw",
    ),
    "az://raw/sales": (
        "azure",
        {"container": "raw", "account": "around", "prefix": "sales"},
        {"account_key": "k=="},
        "sales",
    ),
    "gs://lake/a%20b": ("gcs", {"bucket": "lake", "prefix": "a b"}, {}, "a-b"),
}


@pytest.mark.parametrize("url", CLOUDS)
def test_buckets_by_the_urls_of_their_clouds(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", "around")
    monkeypatch.setenv("AZURE_STORAGE_KEY", "k==")
    found = locators.parse(url)
    assert (found.kind, found.settings, found.secrets, found.name) == CLOUDS[url]
    models: dict[str, type[BucketSettings]] = {
        "s3": S3Settings,
        "azure": AzureSettings,
        "gcs": GcsSettings,
    }
    model = models[found.kind]
    assert isinstance(fit(model, found.settings, dict(found.secrets)), model)


@given(st.text())
def test_a_slug_is_always_a_good_name(text: str) -> None:
    assert NAME.fullmatch(locators.slug(text))


def test_a_password_with_a_slash_must_be_written_in_percent() -> None:
    with pytest.raises(Invalid, match="%XX") as refused:
        locators.parse("postgresql://reader:p@ss/word@db.example/shop")
    assert "ss/word" not in str(refused.value)


def test_a_duckdb_file_is_known_by_its_url_and_by_its_first_bytes(tmp_path: Path) -> None:
    url = locators.parse("duckdb:////srv/ware%20house.duckdb")
    assert (url.kind, url.name) == ("duckdb", "ware-house")
    assert url.settings == {"path": "/srv/ware house.duckdb"}
    file = tmp_path / "x.db"
    file.write_bytes(b"\0" * 8 + b"DUCK" + b"\0" * 100)
    assert locators.parse(str(file)).kind == "duckdb"
    table = tmp_path / "animals.csv"
    table.write_bytes(b"name,no\nDUCK,1\n")
    assert locators.parse(str(table)).kind == "files"


@pytest.mark.parametrize(
    ("url", "kept", "name"),
    [
        (
            "oracle+oracledb://reader:{}@db.example:1521/?service_name=sales",
            "oracle+oracledb://reader@db.example:1521/?service_name=sales",
            "db.example",
        ),
        (
            "mssql+pymssql://reader:{}@db.example/shop",
            "mssql+pymssql://reader@db.example/shop",
            "shop",
        ),
        (
            "snowflake://reader:{}@account/SALES/PUBLIC?warehouse=small",
            "snowflake://reader@account/SALES/PUBLIC?warehouse=small",
            "public",
        ),
        ("postgresql+psycopg://u:{}@h/shop", "postgresql+psycopg://u@h/shop", "shop"),
    ],
)
def test_what_sqlalchemy_speaks_goes_to_the_generic_connector(
    url: str, kept: str, name: str
) -> None:
    located = locators.parse(url.format("s3cret%2F%40"))
    assert located.kind == "sqlalchemy"
    assert located.settings == {"url": kept}
    assert located.secrets == {"password": "s3cret/@"}
    assert located.name == name
    assert "s3cret" not in repr(located)
