"""Names of what lies inside a column of documents: ``payload.$.customer.email``."""

from typing import Final

ROOT: Final = ".$"
"""Stands between a column and the path inside of it."""


def split_path(name: str) -> tuple[str, str | None]:
    """The column and the path inside of it (``$.customer.email``); None where it is no path."""
    at = min((n for n in (name.find(f"{ROOT}."), name.find(f"{ROOT}[")) if n > 0), default=0)
    return (name[:at], name[at + 1 :]) if at else (name, None)
