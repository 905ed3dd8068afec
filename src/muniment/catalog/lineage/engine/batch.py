"""T-SQL without semicolons: where one statement ends because the next one begins."""

from collections.abc import Iterator, Sequence

from muniment.catalog.lineage.engine.split import Fragment, Lexeme

DIALECTS = frozenset({"tsql", "fabric"})
_BEGINNERS = frozenset(
    (
        *("ALTER", "BEGIN", "BREAK", "CLOSE", "COMMIT", "CONTINUE", "CREATE", "DEALLOCATE"),
        *("DECLARE", "DELETE", "DROP", "ELSE", "END", "EXEC", "EXECUTE", "FETCH", "GOTO", "GRANT"),
        *("IF", "INSERT", "MERGE", "OPEN", "PRINT", "RAISERROR", "RETURN", "REVOKE", "ROLLBACK"),
        *("SAVE", "SELECT", "SET", "THROW", "TRUNCATE", "UPDATE", "USE", "WAITFOR", "WHILE"),
        "WITH",
    )
)
_GOES_ON = frozenset(
    (
        *(".", ",", "=", "+", "-", "*", "/", "(", "AFTER", "ALL", "AND", "AS", "BY", "DISTINCT"),
        *("EXCEPT", "FOR", "FROM", "INTERSECT", "INTO", "JOIN", "NOT", "OF", "ON", "OR", "ROW"),
        *("ROWS", "SELECT", "SET", "TABLE", "THEN", "UNION", "WHEN", "WHERE"),
    )
)
"""Words behind which no statement begins."""
_VERBS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"})
_SOURCES = frozenset({"SELECT", "WITH", "EXEC", "EXECUTE"})


def batched(fragment: Fragment) -> Iterator[Fragment]:
    """The statements of a piece between semicolons, in which several may stand."""
    lexed, start, state = fragment.lexemes, 0, _Statement()
    depth = cases = 0
    for at, lexeme in enumerate(lexed):
        depth += {"(": 1, ")": -1}.get(lexeme.word, 0)
        if depth:
            continue
        if lexeme.word == "CASE":
            cases += 1
        elif cases:
            cases -= lexeme.word == "END"
            continue
        if at > start and lexeme.word in _BEGINNERS and state.ends_before(lexed, at):
            yield _part(fragment, start, at)
            start, state = at, _Statement()
        state.hear(lexeme.word)
    yield _part(fragment, start, len(lexed))


def _part(fragment: Fragment, start: int, end: int) -> Fragment:
    first = fragment.lexemes[0].start
    lexed = fragment.lexemes[start:end]
    text = fragment.text[lexed[0].start - first : lexed[-1].end - first]
    line = fragment.line + fragment.text.count("\n", 0, lexed[0].start - first)
    return Fragment(text, lexed, line)


class _Statement:
    """What of a statement was heard so far, outside parentheses."""

    def __init__(self) -> None:
        self.head = ""
        self.verb = ""
        """Of a statement that begins with WITH."""
        self.fed = False
        """Whether an INSERT has what feeds it."""
        self.set = False

    def hear(self, word: str) -> None:
        if not self.head:
            self.head = word
        elif self.head == "WITH" and not self.verb and word in _VERBS:
            self.verb = word
        elif word in _SOURCES or word in ("VALUES", "DEFAULT"):
            self.fed = True
        if word == "SET":
            self.set = True

    def ends_before(self, lexed: Sequence[Lexeme], at: int) -> bool:
        """Whether the word at a place begins another statement."""
        word, before = lexed[at].word, lexed[at - 1].word
        after = lexed[at + 1].word if at + 1 < len(lexed) else ""
        main = self.verb or self.head
        if before in _GOES_ON and not (before == "ON" and self.head == "SET"):
            return False
        if word == "WITH":
            following = lexed[at + 2].word if at + 2 < len(lexed) else ""
            return after not in ("(", "") and following in ("AS", "(") and main != "CREATE"
        if self.head == "WITH" and not self.verb and word in _VERBS:
            return False
        return not self._belongs(word, main, after)

    def _belongs(self, word: str, main: str, after: str) -> bool:
        if word == "SET":
            return main in ("UPDATE", "MERGE", "ALTER") and not (main == "UPDATE" and self.set)
        if word in _SOURCES and main == "INSERT":
            return not self.fed
        if main == "MERGE" and word in ("UPDATE", "INSERT", "DELETE"):
            return True
        if main == "ALTER" and word in ("ALTER", "DROP", "CREATE"):
            return True
        if word == "IF":
            return main in ("DROP", "CREATE")
        return (word == "EXECUTE" and after == "AS") or (word == "OPEN" and main == "FETCH")
