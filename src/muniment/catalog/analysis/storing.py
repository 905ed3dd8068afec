"""How a column's state is stored between partitions: without any text that might name a person."""

from dataclasses import fields
from typing import Final

import numpy as np
import polars as pl

from muniment.catalog.analysis.batches import Kind
from muniment.catalog.analysis.calendar import Calendar
from muniment.catalog.analysis.codec import Tree, array, branch, number, real, twigs
from muniment.catalog.analysis.column import ColumnState, KindState, Number, Sketch
from muniment.catalog.analysis.hashing import hashes
from muniment.catalog.analysis.limits import Limits
from muniment.catalog.analysis.numbers import Floats, Moments, Points
from muniment.catalog.analysis.order import Order
from muniment.catalog.analysis.text import TextFacts
from muniment.kernel.masking import mask

SHOWN: Final = 50
"""So many of the most frequent texts are stored as shapes."""
FEW_VALUES: Final = 200
CROWD: Final = 20
"""A text is stored as it is only if so many rows share it."""
LONG_NUMBER: Final = 10**8
"""Numbers of nine digits and more may be identifiers; they are stored with four digits left."""

_CODE_WORD: Final = r"^(?:[a-z][a-z0-9_-]{0,23}|[A-Z][A-Z0-9_-]{0,23}|\d{1,3})$"
_LONG_DIGITS: Final = r"\d{4}"
_TELLING_NAME: Final = (
    r"(?i)name|mail|phone|tel|fax|mobil|addr|street|strasse|straße|city|ort$|zip|postal|plz|iban"
    r"|bic|card|account|acct|konto|ssn|tax|steuer|passport|licen[cs]e|national|birth|dob|geb"
    r"|gender|sex|relig|faith|ethnic|race|politic|union|party|health|medic|diagnos|icd|disease"
    r"|allerg|blood|disab|treat|prescri|drug|patient|insur|salary|wage|pay|income|iq|note|comment"
    r"|remark|descr|message|body|text|user|login|person|customer|employee|member|contact|secret"
    r"|token|passw|pwd|key|hash|ip|lat|lon|geo"
)


def may_store_text(name: str, state: KindState) -> bool:
    """Whether a column is a plain list of categories whose words may be stored as they are.

    Labels are not known yet where states are stored, so the column must look harmless by itself:
    few values, each of them a code word (``in_transit``, ``EUR``: no capitalised word, which may
    be a name, no blank, no long digits), a name that tells of no person, and a crowd behind each
    value that is stored (which the caller checks value by value).
    """
    counts = state.exact
    if counts is None or len(counts) > FEW_VALUES or not state.text.values:
        return False
    words = counts["v"]
    if not (words.str.contains(_CODE_WORD) & ~words.str.contains(_LONG_DIGITS)).all():
        return False  # a state that was stored before knows some values no more: null passes
    return not bool(pl.Series([name]).str.contains(_TELLING_NAME).item())


def column_tree(name: str, state: ColumnState) -> Tree:
    return {
        "rows": state.rows,
        "nulls": state.nulls,
        "kinds": {kind.value: _kind_tree(name, one) for kind, one in state.kinds.items()},
    }


def column_of(tree: Tree, limits: Limits) -> ColumnState:
    part = branch(tree)
    kinds = {
        Kind(key): _kind_of(Kind(key), one, limits) for key, one in branch(part["kinds"]).items()
    }
    return ColumnState(number(part["rows"]), number(part["nulls"]), kinds)


def _kind_tree(name: str, state: KindState) -> Tree:
    plain = may_store_text(name, state) if state.kind is Kind.TEXT else False
    masked = dict(state.masked)
    sketch = state.sketch
    tree: dict[str, Tree] = {
        "count": state.count,
        "nan": state.nan,
        "infinite": state.infinite,
        "zeros": state.zeros,
        "negatives": state.negatives,
        "beyond": state.beyond,
        "rounded": state.rounded or _long(state),
        "low": None if state.low is None else _blurred(state.low, state.kind),
        "high": None if state.high is None else _blurred(state.high, state.kind),
        "order": _order_tree(state.order, state.kind),
        "text": state.text.tree(),
        "exact": _counts_tree(state.kind, state.exact, masked, plain=plain),
        "sketch": None,
    }
    if sketch is not None:
        tree["sketch"] = {
            "registers": sketch.registers,
            "hitters": _counts_tree(state.kind, sketch.hitters, masked, plain=False),
            "moments": [getattr(sketch.moments, each.name) for each in fields(Moments)],
            "points": _blur(sketch.points.values, state.kind),
            "weights": sketch.points.weights,
            "error": sketch.points.error,
            "calendar": sketch.calendar.tree(),
        }
    tree["masked"] = {str(key): shape for key, shape in masked.items()}
    return tree


def _long(state: KindState) -> bool:
    ends = (state.low, state.high)
    return state.kind.numeric and any(
        end is not None and np.isfinite(end) and abs(end) >= LONG_NUMBER for end in ends
    )


