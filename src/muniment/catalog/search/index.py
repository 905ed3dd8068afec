"""A disposable search index of one API process, built from the database and kept fresh from it."""

import asyncio
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from tantivy import (
    Document,
    Filter,
    Index,
    IndexWriter,
    Order,
    Schema,
    SchemaBuilder,
    SearchResult,
    TextAnalyzer,
    TextAnalyzerBuilder,
    Tokenizer,
)

from muniment.catalog.search.documents import DocumentSource, SearchDocument
from muniment.catalog.search.query import (
    BARE_NAME,
    FACETS,
    MOST_WORDS,
    QueryBuilder,
    Reading,
    SearchRequest,
)
from muniment.catalog.search.words import bare, folded, name_words, parts, question, spaced, stemmed
from muniment.kernel.values import AssetKind
from muniment.platform.db import Database
from muniment.platform.policy import Visibility

HEAP = 15_000_000
"""Bytes a writer may use; it is closed after every commit, so an idle index holds none."""
FACET_VALUES = 50
FEW = 3
"""With fewer results that have every word, those that have some follow them."""
STEMMED = "stemmed"
PLAIN = "plain"
VIEW_MARKS = frozenset(("v", "vw", "mv"))
NOT_DATA = (AssetKind.SCHEMA.value, AssetKind.SOURCE.value)


