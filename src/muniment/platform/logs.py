"""Structured logs: JSON outside a terminal, facts as keys, never a secret or a sampled value."""

import logging
import sys
import traceback

import structlog
from structlog.typing import EventDict, WrappedLogger

from muniment.kernel.errors import MunimentError
from muniment.platform.settings import Settings


def configure(settings: Settings, *, process: str) -> None:
    """Set up structlog and the standard library's logging for one process."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    as_text = settings.log_format == "text" or (
        settings.log_format == "auto" and sys.stderr.isatty()
    )
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        told_exception,
    ]
    last: list[structlog.types.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if as_text
        else [structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    structlog.contextvars.bind_contextvars(process=process)


def told_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its places and classes.

    The text of a foreign exception may quote the row it failed on, and local variables may hold
    secrets, so neither is written; the sentences of our own errors are.
    """
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if not isinstance(error, BaseException):
        return event
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 5:
        said = f": {seen.message}" if isinstance(seen, MunimentError) else ""
        frames = traceback.extract_tb(seen.__traceback__)
        places = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        chain.append(f"{type(seen).__qualname__}{said} at {places}")
        seen = seen.__cause__ or seen.__context__
    return {**event, "exception": chain}
