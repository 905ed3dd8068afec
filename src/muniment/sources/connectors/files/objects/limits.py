"""How long a request to a cloud may take, and how often it is tried."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.contracts.connectors import Bounds
from muniment.kernel.errors import SourceUnreachable
from muniment.sources.connectors.bucket_settings import BucketSettings
from muniment.sources.connectors.settings import expand

if TYPE_CHECKING:  # exist for the type checker only
    from obstore.store import ClientConfig, RetryConfig

REQUEST_SECONDS = 30.0
RETRIES = 3


def client_options(given: BucketSettings, bounds: Bounds) -> "ClientConfig":
    """A request of at most 30 seconds; certificates are always verified."""
    whole = min(REQUEST_SECONDS, bounds.statement_timeout_seconds)
    options: ClientConfig = {
        "connect_timeout": timedelta(seconds=min(bounds.connect_timeout_seconds, whole)),
        "timeout": timedelta(seconds=whole),
        "allow_http": given.allow_http,
        "user_agent": "muniment",
    }
    if given.root_certificate:
        options["root_certificate"] = _read(expand(given.root_certificate))
    return options


def retries(bounds: Bounds) -> "RetryConfig":
    return {
        "max_retries": RETRIES,
        "retry_timeout": timedelta(seconds=bounds.statement_timeout_seconds),
        "backoff": {
            "init_backoff": timedelta(milliseconds=200),
            "max_backoff": timedelta(seconds=5),
            "base": 2,
        },
    }


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceUnreachable(
            f"The root certificate cannot be read: {error.strerror}. Check its path."
        ) from None
