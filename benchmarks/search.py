"""What search costs: building, answering with and without facets, memory; beside a plain scan."""

import argparse
import json
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence

from muniment.catalog.search.documents import SearchDocument
from muniment.catalog.search.index import SearchIndex
from muniment.catalog.search.query import SearchRequest
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.platform.policy import EVERYTHING, Visibility

NOUNS = [
    "customer",
    "order",
    "item",
    "payment",
    "invoice",
    "shipment",
    "address",
    "product",
    "price",
    "stock",
    "visit",
]
MORE = [
    "history",
    "daily",
    "monthly",
    "summary",
    "detail",
    "status",
    "event",
    "log",
    "archive",
    "region",
    "country",
    "type",
]
COLUMNS = [
    "id",
    "name",
    "email",
    "amount",
    "total",
    "created_at",
    "updated_at",
    "country",
    "status",
    "type",
    "code",
]
QUERIES = (
    "customer", "order_item_daily", "paymet", "cust", "customer country", "invoice total",
    "shp", "email", "monthly summary region", "stokc",
)  # fmt: skip


def documents(count: int) -> list[SearchDocument]:
    chance = random.Random(7)
    found = []
    for n in range(count):
        name = "_".join([chance.choice(NOUNS), chance.choice(MORE), str(n % 997)])
        path = (chance.choice(NOUNS), name)
        found.append(
            SearchDocument(
                id=new_id(),
                ref=str(AssetRef(f"source{n % 20}", path)),
                name=name,
                path=path,
                text="What the shop knows of " + " ".join(chance.choices(NOUNS, k=6)),
                columns=tuple(
                    f"{chance.choice(NOUNS)}_{column}" for column in chance.sample(COLUMNS, 8)
                ),
                column_text="",
                labels=("contact.email",) if n % 5 == 0 else (),
                label_text="",
                source=f"source{n % 20}",
                kind="table" if n % 3 else "view",
                domain=f"domain{n % 8}",
                owner=f"owner{n % 50}",
                sensitivity="confidential" if n % 5 == 0 else "unlabelled",
                certification="none",
                quality="good",
                is_copy=False,
                vanished=False,
                xid=1,
            )
        )
    return found


def p95(work: Callable[[str], object], rounds: int) -> float:
    """Milliseconds at the 95th percentile."""
    took = []
    for _ in range(rounds):
        for query in QUERIES:
            start = time.perf_counter()
            work(query)
            took.append((time.perf_counter() - start) * 1000)
    return statistics.quantiles(took, n=20)[-1]


def scan(found: Sequence[SearchDocument], query: str) -> list[SearchDocument]:
    """The plainest search there is: every document, substring by substring."""
    words = query.lower().split()
    return [
        each
        for each in found
        if all(
            word in each.name or word in each.text.lower() or any(word in c for c in each.columns)
            for word in words
        )
    ]


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    found = documents(arguments.assets)
    before, start = memory_mb(), time.perf_counter()
    index = SearchIndex()
    index.put(found)
    built = time.perf_counter() - start
    one = Visibility(frozenset({"domain1", "domain2"}))
    whole = p95(lambda q: index.search(SearchRequest(q), EVERYTHING), arguments.rounds)
    print(
        json.dumps(
            {
                "assets": index.size,
                "build_seconds": round(built, 2),
                "memory_mb": round(memory_mb() - before, 1),
                "p95_ms": round(whole, 2),
                "p95_ms_in_two_domains": round(
                    p95(lambda q: index.search(SearchRequest(q), one), arguments.rounds), 2
                ),
                "p95_ms_without_facets": round(
                    p95(
                        lambda q: index.search(SearchRequest(q), EVERYTHING, facets=False),
                        arguments.rounds,
                    ),
                    2,
                ),
                "plain_scan_to_search": round(p95(lambda q: scan(found, q), 3) / whole, 2),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