def _kind_of(kind: Kind, tree: Tree, limits: Limits) -> KindState:
    part = branch(tree)
    return KindState(
        kind=kind,
        limits=limits,
        count=number(part["count"]),
        nan=number(part["nan"]),
        infinite=number(part["infinite"]),
        zeros=number(part["zeros"]),
        negatives=number(part["negatives"]),
        beyond=number(part["beyond"]),
        rounded=bool(part["rounded"]),
        low=_number(part["low"]),
        high=_number(part["high"]),
        order=Order.of_tree(part["order"]),
        text=TextFacts.of_tree(part["text"]),
        exact=_counts_of(kind, part["exact"]),
        sketch=_sketch_of(kind, part["sketch"]),
        masked={int(key): str(shape) for key, shape in branch(part["masked"]).items()},
    )


def _sketch_of(kind: Kind, tree: Tree) -> Sketch | None:
    if tree is None:
        return None
    part = branch(tree)
    n, *sums = twigs(part["moments"])
    return Sketch(
        registers=array(part["registers"]).astype(np.uint8),
        hitters=_counts_of(kind, part["hitters"]),
        moments=Moments(number(n), *(real(each) for each in sums)),
        points=Points(
            array(part["points"]).astype(np.float64),
            array(part["weights"]).astype(np.float64),
            real(part["error"]),
        ),
        calendar=Calendar.of_tree(part["calendar"]),
    )


def _counts_tree(
    kind: Kind, counts: pl.DataFrame | None, masked: dict[int, str], *, plain: bool
) -> Tree:
    if counts is None:
        return None
    tree: dict[str, Tree] = {"n": counts["n"].to_numpy()}
    values = counts["v"]
    if kind in (Kind.TEXT, Kind.BINARY):
        _remember_shapes(counts, masked)
        crowd = (counts["n"] >= CROWD) & values.is_not_null()
        kept = counts.filter(crowd) if plain else counts.clear()
        tree["words"] = {str(h): v for h, v in kept.select("h", "v").rows()}
        tree["h"] = counts["h"].to_numpy()
        tree["size"] = counts["size"].to_numpy()
        return tree
    exact = values.to_numpy()
    blurred = _blur(exact.astype(np.float64), kind)
    if kind.numeric and bool((np.abs(exact) >= LONG_NUMBER).any()):
        tree["v"] = blurred.astype(exact.dtype)
        tree["h"] = counts["h"].to_numpy()
    else:
        tree["v"] = exact
    return tree


def _counts_of(kind: Kind, tree: Tree) -> pl.DataFrame | None:
    if tree is None:
        return None
    part = branch(tree)
    n = pl.Series("n", array(part["n"]), dtype=pl.Int64)
    if "words" in part:
        h = pl.Series("h", array(part["h"]), dtype=pl.UInt64)
        size = pl.Series("size", array(part["size"]), dtype=pl.Int64)
        words = {int(key): str(word) for key, word in branch(part["words"]).items()}
        values = pl.Series("v", [words.get(key) for key in h.to_list()], dtype=pl.String)
        return pl.DataFrame([h, n, size, values])
    values = pl.Series("v", array(part["v"]), dtype=pl.Float64 if kind is Kind.FLOAT else pl.Int64)
    known = array(part["h"]) if "h" in part else hashes(values)
    h = pl.Series("h", known, dtype=pl.UInt64)
    return pl.DataFrame(
        [h, n, pl.repeat(8, len(n), eager=True).cast(pl.Int64).alias("size"), values]
    )


def _remember_shapes(counts: pl.DataFrame, masked: dict[int, str]) -> None:
    heaviest = counts.top_k(SHOWN, by=["n", "h"])
    for h, value in heaviest.select("h", "v").rows():
        if value is not None:
            masked[h] = mask(value)


def _blur(values: Floats, kind: Kind) -> Floats:
    """Long numbers rounded to four significant digits, the others as they are; keeps the order."""
    if not kind.numeric:
        return values
    long = np.isfinite(values) & (np.abs(values) >= LONG_NUMBER)
    if not long.any():
        return values
    unit = 10.0 ** (np.floor(np.log10(np.abs(values[long]))) - 3)
    blurred = values.copy()
    blurred[long] = np.round(values[long] / unit) * unit
    return blurred


def _blurred(value: Number, kind: Kind) -> Number:
    if not kind.numeric or abs(value) < LONG_NUMBER:
        return value
    return type(value)(_blur(np.asarray([value], np.float64), kind)[0])


def _order_tree(order: Order, kind: Kind) -> Tree:
    blurred = ((float(_blurred(a, kind)), float(_blurred(b, kind))) for a, b in order.spans)
    return Order(order.rising, order.falling, tuple(blurred)).tree()


def _number(tree: Tree) -> Number | None:
    if tree is None:
        return None
    return tree if isinstance(tree, int) else real(tree)
