"""Chat endpoints that speak the OpenAI protocol: where one is, what it says, how it fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

from muniment.kernel.errors import Invalid, MunimentError
from muniment.kernel.values import JsonObject


class AnswerFormat(StrEnum):
    """How an endpoint is held to JSON; not every server knows every way."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    TEXT = "text"


class EndpointFailed(MunimentError):
    """The endpoint gave no answer that can be used; the context says how often it was tried."""

    status: ClassVar[int] = 502
    slug: ClassVar[str] = "endpoint-failed"
    title: ClassVar[str] = "The endpoint failed"
    retryable: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers. ``key`` is never part of a message, a log or a ``repr``."""

    base_url: str
    model: str
    timeout_seconds: float = 60.0
    retries: int = 2
    answer_format: AnswerFormat = AnswerFormat.JSON_OBJECT

    @property
    def url(self) -> str:
        """The address of completions; a base address may end with the version or without it."""
        base = self.base_url.rstrip("/")
        versioned = (
            base.rsplit("/", 1)[-1].startswith("v") and base.rsplit("/", 1)[-1][1:].isdigit()
        )
        return f"{base}/chat/completions" if versioned else f"{base}/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer with what it cost."""

    text: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    tries: int
    milliseconds: int


class Chat(Protocol):
    async def ask(
        self,
        endpoint: Endpoint,
        key: str | None,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: JsonObject,
        max_tokens: int,
    ) -> Said:
        """One answer. EndpointFailed when there is none."""
        ...


def check_base_url(url: str) -> None:
    """Invalid unless it is an http(s) address without a password, a query or a fragment."""
    if not _plain_address(url):
        raise Invalid(
            "The base address must look like https://host/v1, without a user, a password, a query "
            "or a fragment. The key is entered apart."
        )


def _plain_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and not ("@" in parts.netloc or parts.query or parts.fragment)
