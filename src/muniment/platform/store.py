"""Where the metadata database is."""

from muniment.platform.embedded import EmbeddedPostgres
from muniment.platform.settings import Settings

DATABASE = "muniment"


def embedded_of(settings: Settings) -> EmbeddedPostgres | None:
    """The embedded server, or None where an operator named a PostgreSQL."""
    return None if settings.database_url else EmbeddedPostgres(settings.state_dir)


def store_url(settings: Settings) -> str:
    """The URL of the metadata database; starts the embedded server when that is used."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    embedded = EmbeddedPostgres(settings.state_dir)
    server = embedded.ensure_running()
    embedded.ensure_database(DATABASE)
    return server.url(DATABASE)
