"""Tables in a lake behind one door, whoever keeps their log."""

from muniment.sources.connectors.files import delta, iceberg
from muniment.sources.connectors.files.lake import LakeTable
from muniment.sources.connectors.files.layout import DELTA_LOG, Dataset, File
from muniment.sources.connectors.files.stores import Store

FILES = "parquet"
"""What the data files of all known tables are."""


def read(store: Store, dataset: Dataset) -> tuple[LakeTable, tuple[File, ...]]:
    """The newest version of a table and its live files, out of the files of its log."""
    first = dataset.files[0].path if dataset.files else ""
    if dataset.format == "delta":
        base = first.rpartition(f"{DELTA_LOG}/")[0].rstrip("/")
        names = [file.path.rpartition("/")[2] for file in dataset.files]
        return delta.read(store, base, names)
    base = first.rpartition("metadata/")[0].rstrip("/")
    return iceberg.read(store, base, [file.path.rpartition("/")[2] for file in dataset.files])
