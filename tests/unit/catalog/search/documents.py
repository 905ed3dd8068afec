"""Documents for an index in memory, without a database."""

from uuid import UUID

from muniment.catalog.search.documents import SearchDocument
from muniment.catalog.search.index import SearchIndex
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef


def document(
    path: str | tuple[str, ...],
    *,
    columns: tuple[str, ...] = (),
    text: str = "",
    labels: tuple[str, ...] = (),
    domain: str | None = "sales",
    kind: str = "table",
    certification: str = "none",
    is_copy: bool = False,
) -> SearchDocument:
    parts = tuple(path.split(".")) if isinstance(path, str) else path
    return SearchDocument(
        id=new_id(),
        ref=str(AssetRef("db", parts)),
        name=parts[-1],
        path=parts,
        text=text,
        columns=columns,
        column_text="",
        labels=labels,
        label_text=" ".join(labels),
        source="db",
        kind=kind,
        domain=domain,
        owner=None,
        sensitivity="unlabelled",
        certification=certification,
        quality="unchecked",
        is_copy=is_copy,
        vanished=False,
        xid=1,
    )


def index_of(*documents: SearchDocument) -> tuple[SearchIndex, dict[UUID, SearchDocument]]:
    index = SearchIndex()
    index.put(documents)
    return index, {each.id: each for each in documents}
