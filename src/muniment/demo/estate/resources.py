"""The files that travel with the generator: word lists, facts and SQL."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

_HERE = "muniment.demo.estate"


@cache
def content(name: str) -> dict[str, Any]:
    """A TOML file of the content folder, read once."""
    return tomllib.loads((files(_HERE) / "content" / name).read_text("utf-8"))


def sql(name: str) -> str:
    """A script of the sql folder."""
    return (files(_HERE) / "sql" / name).read_text("utf-8")