@dataclass(frozen=True, slots=True)
class Hit:
    id: UUID
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits, the number of all, and for each facet its values with their counts.

    ``partial``: hardly anything has all the words that were typed, so what has some of them was
    found as well; ``complete`` of the hits have all.
    """

    hits: Sequence[Hit]
    total: int
    facets: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    complete: int = 0
    partial: bool = False


class SearchIndex:
    """Not ready until ``build`` (or ``refresh``) ran; until then searches find nothing."""

    def __init__(self, directory: Path | None = None) -> None:
        self._schema = _schema()
        self._analyzers = _analyzers()
        self._index = _open(self._schema, directory)
        for name, analyzer in self._analyzers.items():
            self._index.register_tokenizer(name, analyzer)
        self._queries = QueryBuilder(self._schema)
        self._since = 0
        self._fresh: dict[UUID, int] = {}
        self._lock = asyncio.Lock()
        self.ready = False

    async def build(self, database: Database) -> int:
        """Index the whole estate anew; returns the number of assets."""
        async with self._lock, database.reading() as session:
            source = DocumentSource(session)
            since = await source.horizon()
            await asyncio.to_thread(self._clear)
            count = 0
            async for batch in source.all():
                await asyncio.to_thread(self.put, batch)
                count += len(batch)
            self._since, self._fresh, self.ready = since, {}, True
            return count

    async def refresh(self, database: Database) -> int:
        """Take in what changed since the last time; returns the number of assets."""
        if not self.ready:
            return await self.build(database)
        async with self._lock, database.reading() as session:
            source = DocumentSource(session)
            since = await source.horizon()
            fresh: dict[UUID, int] = {}
            count = 0
            async for batch in source.since(self._since):
                new = [each for each in batch if self._fresh.get(each.id) != each.xid]
                fresh.update((each.id, each.xid) for each in batch if each.xid >= since)
                if new:
                    await asyncio.to_thread(self.put, new)
                    count += len(new)
            self._since, self._fresh = since, fresh
            return count

    def search(self, request: SearchRequest, seen: Visibility, *, facets: bool = True) -> Found:
        """Hits and counts among what the caller may see, best first.

        Where hardly anything has all the words, what has some of them follows. That is decided
        before the filters, so that a filter never finds more.
        """
        how = self._reading(request.text, seen)
        result, total = self._result(request, seen, how)
        complete = total if how.every else self._count(request, seen, replace(how, every=True))
        searcher = self._index.searcher()
        hits = [
            Hit(UUID(str(searcher.doc(address)["id"][0])), key if isinstance(key, float) else 0.0)
            for key, address in result.hits
        ]
        counted = self._facets(request, seen, how) if facets else {}
        return Found(hits, total, counted, complete, partial=total > complete)

    def _reading(self, text: str, seen: Visibility) -> Reading:
        words = question(text, MOST_WORDS).words
        how = Reading(known=frozenset(word for word in words if self._knows(word, seen)))
        if len(words) < 2:
            return how
        result, total = self._result(SearchRequest(text, limit=1), seen, how)
        named = bool(result.hits) and float(str(result.hits[0][0])) >= BARE_NAME
        return replace(how, every=named or total >= FEW)

    def _count(self, request: SearchRequest, seen: Visibility, how: Reading) -> int:
        return self._result(replace(request, limit=1, offset=0), seen, how)[1]

    def _result(
        self, request: SearchRequest, seen: Visibility, how: Reading
    ) -> tuple[SearchResult, int]:
        """A page of hits, and the number of all."""
        query = self._queries.build(request, seen, how=how)
        searcher, limit, offset = self._index.searcher(), request.limit, request.offset
        if request.text.strip():
            result = searcher.search(query, limit=limit, offset=offset)
        else:
            result = searcher.search(
                query, limit=limit, offset=offset, order_by_field="sort", order=Order.Asc
            )
        total: int = result.count  # type: ignore[attr-defined]  # missing in tantivy's stubs
        return result, total

    def _knows(self, word: str, seen: Visibility) -> bool:
        return bool(self._index.searcher().search(self._queries.knows(word, seen), limit=1).hits)

    def _facets(
        self, request: SearchRequest, seen: Visibility, how: Reading
    ) -> dict[str, list[tuple[str, int]]]:
        """A facet that is filtered by is counted without its own filter, so it can be widened."""
        searcher = self._index.searcher()
        chosen = [facet for facet in FACETS if request.filters.get(facet)]
        rest = {f: _terms(f) for f in FACETS if f not in chosen}
        counted = (
            searcher.aggregate(self._queries.build(request, seen, how=how), rest) if rest else {}
        )
        for facet in chosen:
            query = self._queries.build(request, seen, how=how, without=facet)
            counted.update(searcher.aggregate(query, {facet: _terms(facet)}))
        return {
            facet: [(str(b["key"]), int(b["doc_count"])) for b in counted[facet]["buckets"]]
            for facet in FACETS
        }

    def put(self, documents: Iterable[SearchDocument]) -> None:
        """Take in documents at once; a vanished one is taken out."""
        writer = self._writer()
        for document in documents:
            writer.delete_documents_by_term("id", str(document.id))
            if not document.vanished:
                writer.add_document(_indexed(document))
        self._commit(writer)

    @property
    def size(self) -> int:
        """How many assets can be found."""
        return int(self._index.searcher().num_docs)

    def _clear(self) -> None:
        writer = self._writer()
        writer.delete_all_documents()
        self._commit(writer)

    def _writer(self) -> IndexWriter:
        return self._index.writer(HEAP, 1)

    def _commit(self, writer: IndexWriter) -> None:
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()


def _open(schema: Schema, directory: Path | None) -> Index:
    if directory is None:
        return Index(schema)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return Index(schema, path=str(directory))


def _schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for exact in (
        "exact_name",
        "bare_name",
        "exact_path",
        "exact_column",
        "whole_name",
        "standing",
    ):
        builder.add_text_field(exact, tokenizer_name="raw", index_option="basic")
    for worded in ("name", "place", "columns", "text", "labels"):
        builder.add_text_field(worded, tokenizer_name=STEMMED, index_option="freq")
    for plain in ("name_words", "place_words", "column_words"):
        builder.add_text_field(plain, tokenizer_name=PLAIN, index_option="basic")
    for facet in (*FACETS, "sort"):
        builder.add_text_field(facet, fast=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _analyzers() -> dict[str, TextAnalyzer]:
    def builder() -> TextAnalyzerBuilder:
        simple = TextAnalyzerBuilder(Tokenizer.simple())
        return simple.filter(Filter.remove_long(60)).filter(Filter.lowercase())

    return {
        PLAIN: builder().filter(Filter.ascii_fold()).build(),
        STEMMED: builder().filter(Filter.ascii_fold()).filter(Filter.stemmer("english")).build(),
    }


def _indexed(asset: SearchDocument) -> Document:
    document = Document()
    document.add_text("id", str(asset.id))
    for name in (folded(asset.name.strip()), spaced(asset.name)):
        document.add_text("exact_name", name)
    if bare(asset.name) != folded(asset.name.strip()):
        document.add_text("bare_name", bare(asset.name))
    for whole in _whole_names(asset.name):
        document.add_text("whole_name", whole)
    for path in _spellings(asset):
        document.add_text("exact_path", path)
    for column in asset.columns:
        document.add_text("exact_column", folded(column)[:200])
    words, place = name_words(asset.name), " ".join(name_words(p) for p in asset.path[:-1])
    columns = " ".join(name_words(column) for column in asset.columns)
    document.add_text("name", words)
    document.add_text("name_words", words)
    document.add_text("place", f"{name_words(asset.source)} {place}")
    document.add_text("place_words", f"{name_words(asset.source)} {place}")
    document.add_text("columns", columns)
    document.add_text("column_words", columns)
    document.add_text("text", f"{asset.text} {asset.column_text} {asset.owner or ''}")
    label_words = " ".join(" ".join(parts(label)) for label in asset.labels)
    document.add_text("labels", f"{asset.label_text} {label_words}")
    for standing, holds in (
        ("original", not asset.is_copy),
        ("certified", asset.certification == "certified"),
        ("described", bool(asset.text and asset.owner)),
        ("data", asset.kind not in NOT_DATA),
    ):
        if holds:
            document.add_text("standing", standing)
    _add_facets(document, asset)
    return document


def _add_facets(document: Document, asset: SearchDocument) -> None:
    single = {
        "source": asset.source,
        "kind": asset.kind,
        "domain": asset.domain,
        "owner": asset.owner,
        "sensitivity": asset.sensitivity,
        "certification": asset.certification,
        "quality": asset.quality,
        "sort": asset.ref,
    }
    for facet, value in single.items():
        if value is not None:
            document.add_text(facet, value)
    for label in asset.labels:
        document.add_text("label", label)


def _spellings(asset: SearchDocument) -> list[str]:
    """The ways people write where an asset is."""
    dotted = [".".join(asset.path[at:]) for at in range(len(asset.path) - 1)]
    whole = (".".join((asset.source, *asset.path)), asset.ref)
    return list(dict.fromkeys(folded(path) for path in (*dotted, *whole)))


def _whole_names(name: str) -> set[str]:
    """The name as people say it, also without the letter that says that it is a view."""
    words = spaced(name).split()
    said = words[1:] if len(words) > 1 and words[0] in VIEW_MARKS else words
    return {stemmed(words), stemmed(said)} - {""}


def _terms(facet: str) -> dict[str, object]:
    return {"terms": {"field": facet, "size": FACET_VALUES}}
