"""What PostgreSQL counts of a table in one pass, without grouping, sorting or sending rows."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal

import psycopg
from psycopg import sql

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.figures import Answer, Answers, Between, Mean, OneOf, Present, Question

INTEGER = re.compile(r"(smallint|integer|bigint)$")
DECIMAL = re.compile(r"numeric\(\d+,\d+\)$")
"""``numeric`` without limits may hold numbers that are no floats, which are read as missing."""
FLOAT = re.compile(r"(real|double precision)$")
"""May hold NaN, which no check of values judges."""
TEXT = re.compile(r"(text|character varying(\(\d+\))?|character\(\d+\))$")
MOMENT = re.compile(r"(date|timestamp(\(\d\))? with(out)? time zone)$")
WHOLE = re.compile(r"(boolean|uuid|jsonb?|bytea)$")
HASHED_FROM = 9
"""From so many values on, PostgreSQL looks a value up instead of comparing it with each."""
AT_ONCE = 400
"""PostgreSQL allows 1,664 expressions in a list."""


def answered(
    connection: psycopg.Connection, asset: AssetMeta, questions: Sequence[Question]
) -> Answers:
    """Answer what can be answered as the rows would; one or two passes for 400 questions."""
    types = {column.name: column.type for column in asset.columns}
    known: dict[Question, Answer] = {}
    asked = [each for each in dict.fromkeys(questions) if _counts(each, types.get(each.column))]
    rows = 0
    for start in range(0, len(asked) or 1, AT_ONCE):
        part = asked[start : start + AT_ONCE]
        present = {each.column: _present(each.column, types[each.column]) for each in part}
        items = [sql.SQL("count(*)"), _any_missing(list(present.values()))]
        items += [item for each in part for item in _items(each, types[each.column])]
        told = iter(_ask(connection, asset, items))
        rows, missing = int(str(next(told))), next(told)
        answers = [next(told) if _items(each, types[each.column]) else None for each in part]
        counts: dict[str, object] = dict.fromkeys(present, rows)
        if missing:  # only then is it worth counting column by column
            each_count = [sql.SQL("count(*) filter (where {})").format(i) for i in present.values()]
            counts = dict(zip(present, _ask(connection, asset, each_count), strict=True))
        for each, answer in zip(part, answers, strict=True):
            if isinstance(answer, Decimal) and answer.is_nan():
                continue  # one of the rows is no number; they are read without it
            known[each] = _answer(each, rows, int(str(counts[each.column])), answer)
    return Answers(rows, known)


def _ask(
    connection: psycopg.Connection, asset: AssetMeta, items: Sequence[sql.Composable]
) -> Sequence[object]:
    statement = sql.SQL("select {} from {}").format(sql.SQL(", ").join(items), _rows_of(asset))
    return connection.execute(statement).fetchone() or ()


def _rows_of(asset: AssetMeta) -> sql.Composable:
    """Rows of tables that inherit from this one are read with them, as by a reading of rows."""
    table = sql.Identifier(*asset.path)
    return table if asset.properties.get("partitioned") == "true" else sql.SQL("only ") + table


def _counts(question: Question, kind: str | None) -> bool:
    """Whether the answer would be that of the rows; not so for types of a user, for example."""
    if kind is None:
        return False
    number = INTEGER.match(kind) or DECIMAL.match(kind)
    match question:
        case Present():
            other = (FLOAT, TEXT, MOMENT, WHOLE)
            return bool(number) or any(form.match(kind) for form in other)
        case OneOf():
            # Blanks at the end are no part of a char(n), so none may be asked for.
            plain = all(each == each.rstrip(" ") for each in question.values)
            return bool(TEXT.match(kind)) and plain and bool(question.values)
        case Between():
            ends = [end for end in (question.low, question.high) if end is not None]
            return bool(number) and bool(ends) and all(map(math.isfinite, ends))
        case Mean():
            return bool(number)


def _present(name: str, kind: str) -> sql.Composable:
    """Whether a value is there; endless dates are read as missing."""
    column = sql.Identifier(name)
    if MOMENT.match(kind):
        return sql.SQL("({0} is not null and isfinite({0}))").format(column)
    return sql.SQL("{} is not null").format(column)


def _any_missing(present: Sequence[sql.Composable]) -> sql.Composable:
    if not present:
        return sql.SQL("0")
    all_there = sql.SQL(" and ").join(present)
    return sql.SQL("count(*) filter (where not ({}))").format(all_there)


def _items(question: Question, kind: str) -> Sequence[sql.Composable]:
    """What is asked besides how many values are there: one item, or none."""
    column = sql.Identifier(question.column)
    match question:
        case OneOf():
            values = list(question.values)
            if len(values) > 2:
                values *= -(-HASHED_FROM // len(values))
            listed = sql.SQL(", ").join(map(sql.Literal, values))
            form = sql.SQL('count(*) filter (where {} collate "C" not in ({}))')
            return [form.format(column, listed)]
        case Between():
            low, high = question.low, question.high
            if INTEGER.match(kind):  # compared with a fraction, each would become a numeric
                low = None if low is None else math.ceil(low)
                high = None if high is None else math.floor(high)
            sides: list[sql.Composable] = [
                sql.SQL(sign).format(column, sql.SQL(repr(end)))
                for sign, end in (("{} < {}", low), ("{} > {}", high))
                if end is not None
            ]
            if high is None and DECIMAL.match(kind):  # PostgreSQL sorts it above all numbers
                sides.append(sql.SQL("{} = 'NaN'").format(column))
            outside = sql.SQL(" or ").join(sides)
            return [sql.SQL("count(*) filter (where {})").format(outside)]
        case Mean():
            return [sql.SQL("avg({})").format(column)]
        case Present():
            return []


def _answer(question: Question, rows: int, values: int, told: object) -> Answer:
    match question:
        case Present():
            return Answer(rows, rows - values)
        case Mean():
            return Answer(values, figure=None if told is None else float(str(told)))
        case _:
            return Answer(values, int(str(told)))
