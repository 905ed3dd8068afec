"""Brings the metadata database to the schema this version needs."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

import muniment.migrations
from muniment.platform.db import sqlalchemy_url, worded
from muniment.platform.settings import Settings
from muniment.platform.store import store_url

LOCK = 0x4D554E49


def config_for(url: str) -> Config:
    """Alembic's configuration without a file: the revisions travel inside the package."""
    config = Config()
    config.set_main_option("script_location", str(Path(muniment.migrations.__file__).parent))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Run what is missing. Several processes may call it: one migrates, the others wait."""
    command.upgrade(config_for(url), revision)


def downgrade(url: str, revision: str) -> None:
    command.downgrade(config_for(url), revision)


def is_current(url: str) -> bool:
    """Whether the database has exactly the newest revision (one cheap statement)."""
    engine = sa.create_engine(sqlalchemy_url(url, driver="psycopg"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        heads = MigrationContext.configure(
            connection, opts={"version_table_schema": "public"}
        ).get_current_heads()
    engine.dispose()
    return set(heads) == set(ScriptDirectory.from_config(config_for(url)).get_heads())


def prepared_store(settings: Settings) -> str:
    """The same, with every migration run. Several processes may call it at once."""
    url = store_url(settings)
    try:
        if not is_current(url):
            upgrade(url)
    except DBAPIError as error:
        raise worded(error) from error
    return url
