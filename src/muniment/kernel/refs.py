"""How every group names the same asset."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote


@dataclass(frozen=True, slots=True, order=True)
class AssetRef:
    """The address of one asset: the source that holds it, then the path inside that source.

    The text form is what people paste into chats and what the database stores, so it survives
    a round trip whatever the names contain. A table of a database is ``source/schema/table``,
    its column one part longer.
    """

    source: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "/".join(quote(part, safe="") for part in (self.source, *self.path))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form back; the inverse of ``str``."""
        source, *path = (unquote(part) for part in text.split("/"))
        return cls(source, tuple(path))

    @property
    def name(self) -> str:
        """The last part: what people call the asset."""
        return self.path[-1] if self.path else self.source

    @property
    def parent(self) -> Self:
        """The asset that holds this one; a source is its own parent."""
        return type(self)(self.source, self.path[:-1])

    def child(self, name: str) -> Self:
        return type(self)(self.source, (*self.path, name))
