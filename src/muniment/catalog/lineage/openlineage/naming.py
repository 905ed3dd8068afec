"""Which asset the namespace and name of an OpenLineage dataset mean. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from muniment.catalog.lineage.openlineage.events import EventDataset, Key
from muniment.kernel.refs import AssetRef

_PATHS = re.compile(r"(?:s3a?|s3n|gs|gcs|abfss?|wasbs?|adl|hdfs|file|dbfs|oss|cos)(?:://|$)", re.I)
_ADDRESS = re.compile(r"\A[a-z][a-z0-9+.-]*://(?:[^@/]*@)?(?P<address>[^/?]+)", re.I)


@dataclass(frozen=True, slots=True)
class Place:
    """A registered source as producers know it: by its name, or by address and database."""

    source: str
    address: str | None = None
    database: str | None = None


class Naming:
    """Finds the names that a dataset may have in the catalogue, the likeliest first."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._by_name = {place.source.casefold(): place for place in places}
        self._by_address: dict[str, list[Place]] = {}
        for place in places:
            if place.address:
                self._by_address.setdefault(place.address.casefold(), []).append(place)

    def candidates(self, dataset: EventDataset) -> list[str]:
        """Refs, the last of which is the one to use when the catalogue knows none of them."""
        keys = [dataset.key, *_symlinks(dataset)]
        found = [ref for key in keys for ref in self._registered(key)]
        return [*dict.fromkeys(found), found[0]] if found else [str(_unregistered(dataset.key))]

    def _registered(self, key: Key) -> Iterator[str]:
        namespace, name = key
        parts = _parts(namespace, name)
        for place in self._places(namespace):
            bare = parts[1:] if len(parts) > 1 and _same(parts[0], place.database) else parts
            for path in dict.fromkeys((bare, parts, parts[1:] or parts)):
                for spelled in dict.fromkeys((path, _lower(path), _upper(path))):
                    yield str(AssetRef(place.source, spelled))

    def _places(self, namespace: str) -> Sequence[Place]:
        named = self._by_name.get(namespace.casefold())
        if named is not None:
            return [named]
        match = _ADDRESS.match(namespace)
        return self._by_address.get(match["address"].casefold(), ()) if match else ()


def choose(candidates: Sequence[str], known: Collection[str]) -> str:
    """The first that the catalogue knows, else the one to use for an unknown dataset."""
    return next((ref for ref in candidates if ref in known), candidates[-1])


def _unregistered(key: Key) -> AssetRef:
    """A dataset of no registered source stands under its namespace."""
    return AssetRef(key[0], _parts(*key))


def job_ref(job: Key) -> str:
    return str(AssetRef(job[0], (job[1],)))


def _parts(namespace: str, name: str) -> tuple[str, ...]:
    by = "/" if _PATHS.match(namespace) else "."
    return tuple(part for part in name.strip("/").split(by) if part) or (name,)


def _symlinks(dataset: EventDataset) -> Iterator[Key]:
    """Other names of the dataset, from the facet ``symlinks``."""
    facet = dataset.facets.get("symlinks")
    listed = facet.get("identifiers") if isinstance(facet, Mapping) else None
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, Mapping):
            namespace, name = each.get("namespace"), each.get("name")
            if isinstance(namespace, str) and isinstance(name, str) and namespace and name:
                yield namespace, name


def _same(part: str, database: str | None) -> bool:
    return database is not None and part.casefold() == database.casefold()


def _lower(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.lower() for part in path)


def _upper(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.upper() for part in path)
