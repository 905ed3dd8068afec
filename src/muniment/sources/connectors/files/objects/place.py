"""A folder in a bucket, the client that reaches it, and how its cloud calls what is needed."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from obstore.store import AzureStore, GCSStore, S3Store


@dataclass(frozen=True, slots=True)
class Place:
    """Where objects lie. ``to_list`` and ``to_read`` name the permissions in the cloud's words."""

    client: S3Store | AzureStore | GCSStore = field(repr=False)
    endpoint: str
    container: str
    prefix: str
    to_list: str
    to_read: str
    policy: str
    """A script that gives the account what a scan needs and no more."""
    own_identity: str
    """What a machine without credentials of its own lacks, and what to do."""
    anonymous: bool = False
    machine: bool = False
    """Whether the machine that scans signs in with an identity of its own."""

    @property
    def name(self) -> str:
        return self.prefix.rsplit("/", 1)[-1] or self.container

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.endpoint)
        return parts.port or (443 if parts.scheme == "https" else 80)

    def key(self, path: str) -> str:
        """The key of the object at a path below the folder."""
        return f"{self.prefix}/{path}" if self.prefix else path
