"""Optimistic concurrency: a version goes out as ETag and comes back as If-Match."""

from typing import Annotated

from fastapi import Header, Response

from muniment.kernel.errors import StaleVersion

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag that was read; 412 when it is not current."),
]


def etag_of(version: int | str) -> str:
    return f'"{version}"'


def set_etag(response: Response, version: int | str) -> None:
    response.headers["ETag"] = etag_of(version)


def expected_version(if_match: str | None) -> int | None:
    """The version number the caller read, or None when any will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    try:
        return int(if_match.strip().removeprefix("W/").strip('"'))
    except ValueError as error:
        raise StaleVersion("The If-Match header is not an ETag of this resource.") from error
