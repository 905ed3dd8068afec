"""What a column's name says: split into words, freed from abbreviations, in any language."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from muniment.classification.model import HeaderWords

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")

SHORT = {
    "acct": "account", "acc": "account", "addr": "address", "adr": "address", "amt": "amount",
    "bday": "birthday", "cd": "code", "cntry": "country", "ctry": "country", "cust": "customer",
    "desc": "description", "dt": "date", "emp": "employee", "fam": "family", "fname": "firstname",
    "frst": "first", "gndr": "gender", "lname": "lastname", "mname": "middlename",
    "lat": "latitude",
    "lng": "longitude", "lon": "longitude", "long": "longitude", "mob": "mobile", "msg": "message",
    "nat": "national", "nbr": "number", "nm": "name", "nme": "name", "no": "number", "nr": "number",
    "num": "number", "nummer": "number", "numero": "number", "org": "organisation",
    "passwd": "password",
    "pwd": "password", "ph": "phone", "phn": "phone", "pat": "patient", "pst": "postal",
    "ref": "reference", "sal": "salary", "tel": "phone", "tlf": "phone", "tfn": "phone",
    "telno": "phonenumber", "usr": "user", "vorn": "vorname", "strasse": "strasse",
    "zipcode": "zipcode",
}  # fmt: skip
"""Abbreviations that mean one thing wherever they stand in a column name."""

_TURNING = (
    "count cnt flag verified verification is has type kind category status at sent opt in out "
    "optin "
    "optout consent template subject body domain hash hashed masked length format valid invalid "
    "validated error provider network brand id ids pk fk index idx seq version label config "
    "enabled required pref preference preferences score rank avg sum total min max pct "
    "percent rate "
    "model rating updated created modified changed attempts attempt changes bounce bounced clicks "
    "opens campaign anzahl typ art datum zeitpunkt nombre quantite cantidad bool allowed allow "
    "present missing missed missingness strength policy expires expired quality match matches "
    "frequency interval limit confirmed uuid guid sk checked reset available required "
    "column field table metric"
)
TURNING = frozenset(_TURNING.split())
"""Words beside a phrase that turn its meaning: ``email_verified`` holds no e-mail address."""


@dataclass(frozen=True, slots=True)
class HeaderEvidence:
    """What a column name says of one classifier, as log-odds, and the words that say it."""

    odds: float
    words: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    @property
    def strong(self) -> bool:
        return self.odds >= STRONG_FROM


NOTHING = HeaderEvidence(0.0)
STRONG = 4.5
STRONG_FROM = 2.8
WEAK = 1.5
TURNED = -2.0
DENIED = -6.0


PLAIN_LETTERS = {
    "ß": "ss", "ẞ": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d",
    "ı": "i", "ς": "σ", "ſ": "s",
}  # fmt: skip
"""Small letters that no decomposition makes plain."""
MARKS = r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]"
"""Accents, Hebrew points and Arabic vowel signs; voicing marks of Japanese are no accents."""
_MARKS = re.compile(MARKS)
_PLAIN_LETTERS = str.maketrans(PLAIN_LETTERS)


def folded(text: str) -> str:
    """Lower case without accents, single spaces: the form in which words are compared.

    ``lookups.fold_all`` does the same to whole columns.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text.lower().translate(_PLAIN_LETTERS))
    return " ".join(unicodedata.normalize("NFC", _MARKS.sub("", plain)).split())


@lru_cache(maxsize=65536)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a name: ``customerFirst_name2`` gives customer, first, name."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ẞ", "ss"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(part.lower() for part in _PARTS.findall(plain))


@lru_cache(maxsize=65536)
def expanded(name: str) -> tuple[str, ...]:
    """The words of a name with abbreviations written out."""
    return tuple(SHORT.get(token, token) for token in tokens(name))


@lru_cache(maxsize=65536)
def _joined(phrase: str) -> str:
    return "".join(tokens(phrase)) or folded(phrase)


def _place(words: Sequence[str], phrase: str) -> tuple[int, int] | None:
    """Where consecutive words spell the phrase, written together or apart."""
    for start in range(len(words)):
        spelled = ""
        for end in range(start, len(words)):
            spelled += words[end]
            if spelled == phrase:
                return start, end + 1
            if not phrase.startswith(spelled):
                break
    return None


def _inside(words: Sequence[str], phrase: str) -> bool:
    """Whether a longer word ends in the phrase, as compounds do (``kundenemail``)."""
    ascii_enough = len(phrase) >= 5
    east_asian = not phrase.isascii() and len(phrase) >= 2
    if ascii_enough:
        return any(len(word) > len(phrase) and word.endswith(phrase) for word in words)
    return east_asian and any(phrase in word for word in words)


def _best(name: str, phrases: Sequence[str]) -> tuple[str, tuple[str, ...], bool] | None:
    """The longest phrase found, the words left over, whether it is only part of a word."""
    best: tuple[str, tuple[str, ...], bool] | None = None
    for words in dict.fromkeys((tokens(name), expanded(name))):
        for phrase in phrases:
            wanted = _joined(phrase)
            found = _place(words, wanted)
            if found is not None:
                rest = words[: found[0]] + words[found[1] :]
                better = best is None or best[2] or len(wanted) > len(_joined(best[0]))
                if better:
                    best = (phrase, rest, False)
            elif best is None and _inside(words, wanted):
                best = (phrase, tuple(w for w in words if not w.endswith(wanted)), True)
    return best


def read_header(name: str, header: HeaderWords) -> HeaderEvidence:
    """What a column's name says; the last part of a dotted name is its own, the rest is context.

    ``order_email_sent`` names an e-mail address but the word ``sent`` turns its meaning.
    """
    own = name.rsplit(".", 1)[-1]
    denied = _best(own, header.never)
    if denied is not None:
        return HeaderEvidence(DENIED, against=(denied[0],))
    found = _best(own, header.strong) or _best(name, header.strong)
    full = STRONG
    if found is None:
        found, full = _best(own, header.weak), WEAK
    if found is None:
        return NOTHING
    phrase, rest, partial = found
    turning = tuple(sorted(set(rest) & TURNING))
    if turning:
        return HeaderEvidence(TURNED, words=(phrase,), against=turning)
    loss = (0.8 if partial else 0.0) + min(0.25 * len(rest), 0.75)
    return HeaderEvidence(max(full - loss, 0.5), words=(phrase,))


def read_context(table: str, siblings: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    """Which context words the table's name or the columns beside it hold."""
    around = set(expanded(table))
    for sibling in siblings:
        around.update(expanded(sibling))
    joined = {_joined(table), *(_joined(s) for s in siblings)}
    return tuple(
        word
        for word in words
        if word in around or any(word in text for text in joined if len(word) > 4)
    )


def normalised(name: str) -> str:
    """A name as look-alikes share it: ``CUST_EMAIL_2`` and ``custEmail`` are one."""
    return "_".join(expanded(name.rsplit(".", 1)[-1])) or folded(name)
