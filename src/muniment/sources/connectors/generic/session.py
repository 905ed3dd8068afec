"""Connections through SQLAlchemy: read-only where that is known how, bounded, cancelled."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Timer
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from muniment.contracts.connectors import Bounds
from muniment.kernel.errors import MunimentError, SourceError, SourceUnreachable
from muniment.sources.connectors.generic import dialects, errors
from muniment.sources.connectors.settings import SqlalchemySettings

Driver: TypeAlias = Any
"""A connection of whatever driver; each has ways of its own to be cancelled."""

GRACE_SECONDS = 5.0
"""What we wait beyond the server's own time limit before we cancel from here."""
CANCELS = ("cancel_safe", "cancel", "interrupt")
"""What drivers call the stopping of a statement from another thread."""
DRIVERS_OWN = (SQLAlchemyError, OSError, ValueError, TypeError, RuntimeError)
"""Some drivers let errors of Python through as they are."""


class Sessions:
    """Opens connections and remembers them, so that ``cancel`` can reach them."""

    def __init__(self, settings: SqlalchemySettings, bounds: Bounds) -> None:
        self._settings = settings
        self._bounds = bounds
        self._engine: sa.Engine | None = None
        self._open: dict[int, Driver] = {}
        self._lock = Lock()
        self.url = sa.make_url(settings.url)
        self.cancelled = False

    @property
    def engine(self) -> sa.Engine:
        """Made when first needed; a SourceError names the package that is missing."""
        if self._engine is None:
            self._engine = self._made()
        return self._engine

    def open(self) -> sa.Connection:
        """A new connection in a transaction; a SourceError says why there is none."""
        if self.cancelled:
            raise errors.cancelled()
        engine = self.engine
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if (
            file
            and file != ":memory:"
            and not file.startswith("file:")
            and not Path(file).is_file()
        ):
            raise SourceUnreachable("There is no such file. Check the path.")  # it would be made
        try:
            connection = engine.connect()
        except DRIVERS_OWN as error:
            raise errors.explain_connecting(error, self.url.host) from None
        with self._lock:
            self._open[id(connection)] = connection.connection.driver_connection
        try:
            with self.explained():
                self._prepare(connection)
        except MunimentError:
            self.close(connection)
            raise
        return connection

    def close(self, connection: sa.Connection) -> None:
        with self._lock:
            self._open.pop(id(connection), None)
        try:
            connection.close()
        except DRIVERS_OWN:
            connection.invalidate()  # what broke is not given back, and nobody waits for it

    @contextmanager
    def lent(self, **context: object) -> Iterator[sa.Connection]:
        """A connection for a while; what goes wrong with it is told in our errors."""
        connection = self.open()
        try:
            with self.running(connection, **context):
                yield connection
        finally:
            self.close(connection)

    @contextmanager
    def running(self, connection: sa.Connection, **context: object) -> Iterator[None]:
        """Stop what runs too long, where the driver can; tell its errors as ours."""
        driver = self._open.get(id(connection))
        seconds = self._bounds.statement_timeout_seconds + GRACE_SECONDS
        alarm = Timer(seconds, self._stop, (driver,))
        alarm.start()
        try:
            with self.explained(**context):
                yield
        finally:
            alarm.cancel()

    @contextmanager
    def explained(self, **context: object) -> Iterator[None]:
        try:
            yield
        except DRIVERS_OWN as error:
            if self.cancelled:
                raise errors.cancelled() from None
            raise errors.explain(error, **context) from None

    def cancel(self) -> None:
        """Stop whatever our connections run, where the driver can; safe to repeat."""
        self.cancelled = True
        with self._lock:
            drivers = list(self._open.values())
        for driver in drivers:
            self._stop(driver)

    def stop(self, connection: sa.Connection) -> None:
        """Stop what one connection runs, where the driver can."""
        self._stop(self._open.get(id(connection)))

    def _stop(self, driver: Driver) -> None:
        loaded = self.engine.dialect.dbapi
        failures = (*DRIVERS_OWN, loaded.Error) if loaded is not None else DRIVERS_OWN
        try:
            for name in CANCELS:
                if callable(getattr(driver, name, None)):
                    getattr(driver, name)()
                    return
            if callable(getattr(driver, "thread_id", None)):  # MySQL's drivers
                self._kill(int(driver.thread_id()))
        except failures:
            return  # it has ended already

    def _kill(self, thread: int) -> None:
        with self.engine.connect() as connection:
            connection.exec_driver_sql(f"kill query {thread}")

    def _prepare(self, connection: sa.Connection) -> None:
        """Settings of the session outlive the transaction they are made in."""
        seconds = max(0.001, self._bounds.statement_timeout_seconds)
        dialect = connection.dialect.name
        if dialect == "mysql" and getattr(connection.dialect, "is_mariadb", False):
            dialect = "mariadb"
        known = dialects.manners(dialect)
        for statement in known.session:
            connection.exec_driver_sql(
                statement.format(
                    seconds=f"{seconds:.3f}",
                    milliseconds=max(1, int(seconds * 1000)),
                    whole_seconds=max(1, round(seconds)),
                )
            )
        driver: Driver = connection.connection.driver_connection
        if hasattr(driver, "call_timeout"):  # Oracle's
            driver.call_timeout = int(seconds * 1000)
        connection.commit()
        self.begin(connection)

    def begin(self, connection: sa.Connection) -> None:
        """A new transaction in place of the one before, which may have failed."""
        with self.explained():
            connection.rollback()
            opening = dialects.manners(connection.dialect.name).begin
            if opening is not None:
                connection.exec_driver_sql(opening)

    def _made(self) -> sa.Engine:
        given = self._settings
        url = self.url
        if given.password is not None:
            url = url.set(password=given.password.get_secret_value())
        driver = url.get_driver_name() if "+" in url.drivername else ""
        try:
            driver = driver or url.get_dialect().driver
            arguments = dialects.connect_args(driver, self._bounds.connect_timeout_seconds)
            if given.connect_args is not None:
                arguments |= json.loads(given.connect_args.get_secret_value())
            engine = sa.create_engine(url, poolclass=NullPool, connect_args=arguments)
        except NoSuchModuleError:
            raise self._missing(None) from None
        except ImportError as error:
            raise self._missing((error.name or "").split(".")[0] or None) from None
        except (ArgumentError, TypeError, ValueError):
            raise SourceError(
                "The URL's options or the connect arguments do not fit the driver. Check them."
            ) from None
        if engine.dialect.is_async:
            raise SourceError(
                f"The driver {engine.dialect.driver} is asynchronous. Name one that is not."
            )
        return engine

    def _missing(self, module: str | None) -> SourceError:
        package = dialects.package_of(self.url, module)
        return SourceError(
            f"What speaks {self.url.drivername}:// is not installed on the machine that scans."
            f" Run there, in Muniment's environment: pip install {package}",
            remedy=f"pip install {package}",
        )
