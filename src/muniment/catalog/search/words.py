"""How names are taken apart: ``custEmailAddr_2`` is cust(omer), email, addr(ess), 2. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|\d+|[^\W\d_A-Za-z]+")
_WORD = re.compile(r"[^\W_]+")
_AFTER = re.compile(r"(?<=\w)[.(]")

ABBREVIATIONS: Mapping[str, str] = {
    "abbr": "abbreviation",
    "accnt": "account",
    "acct": "account",
    "addr": "address",
    "amt": "amount",
    "app": "application",
    "appt": "appointment",
    "arr": "arrival",
    "attr": "attribute",
    "auth": "authorization",
    "avg": "average",
    "bal": "balance",
    "bday": "birthday",
    "biz": "business",
    "cal": "calendar",
    "cat": "category",
    "cd": "code",
    "cfg": "configuration",
    "chg": "change",
    "cnt": "count",
    "cntry": "country",
    "co": "company",
    "comm": "communication",
    "conf": "configuration",
    "ctry": "country",
    "curr": "currency",
    "cust": "customer",
    "dept": "department",
    "desc": "description",
    "dest": "destination",
    "dim": "dimension",
    "dob": "birthdate",
    "doc": "document",
    "dt": "date",
    "dur": "duration",
    "email": "mail",
    "emp": "employee",
    "evt": "event",
    "fct": "fact",
    "fname": "firstname",
    "geo": "geography",
    "hist": "history",
    "hr": "personnel",
    "img": "image",
    "inv": "invoice",
    "inventory": "stock",
    "lang": "language",
    "lat": "latitude",
    "lname": "lastname",
    "loc": "location",
    "lon": "longitude",
    "max": "maximum",
    "mgr": "manager",
    "min": "minimum",
    "mktg": "marketing",
    "msg": "message",
    "mth": "month",
    "nbr": "number",
    "no": "number",
    "num": "number",
    "ord": "order",
    "org": "organization",
    "pay": "payment",
    "pct": "percent",
    "perm": "permission",
    "ph": "phone",
    "pk": "key",
    "pmt": "payment",
    "prod": "product",
    "pwd": "password",
    "qty": "quantity",
    "rcpt": "receipt",
    "ref": "reference",
    "reg": "region",
    "rep": "representative",
    "req": "request",
    "res": "result",
    "seq": "sequence",
    "shp": "shipment",
    "src": "source",
    "stat": "status",
    "stmt": "statement",
    "svc": "service",
    "tel": "telephone",
    "tmp": "temporary",
    "tot": "total",
    "trx": "transaction",
    "ts": "timestamp",
    "txn": "transaction",
    "typ": "type",
    "upd": "update",
    "usr": "user",
    "val": "value",
    "vol": "volume",
    "wh": "warehouse",
    "yr": "year",
    "zip": "postcode",
}
"""What the short forms in names stand for; found under both."""


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


STOP_WORDS = _set_of(
    """
    a about all an and any are as at be by can could do does each every for from give had has have
    how i in into is it its me my of on or our per please that the their them there these they this
    those to use used using via want was we were what when where which who whom whose why will with
    within would you your
    """
)
"""English words that say how a question is asked, not what it is about."""
SHELF_WORDS = _set_of(
    """
    asset assets column columns contain containing contains data database databases dataset
    datasets field fields find hold holding holds info information list record records show stored
    table tables view views
    """
)
"""What every asset is or does: welcome in a name, and asked of none."""

_STEMMER = (
    TextAnalyzerBuilder(Tokenizer.raw())
    .filter(Filter.lowercase())
    .filter(Filter.ascii_fold())
    .filter(Filter.stemmer("english"))
    .build()
)


SAME_MEANING = (
    "best top",
    "bill invoice",
    "birthday birthdate",
    "buyer client customer shopper",
    "churn cancel unsubscribe",
    "compensation earnings pay payroll salary wage",
    "delivery shipment",
    "employee personnel staff worker",
    "income lifetime revenue spend turnover",
    "inventory stock",
    "item article product line",
    "mobile phone telephone",
    "refund return",
    "supplier vendor",
)
"""Words that analysts use for one another. What was typed itself always ranks above them."""
ALSO_MEANS: Mapping[str, tuple[str, ...]] = {"sales": ("revenue", "turnover"), "sold": ("order",)}
"""The same where it holds in one direction only."""


def folded(text: str) -> str:
    """Lower case without accents, so that ``Größe`` and ``GROSSE`` meet."""
    return _without_accents(text.casefold()).casefold()


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def _runs(text: str) -> list[list[str]]:
    """The words of each run of letters and digits, folded."""
    return [
        [folded(piece) for piece in _PART.findall(run)]
        for run in _WORD.findall(_without_accents(text))
    ]


def parts(name: str) -> list[str]:
    """The words an identifier is made of, in order, and each run of several as one."""
    found: list[str] = []
    for run in _runs(name):
        found.extend(run)
        if len(run) > 1:
            found.append("".join(run))
    return found


def spaced(name: str) -> str:
    """A name the way people say it: ``dailySales_2024`` is ``daily sales 2024``."""
    return " ".join(piece for run in _runs(name) for piece in run)


def bare(name: str) -> str:
    """A name without what files and routines have after it: ``orders_2025``, ``close_days``."""
    return folded(_AFTER.split(name.strip(), maxsplit=1)[0])


def spelled_out(words: Iterable[str]) -> list[str]:
    """What the abbreviations among the words stand for."""
    return [ABBREVIATIONS[word] for word in words if word in ABBREVIATIONS]


@lru_cache(maxsize=8192)
def name_words(name: str) -> str:
    """A name as text for the index: its words and what they abbreviate."""
    words = parts(name)
    return " ".join((*words, *spelled_out(words)))


def query_words(text: str) -> list[str]:
    """The words of what somebody typed, each once, in order."""
    return list(dict.fromkeys(piece for run in _runs(text) for piece in run))


def similar(word: str) -> tuple[str, ...]:
    """Stems of other words for what a word means."""
    also = [stem(other) for other in ALSO_MEANS.get(word, ())]
    return tuple(dict.fromkeys((*_SIMILAR.get(stem(word), ()), *also)))


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody typed: the words that matter, and those that only break a tie."""

    words: tuple[str, ...]
    aside: tuple[str, ...] = ()


