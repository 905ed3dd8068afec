"""What an expression does to the meaning of a column: it keeps it, hides it, or ends it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Effect(IntEnum):
    """From what leaves a label as it is to what ends it; of nested ones the strongest counts."""

    KEEPS = 0
    HIDES = 1
    """Hashed, encrypted, masked: nobody reads the value, while it still stands for somebody."""
    ENDS = 2
    """Counted, measured, compared, cut: the result is not what the column held."""


_KEEPING = frozenset((
    "any_value", "array_agg", "array_to_string", "arbitrary", "btrim", "case", "cast", "coalesce",
    "collect_list", "collect_set", "concat", "concat_ws", "convert", "distinct", "encode",
    "first", "first_value", "format", "group_concat", "hex", "if_null", "ifnull", "initcap",
    "isnull", "json_agg", "json_build_object", "jsonb_agg", "jsonb_build_object", "last",
    "last_value", "lcase", "list", "listagg", "lower", "lpad", "ltrim", "max", "max_by", "min",
    "min_by", "named_struct", "normalize", "nullif", "nvl", "object_construct", "regexp_replace",
    "replace", "rpad", "rtrim", "row_to_json", "safe_cast", "string_agg", "struct", "to_base64",
    "to_char", "to_hex", "to_json", "to_jsonb", "to_varchar", "trim", "try_cast", "try_convert",
    "ucase", "unaccent", "upper", "varchar", "wm_concat",
))  # fmt: skip
_HIDING = re.compile(
    r"(?!\w*(?:decrypt|unmask|detokeni))\w*(?:hash|encrypt|crypt|hmac|digest|mask|tokeni[sz]e|pseudonym|anonymi[sz]e|redact)\w*"
    r"|md5\w*|sha(?:1|2|224|256|384|512)?(?:_\w+)?|crc32|checksum|binary_checksum|overlay"
    r"|farm_fingerprint|(?:city|murmur|x)x?hash\w*"
)
_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[A-Za-z_][^\]]*\]"
    r"|[^\W\d][\w$]*|\d[\w.]*|::|\|\||<=>|<>|!=|<=|>=|[^\s\w]"
)
_NAME = re.compile(r"[^\W\d][\w$]*|\".*\"|`.*`|\[.*\]", re.DOTALL)
_TESTS = frozenset((
    "=", "<", ">", "<>", "!=", "<=", ">=", "<=>", "~", "like", "ilike", "rlike", "in", "is",
    "between", "and", "or", "not",
))  # fmt: skip
_SUMS = frozenset(("+", "-", "*", "/", "%", "^", "&", "div", "mod"))
_WORDS = _TESTS | frozenset((
    "as", "all", "asc", "by", "desc", "else", "end", "escape", "false", "from", "null", "over",
    "partition", "order", "then", "true", "when", "using", "within", "group", "filter", "where",
    "collate", "interval",
))  # fmt: skip


@dataclass(slots=True)
class _Part:
    """A part of an expression between commas or words of CASE, and what is done to it."""

    effect: Effect


@dataclass(slots=True)
class _Frame:
    """What stands in one pair of parentheses."""

    function: Effect
    parts: _Part
    typed: bool = False
    """A type follows (``cast(x as text)``), no column."""


def effect_of(expression: str, column: str) -> Effect:
    """What an SQL expression does to the values of one of its columns.

    Of several uses of the column the one that leaves most counts: ``concat(md5(mail), mail)``
    holds the mail. Functions that are not known end what the column meant. An inner query may have
    renamed the column; then all columns of the expression have to agree.
    """
    uses = [*_uses([match[0] for match in _TOKEN.finditer(expression)])]
    wanted = column.rpartition(".")[2].casefold()
    own = [_of(parts) for name, parts in uses if name == wanted]
    if own:
        return min(own)
    others = {_of(parts) for _, parts in uses}
    return others.pop() if len(others) == 1 else Effect.ENDS


def _of(parts: Sequence[_Part]) -> Effect:
    return max(part.effect for part in parts)


def _uses(signs: Sequence[str]) -> Iterator[tuple[str, Sequence[_Part]]]:
    """Every column of an expression with the parts that it stands in, the outermost first."""
    frames = [_Frame(Effect.KEEPS, _Part(Effect.KEEPS))]
    found: list[tuple[str, Sequence[_Part]]] = []
    before = ""
    for place, sign in enumerate(signs):
        after = signs[place + 1] if place + 1 < len(signs) else ""
        word, frame = sign.casefold(), frames[-1]
        if sign == "(":
            frames.append(_opened(before))
        elif sign == ")":
            if len(frames) > 1:
                frames.pop()
        elif word in (",", "then", "else", "when", "as"):
            frame.typed = word == "as"
            frame.parts = _Part(Effect.ENDS if word == "when" else frame.function)
        elif word in _TESTS or (word in _SUMS and _operator(before)):
            frame.parts.effect = Effect.ENDS
        elif _is_column(word, before, after) and not frame.typed:
            found.append((_plain(word), [each.parts for each in frames]))
        before = word
    return iter(found)


def _is_column(word: str, before: str, after: str) -> bool:
    """A name that is no function, no qualifier, no type and no word of the language."""
    if not _NAME.fullmatch(word) or word in _WORDS or word == "case":
        return False
    return after not in ("(", ".") and before != "::"


def _operator(before: str) -> bool:
    """A sign between two values, not one in front of the first (``count(*)``, ``-1``)."""
    return before not in ("", "(", ",") and before not in _WORDS


def _opened(before: str) -> _Frame:
    name = _plain(before) if _NAME.fullmatch(before) and before not in _WORDS else ""
    if before in ("over", "in", "filter", "where", "by"):
        effect = Effect.ENDS
    elif not name or name in _KEEPING:
        effect = Effect.KEEPS
    else:
        effect = Effect.HIDES if _HIDING.fullmatch(name) else Effect.ENDS
    return _Frame(effect, _Part(effect))


def _plain(name: str) -> str:
    return name[1:-1] if name[:1] in '"`[' else name
