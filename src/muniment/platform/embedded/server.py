"""Where the embedded server is reached, and what it is doing."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

DEFAULT_DATABASE = "muniment"
SUPERUSER = "muniment"


@dataclass(frozen=True, slots=True)
class Server:
    """The address of a running server: a Unix socket, named by the directory that holds it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)

    def url(self, database: str = DEFAULT_DATABASE) -> str:
        """``postgresql://user:password@/database?host=<socket directory>&port=<port>``.

        libpq (psycopg, ADBC, ``psql``, ``pg_dump``) and ``asyncpg.connect`` take it as it is.
        SQLAlchemy passes the query on to its driver, so only the scheme has to name the driver:
        ``make_url(server.url()).set(drivername="postgresql+asyncpg")``. It holds the password:
        never log it, and give command-line programs the password in ``PGPASSWORD`` instead.
        """
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        where = f"host={quote(self.host, safe='')}&port={self.port}"
        return f"postgresql://{who}@/{quote(database, safe='')}?{where}"


@dataclass(frozen=True, slots=True)
class Status:
    """What ``muniment status`` tells about the embedded server."""

    running: bool
    pid: int | None
    version: str
    """The binaries that last started this data directory, or those that would."""
    data: Path
    log: Path
