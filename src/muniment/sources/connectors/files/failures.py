"""What files do to us, as errors that say what to do."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from muniment.kernel.errors import (
    SourceDataUnreadable,
    SourceError,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceUnreachable,
)

GONE = "The file is not there any more. Scan the source again."
REPLACED = "The file was changed or replaced while it was read. Scan it again."
ENDLESS = "The link leads round in a circle. Remove it, or point it at a file."


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the file system says into an error that says what to do."""
    try:
        yield
    except PermissionError as error:
        raise barred(error.filename) from None
    except FileNotFoundError:
        raise SourceObjectGone(GONE) from None
    except RuntimeError as error:  # Python below 3.13 says so of a link that leads to itself
        if "loop" not in str(error):
            raise
        raise SourceDataUnreadable(ENDLESS) from None
    except OSError as error:
        raise SourceDataUnreadable(
            f"The file system cannot read it: {error.strerror or 'no reason given'}."
        ) from None


@contextmanager
def named(path: str, parts: int) -> Iterator[None]:
    """Of a data set in several parts, say which of them the failure is about."""
    try:
        yield
    except SourceError as error:
        if parts < 2 or isinstance(error, SourceUnreachable):
            raise
        told = f"{plain(path)}: {error.message}"
        raise type(error)(told, **error.context) from None


def barred(path: object) -> SourcePermissionMissing:
    """The account may not read a file or folder of the machine."""
    grant = f"chmod -R g+rX {shlex.quote(plain(path))}"
    return SourcePermissionMissing("The account that scans may not read it.", grant=grant)


def plain(path: object) -> str:
    """A path as text that can be stored, whatever bytes are in it."""
    return os.fsencode(str(path)).decode("utf-8", "replace")
