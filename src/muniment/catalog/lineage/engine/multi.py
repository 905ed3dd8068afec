"""Hive and Spark read a source once for several inserts: each of them as a statement of its own."""

from collections.abc import Iterator

from muniment.catalog.lineage.engine.split import Fragment, Lexeme, rebuilt

_DIALECTS = frozenset({"hive", "spark", "spark2", "databricks"})
_BEHIND_FROM = frozenset(
    ("WHERE", "GROUP", "HAVING", "ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT", "WINDOW")
)


def unfolded(fragment: Fragment, dialect: str) -> Iterator[str]:
    """``FROM s INSERT ... SELECT a INSERT ... SELECT b`` as two inserts; else the text itself."""
    lexed = list(fragment.lexemes)
    if dialect not in _DIALECTS or lexed[0].word != "FROM":
        yield fragment.text
        return
    starts = [at for at in _outside(lexed) if lexed[at].word == "INSERT"]
    if not starts:
        yield fragment.text
        return
    source = lexed[: starts[0]]
    for start, end in zip(starts, [*starts[1:], len(lexed)], strict=True):
        branch = lexed[start:end]
        cut = next((at for at in _outside(branch) if branch[at].word in _BEHIND_FROM), len(branch))
        yield " ".join(rebuilt(part) for part in (branch[:cut], source, branch[cut:]) if part)


def _outside(lexed: list[Lexeme]) -> Iterator[int]:
    """Places outside of parentheses."""
    depth = 0
    for at, lexeme in enumerate(lexed):
        depth += {"(": 1, ")": -1}.get(lexeme.word, 0)
        if not depth:
            yield at
