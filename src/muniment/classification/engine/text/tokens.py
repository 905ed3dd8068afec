"""Free text as tokens with their places, and where sentences and lines begin."""

import re
from dataclasses import dataclass
from typing import Final

_ABBREVIATIONS = (
    "Dr|Mr|Mrs|Ms|Prof|St|Ste|Inc|Ltd|Co|Corp|Jr|Sr|Rev|Hon|Gen|Sgt|Capt|Cpt|Lt|Col|Maj|Messrs|Bros|Mt|Ft"
    "|Ave|Blvd|Rd|Dept|Univ|Assoc|Gov|Sen|Rep|Pres|Fr|Sra|Ph\\.D|M\\.D|S\\.A|S\\.p\\.A|L\\.L\\.C|e\\.g|i\\.e|No|vs|approx|etc"
)
_TOKEN = re.compile(
    rf"(?P<abbr>\b(?:{_ABBREVIATIONS})\.(?!\w))"
    r"|(?P<initial>\b[A-Z]\.(?:[A-Z]\.)*(?![a-z]))"
    r"|(?P<word>[^\W\d_]+(?:[’'`][^\W\d_]+)*(?:[-‐][^\W\d_]+(?:[’'][^\W\d_]+)*)*)"
    r"|(?P<number>\d+(?:[.,:/-]\d+)*(?![^\W\d_]))"
    r"|(?P<mixed>\w+)"
    r"|(?P<mark>\S)"
)
_POSSESSIVE = re.compile(r"[’'`](?:s|S|ll|ve|re|d|m|t)$")
_BROKEN_HYPHEN = re.compile(r"[-‐][a-z]")
_ENDS: Final = frozenset(".!?…")
_OPENS: Final = frozenset("\"'“”‘’«»([{*•–—-#>|")


@dataclass(slots=True)
class Token:
    """A word, number or mark. ``begins`` is 2 at a new line, 1 at a new sentence, else 0."""

    text: str
    start: int
    end: int
    kind: str
    begins: int = 0

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def tokenise(text: str) -> list[Token]:
    """All tokens in order; possessive endings and small letters after a hyphen stand alone."""
    tokens: list[Token] = []
    last_end = 0
    begins = 2
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup)
        start, end = found.span()
        if start > last_end and "\n" in text[last_end:start]:
            begins = 2
        last_end = end
        piece = found.group()
        if kind == "word" and not piece.isalpha():
            _split_word(tokens, piece, start, begins)
        else:
            tokens.append(Token(piece, start, end, kind, begins))
        begins = _begins_after(tokens[-1], begins, text, end)
    return tokens


def _split_word(tokens: list[Token], piece: str, start: int, begins: int) -> None:
    cut = len(piece)
    if (owned := _POSSESSIVE.search(piece)) is not None:
        cut = owned.start()
    if (broken := _BROKEN_HYPHEN.search(piece, 0, cut)) is not None and piece[0].isupper():
        cut = broken.start()
    tokens.append(Token(piece[:cut], start, start + cut, "word", begins))
    if cut < len(piece):
        tokens.append(Token(piece[cut:], start + cut, start + len(piece), "tail", 0))


def _begins_after(token: Token, begins: int, text: str, end: int) -> int:
    """What the next token begins, unless a line break comes before it."""
    if token.kind != "mark":
        return 0
    if token.text in _ENDS and (end >= len(text) or text[end].isspace() or text[end] in "\"'”’)"):
        return 1
    return begins if token.text in _OPENS else 0
