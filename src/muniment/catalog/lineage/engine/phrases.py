"""Phrases of procedural SQL in lexemes: where they end, what they name, what is left without."""

from collections.abc import Iterator, Sequence

from muniment.catalog.lineage.engine.split import Lexeme

CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "WITH"})
_ENDS_INTO = frozenset({"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "USING"})


def after(lexed: Sequence[Lexeme], ends: Sequence[str]) -> int:
    """Just behind the first of the words outside parentheses and CASE; the end when missing."""
    depth = cases = 0
    for at, lexeme in enumerate(lexed[1:], 1):
        depth += {"(": 1, ")": -1}.get(lexeme.word, 0)
        if lexeme.word == "CASE":
            cases += 1
        elif cases:
            cases -= lexeme.word == "END"
        elif not depth and lexeme.word in ends:
            return at + 1
    return len(lexed)


def head(lexed: Sequence[Lexeme]) -> int:
    """How long the label in front is, or the head of a routine inside of another; 0 without one."""
    if lexed[0].word == "<<":
        return after(lexed, (">>",))
    if lexed[0].word in ("PROCEDURE", "FUNCTION"):
        return after(lexed, ("IS", "AS"))
    return 2 if lexed[1:2] and lexed[1].word == ":" and lexed[0].is_name else 0


def index(lexed: Sequence[Lexeme], key_word: str) -> int:
    """Where a key word stands outside parentheses; -1 when it does not."""
    depth = 0
    for at, lexeme in enumerate(lexed):
        depth += {"(": 1, ")": -1, "[": 1, "]": -1}.get(lexeme.word, 0)
        if not depth and lexeme.word == key_word:
            return at
    return -1


def assignment(lexed: Sequence[Lexeme]) -> int:
    """Where ``:=`` (or ``=`` straight after the target) stands; -1 for any other statement."""
    at = index(lexed, ":=")
    if at >= 0:
        return at
    if len(lexed) > 2 and lexed[0].is_name and lexed[0].word not in CHANGES:
        for at, lexeme in enumerate(lexed[1:4], 1):
            if lexeme.word == "=":
                return at
            if lexeme.word != "." and not lexeme.is_name:
                break
    return -1


def without_into(lexed: Sequence[Lexeme]) -> tuple[list[Lexeme], list[str]]:
    """The statement without ``INTO a, b``, and the names it fills."""
    depth = 0
    for at, lexeme in enumerate(lexed):
        depth += {"(": 1, ")": -1}.get(lexeme.word, 0)
        if depth or lexeme.word != "INTO" or at == 0 or lexed[at - 1].word in ("INSERT", "MERGE"):
            continue
        end = at + 1
        while end < len(lexed) and lexed[end].word not in _ENDS_INTO:
            end += 1
        return [*lexed[:at], *lexed[end:]], names(lexed[at + 1 : end])
    return list(lexed), []


def feeds_several(lexed: Sequence[Lexeme]) -> bool:
    """Oracle's ``INSERT ALL``, in which INTO names tables."""
    return lexed[0].word == "INSERT" and lexed[1:2] != [] and lexed[1].word in ("ALL", "FIRST")


def without_targets(lexed: Sequence[Lexeme]) -> tuple[list[Lexeme], list[str]]:
    """``SELECT @a = x, @b = y`` without the variables, and their names."""
    kept: list[Lexeme] = []
    names: list[str] = []
    at = depth = 0
    while at < len(lexed):
        depth += {"(": 1, ")": -1}.get(lexed[at].word, 0)
        starts = at > 0 and not depth and lexed[at - 1].word in ("SELECT", ",", "DISTINCT")
        following = lexed[at + 1].word if at + 1 < len(lexed) else ""
        if starts and lexed[at].text[:1] == "@" and following == "=":
            names.append(lexed[at].name)
            at += 2
            continue
        kept.append(lexed[at])
        at += 1
    return kept, names


def names(lexed: Sequence[Lexeme]) -> list[str]:
    """``a, r.b`` as names, with STRICT left out."""
    names: list[str] = []
    fresh = True
    for lexeme in lexed:
        if lexeme.word == "STRICT":
            continue
        if lexeme.word == ",":
            fresh = True
        elif lexeme.is_name and fresh:
            names.append(lexeme.name)
            fresh = False
        elif lexeme.is_name and names:
            names[-1] = f"{names[-1]}.{lexeme.name}"
    return names


def arguments(lexed: Sequence[Lexeme]) -> Iterator[Sequence[Lexeme]]:
    """The arguments of a call, cut at the commas outside parentheses."""
    depth = start = 0
    for at, lexeme in enumerate(lexed):
        depth += {"(": 1, ")": -1}.get(lexeme.word, 0)
        if lexeme.word == "," and not depth:
            yield lexed[start:at]
            start = at + 1
    yield lexed[start:]
