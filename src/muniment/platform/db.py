"""How the metadata database is opened, and what one transaction is."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NewType
from urllib.parse import parse_qsl, urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine

from muniment.kernel.errors import Conflict, Invalid, Unavailable
from muniment.platform.processes import session_name

GROUP_SCHEMAS = (
    "platform",
    "sources",
    "rulesets",
    "classification",
    "catalog",
    "compliance",
    "scans",
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

IDLE_SECONDS = 30
"""A process that is stopped in the middle of a transaction keeps its locks no longer than this."""

ReadSession = NewType("ReadSession", AsyncSession)
"""A session in a read-only transaction; a write needs a plain AsyncSession."""


def metadata_for(schema: str) -> sa.MetaData:
    """The table collection of one group, in the PostgreSQL schema of the same name."""
    return sa.MetaData(schema=schema, naming_convention=NAMING)


def sqlalchemy_url(url: str, *, driver: str = "asyncpg") -> URL:
    """Turn ``postgresql://user:password@host:port/db?host=/socket/dir`` into SQLAlchemy's form."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise Invalid(
            "MUNIMENT_DATABASE_URL must begin with postgresql://, for example "
            "postgresql://muniment:password@db.example:5432/muniment"
        )
    made = sa.make_url(url).set(drivername=f"postgresql+{driver}")
    query = dict(parse_qsl(parts.query))
    if driver == "asyncpg" and "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
        made = made.set(query=query)
    return made


class Database:
    """The pool of one process. Transactions begin and end here and nowhere else."""

    def __init__(self, url: str, *, pool_size: int = 5, application_name: str = "muniment") -> None:
        self.url = url
        self._engine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            pool_recycle=1800,
            hide_parameters=True,
            connect_args={
                "timeout": 10,
                "server_settings": {
                    "application_name": session_name(application_name),
                    "jit": "off",
                    "idle_in_transaction_session_timeout": str(IDLE_SECONDS * 1000),
                },
            },
        )

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One read-write transaction: committed at the end, rolled back on any error."""
        try:
            async with (
                AsyncSession(self._engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
        except (OperationalError, InterfaceError, OSError, DBAPIError) as error:
            raise worded(error) from error

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """One read-only transaction with a single view of the data."""
        try:
            async with AsyncSession(self._engine, autoflush=False) as session, session.begin():
                await session.connection(
                    execution_options={
                        "isolation_level": "REPEATABLE READ",
                        "postgresql_readonly": True,
                    }
                )
                yield ReadSession(session)
        except (OperationalError, InterfaceError, OSError, DBAPIError) as error:
            raise worded(error) from error

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection, for LISTEN and for advisory locks."""
        async with self._engine.connect() as connection:
            yield connection

    async def wait_until_ready(self, seconds: float = 30.0) -> None:
        """Return when the database answers; Unavailable when it has not after ``seconds``."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                async with self.reading() as session:
                    await session.execute(sa.text("select 1"))
            except Unavailable as error:
                if error.context.get("refused") or asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.2)
            else:
                return

    async def close(self) -> None:
        await self._engine.dispose()


_CONFLICTS = {"23505", "40001", "40P01"}
_DATA = "22"
_OUTAGES = ("08", "57P", "53", "25P03")


_REFUSALS = (
    ("28P01|password authentication failed|no password supplied", "refuses the password"),
    ("28000|no pg_hba|role .* does not exist|not permitted to log in", "refuses the user"),
    ("3D000|database .* does not exist", "does not exist"),
    ("42501|permission denied", "does not let the user create what Muniment needs"),
)


def worded(error: Exception) -> Exception:
    """The same failure as a sentence, where the database's state says what it is.

    Before a session begins libpq tells no state, so its words must do; they are not repeated.
    """
    state = str(getattr(getattr(error, "orig", None), "sqlstate", "") or "")
    if isinstance(error, DBAPIError):
        for pattern, said in _REFUSALS:
            if re.search(pattern, state or str(error.orig)):
                return Unavailable(
                    f"The metadata database {said}. Put right the user, password and database in "
                    "MUNIMENT_DATABASE_URL; the user must own the database.",
                    refused=True,
                )
    if state in _CONFLICTS:
        return Conflict("Somebody else changed the same thing at the same time. Try again.")
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if state.startswith(_DATA):
        return Invalid(
            "A value does not fit what the database can hold: a number that is too large, or a "
            "text with a NUL character."
        )
    if state == "53100":
        return Unavailable("The disk of the database is full. Free space, then try again.")
    outage = (OSError, InterfaceError) if state else (OSError, InterfaceError, OperationalError)
    if state.startswith(_OUTAGES) or lost or isinstance(error, outage):
        return Unavailable(
            "The database does not answer. Muniment tries again by itself; if it lasts, see "
            "`muniment doctor`."
        )
    return error