def question(text: str, most: int) -> Question:
    """Leave out what carries no meaning, unless that is everything; at most ``most`` words."""
    typed = query_words(text)
    telling = [word for word in typed if word not in STOP_WORDS]
    asked = [word for word in telling if word not in SHELF_WORDS]
    if not asked:
        return Question(tuple((telling or typed)[:most]))
    aside = [word for word in telling if word in SHELF_WORDS]
    return Question(tuple(asked[:most]), tuple(aside[:most]))


@lru_cache(maxsize=32_768)
def stem(word: str) -> str:
    """What the forms of an English word have in common (Porter's second stemmer, as the index)."""
    return "".join(_STEMMER.analyze(word)[:1])


_SIMILAR: Mapping[str, tuple[str, ...]] = {
    stem(word): tuple(stem(other) for other in group.split() if other != word)
    for group in SAME_MEANING
    for word in group.split()
}


def stemmed(words: Iterable[str]) -> str:
    """A name by the stems of its words, so that ``order line`` is the name ``Order_Lines``."""
    return " ".join(map(stem, words))


def distance_at_most(one: str, other: str, most: int) -> bool:
    """Whether two words are at most ``most`` edits apart (a swap of neighbours is one edit)."""
    if abs(len(one) - len(other)) > most:
        return False
    older: list[int] = []
    before = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return False
        older, before = before, row
    return before[-1] <= most


def tolerance(word: str) -> int:
    """How many typing errors a word of this length may have."""
    if len(word) < 5 or word.isdigit():
        return 0
    return 1 if len(word) < 8 else 2
