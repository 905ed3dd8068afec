"""What a column's name says: split into words, freed from abbreviations, in any language."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from muniment.classification.model import HeaderWords

_DIGITS = re.compile(r"\d+")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")

SHORT = {
    "acct": "account", "acc": "account", "addr": "address", "adr": "address", "amt": "amount",
    "bday": "birthday", "cd": "code", "cntry": "country", "ctry": "country", "cust": "customer",
    "desc": "description", "dt": "date", "emp": "employee", "fam": "family", "fname": "firstname",
    "frst": "first", "gndr": "gender", "lname": "lastname", "mname": "middlename",
    "lat": "latitude",
    "lng": "longitude", "lon": "longitude", "mob": "mobile", "msg": "message",
    "nat": "national", "nbr": "number", "nm": "name", "nme": "name", "no": "number", "nr": "number",
    "num": "number", "nummer": "number", "numero": "number", "org": "organisation",
    "passwd": "password",
    "pwd": "password", "ph": "phone", "phn": "phone", "pat": "patient", "pst": "postal",
    "ref": "reference", "sal": "salary", "ins": "insurance", "natl": "national", "soc": "social",
    "lic": "license", "regn": "registration", "brth": "birth", "ctzn": "citizen",
    "tel": "phone", "tlf": "phone", "tfn": "phone",
    "telno": "phonenumber", "usr": "user", "vorn": "vorname", "strasse": "strasse",
    "zipcode": "zipcode",
}  # fmt: skip
"""Abbreviations that mean one thing wherever they stand in a column name."""

_AMBIGUOUS = (
    "ad by ber cap cp dil din eta gen ho il ime jmeno job kor land lek long nem neme nev nom "
    "nome nombre not pay paga pol plat rol sal stat stato ten tie tk uf usk vek via vei alga dom "
    "liga lege obat ravim tara title usage hn rz spz sus race"
)
AMBIGUOUS = frozenset(_AMBIGUOUS.split())
"""Phrases that mean it only where they are the whole name: ``via`` is a street, ``via_fax`` not."""
_NO_CONTENT = (
    "tbl c col fld f x k kd cust usr src stg raw tmp dim fact vw v t s p m my the a an of de la le "
    "du des der die das del do da in no num nr n fk pk"
)
NO_CONTENT = frozenset(_NO_CONTENT.split())
"""Words beside a phrase that add nothing to it."""

_TURNING = (
    "count cnt flag verified verification is has type kind category status at sent opt in out "
    "optin "
    "optout consent template subject body domain hash hashed masked length format valid invalid "
    "validated error provider network brand id ids pk fk index idx seq version label config "
    "enabled required pref preference preferences score rank avg sum total min max pct "
    "percent rate "
    "model rating updated created modified changed attempts attempt changes bounce bounced clicks "
    "opens campaign anzahl typ art zeitpunkt quantite cantidad bool allowed allow "
    "present missing missed missingness strength policy expires expired quality match matches "
    "frequency interval limit confirmed uuid guid sk checked reset available required "
    "column field table metric"
)
TURNING = frozenset(_TURNING.split())
"""Words beside a phrase that turn its meaning: ``email_verified`` holds no e-mail address."""


_NO_SLIPS = (
    "absent accounted adapt altitude analyzed artist asset async attitude batch binder binding "
    "bulletin builds called caller cards cascade checker complement const constr contrast counts "
    "cursor custom dashed decode dedication discard encode facing finder folder genera handled "
    "handler handlers initial intern invalidate kinder latest light linting locate mediation "
    "nction needle notion number operate orchid pacing placed plots portal posted prefs presume "
    "presto produce profusion purity rating ration refcnt relate relative remark render rendered "
    "renumber risks scrypt sender spark spiral stack stacks staged stars start starts stick "
    "sticky stock stored strength stress stuck styling subset suited supplied supplies "
    "ticket tracing trims trying varname warning warnings"
)
NO_SLIPS = frozenset(_NO_SLIPS.split())
"""Words of their own that look like slips of others: ``altitude`` is no ``latitude``."""


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
HINT = 0.5
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


def _plain_umlauts(token: str) -> str:
    """``waehrung`` and ``oesterreich`` without the written-out umlauts."""
    return token.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a")


def _singular(token: str) -> str:
    """``emails`` and ``addresses`` as one of them."""
    if len(token) > 5 and token.endswith("sses"):
        return token[:-2]
    plural = len(token) > 4 and token.endswith("s") and not token.endswith(("ss", "us", "is"))
    return token[:-1] if plural else token


@lru_cache(maxsize=65536)
def _readings(name: str) -> tuple[tuple[str, ...], ...]:
    """The ways to read the words of a name, the plainest first."""
    words, long = tokens(name), expanded(name)
    ways = [words, long, *(tuple(map(change, w)) for w in (words, long) for change in _CHANGES)]
    return tuple(dict.fromkeys(ways))


def _number_written_out(token: str) -> str:
    """``kundennr`` as ``kundennummer``."""
    return f"{token[:-2]}nummer" if len(token) > 5 and token.endswith("nr") else token


_CHANGES = (_singular, _plain_umlauts, _number_written_out)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A phrase found in a name: where, what is left over, and how well it fits."""

    phrase: str
    start: int
    end: int
    rest: tuple[str, ...]
    loss: float = 0.0

    @property
    def size(self) -> int:
        return len(_joined(self.phrase))


@dataclass(frozen=True, slots=True)
class _Best:
    """The best phrases of one name so far, and the digits it is written with."""

    name: str
    hits: dict[tuple[str, str], _Hit] = field(default_factory=dict)

    @property
    def digits(self) -> frozenset[str]:
        return _digits_of(self.name)


@lru_cache(maxsize=4096)
def _digits_of(name: str) -> frozenset[str]:
    return frozenset(_DIGITS.findall(name))


SLIPS_FROM = 5
"""Letters from which on a word may be written with a slip and stand for itself."""
STRONG_WORDS, WEAK_WORDS, NEVER_WORDS = "s", "w", "n"
_IN_PART, _NEARLY = 0.8, 1.2


class HeaderIndex:
    """The header words of many classifiers, so that one look reads a name for all of them."""

    def __init__(self, headers: Mapping[str, HeaderWords]) -> None:
        self._owners: dict[str, list[tuple[str, str, str]]] = {}
        self._digits: dict[str, frozenset[str]] = {}
        for owner, header in headers.items():
            lists = ((STRONG_WORDS, header.strong), (WEAK_WORDS, header.weak))
            for rank, phrases in (*lists, (NEVER_WORDS, header.never)):
                for phrase in phrases:
                    self._digits[phrase] = frozenset(_DIGITS.findall(phrase))
                    known = self._owners.setdefault(_joined(phrase), [])
                    known.append((owner, rank, phrase))
        self._longest = max(map(len, self._owners), default=0)
        self._near: dict[str, list[str]] = {}
        self._bones: dict[str, list[str]] = {}
        for spelled in self._owners:
            if spelled.isascii() and 5 <= len(spelled) <= 24:
                half = len(spelled) // 2
                for key in (f"<{spelled[:half]}", f"{spelled[half:]}>"):
                    self._near.setdefault(key, []).append(spelled)
                bones = _bones(spelled)
                if len(bones) >= 4:
                    self._bones.setdefault(bones, []).append(spelled)

    def read(self, name: str) -> dict[str, HeaderEvidence]:
        """What a name says, for each classifier that it says anything of.

        Of a dotted name the last part is its own and the rest is context. A phrase inside of a
        longer one that another classifier is sure of hints only: ``country_code`` is no country.
        """
        own = name.rsplit(".", 1)[-1]
        found = self._found(own)
        if own != name:
            for (owner, rank), hit in self._found(name).items():
                if rank == STRONG_WORDS and (owner, rank) not in found:
                    found[owner, rank] = hit
        if not any(rank == STRONG_WORDS for _, rank in found):
            for (owner, rank), hit in self._nearly(own).items():
                found.setdefault((owner, rank), hit)
        said = {owner: _evidence(owner, found) for owner, _ in found}
        longest = max((h.size for (o, r), h in found.items() if _leads(o, r, said, h)), default=0)
        spans = [h for (o, r), h in found.items() if h.size == longest and _leads(o, r, said, h)]
        for (owner, rank), hit in found.items():
            inner = rank != NEVER_WORDS and any(_holds(span, hit) for span in spans)
            if inner and said[owner].odds > HINT and (owner, STRONG_WORDS) in found:
                own_hit = found[owner, STRONG_WORDS]
                if own_hit is hit:
                    said[owner] = HeaderEvidence(HINT, words=(hit.phrase,))
        return {owner: evidence for owner, evidence in said.items() if evidence.odds}

    def _found(self, name: str) -> dict[tuple[str, str], _Hit]:
        """The longest phrase of each classifier and rank in a name."""
        best = _Best(name)
        for words in _readings(name):
            for start in range(len(words)):
                spelled = ""
                for end in range(start, len(words)):
                    spelled += words[end]
                    if len(spelled) > self._longest:
                        break
                    self._keep(best, spelled, words, (start, end + 1), 0.0)
        for words in _readings(name):
            for at, word in enumerate(words):
                for part in _parts_of(word):
                    rest = (*words[:at], *words[at + 1 :])
                    self._keep(best, part, words, (at, at + 1), _IN_PART, rest)
        return best.hits

    def _keep(
        self,
        best: "_Best",
        spelled: str,
        words: tuple[str, ...],
        span: tuple[int, int],
        loss: float,
        rest: tuple[str, ...] | None = None,
    ) -> None:
        left = (*words[: span[0]], *words[span[1] :]) if rest is None else rest
        if spelled in AMBIGUOUS and (loss or set(left) - NO_CONTENT):
            return
        for owner, rank, phrase in self._owners.get(spelled, ()):
            if not self._digits[phrase] <= best.digits:
                continue
            known = best.hits.get((owner, rank))
            if known is None or (known.loss, -known.size) > (loss, -len(spelled)):
                best.hits[owner, rank] = _Hit(phrase, *span, left, loss)

    def _nearly(self, name: str) -> dict[tuple[str, str], _Hit]:
        """Phrases written with one slip, or without their vowels (``surnm``, ``cntry``)."""
        best = _Best(name)
        words = tokens(name)
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + 3) + 1):
                if not NO_SLIPS.isdisjoint(words[start:end]):
                    continue
                spelled = "".join(words[start:end])
                for near in self._similar(spelled):
                    if end - start == 1 or not self._other_word(near, words[start:end]):
                        self._keep(best, near, words, (start, end), _NEARLY)
        return {key: hit for key, hit in best.hits.items() if key[1] != WEAK_WORDS}

    def _other_word(self, near: str, words: Sequence[str]) -> bool:
        """Whether a short word differs: ``usr_game`` is no slip of ``usr_name``."""
        for _, _, phrase in self._owners[near]:
            for word, other in zip(words, tokens(phrase), strict=False):
                if word != other and min(len(word), len(other)) < SLIPS_FROM:
                    return True
        return False

    def _similar(self, spelled: str) -> list[str]:
        if not spelled.isascii() or len(spelled) < 4:
            return []
        found: list[str] = []
        if sum(c in "aeiou" for c in spelled[1:]) <= 1:
            found += self._bones.get(_bones(spelled), ())
        if len(spelled) >= 6:
            for size in (len(spelled) - 1, len(spelled), len(spelled) + 1):
                half = size // 2
                for key in (f"<{spelled[:half]}", f"{spelled[half - size :]}>"):
                    found += [w for w in self._near.get(key, ()) if _one_slip(w, spelled)]
        return list(dict.fromkeys(found))


def _leads(owner: str, rank: str, said: Mapping[str, HeaderEvidence], hit: _Hit) -> bool:
    """Whether a phrase is sure enough to take its words from shorter phrases."""
    return rank == STRONG_WORDS and said[owner].strong and hit.phrase in said[owner].words


def _holds(outer: _Hit, inner: _Hit) -> bool:
    """Whether a hit spans all words of another and more."""
    return (
        outer.start <= inner.start
        and inner.end <= outer.end
        and outer.end - outer.start > inner.end - inner.start
    )


def _evidence(owner: str, found: Mapping[tuple[str, str], _Hit]) -> HeaderEvidence:
    denied = found.get((owner, NEVER_WORDS))
    strong = found.get((owner, STRONG_WORDS))
    if denied is not None and (strong is None or not _holds(strong, denied)):
        return HeaderEvidence(DENIED, against=(denied.phrase,))
    hit, full = strong, STRONG
    if hit is None:
        hit, full = found.get((owner, WEAK_WORDS)), WEAK
    if hit is None:
        return NOTHING
    turning = tuple(sorted(set(hit.rest) & TURNING))
    if turning:
        return HeaderEvidence(TURNED, words=(hit.phrase,), against=turning)
    more = [word for word in hit.rest if word not in NO_CONTENT]
    loss = hit.loss + min(0.25 * len(more), 0.75)
    return HeaderEvidence(max(full - loss, 0.5), words=(hit.phrase,))


def _parts_of(word: str) -> list[str]:
    """What a long word may be made of: its ends (``kundenemail``), East Asian words anywhere."""
    if word.isascii():
        return [word[at:] for at in range(1, len(word) - 4)]
    ends = {word[at:] for at in range(1, len(word) - 4)}
    inside = {
        word[a:b]
        for a in range(len(word))
        for b in range(a + 2, min(len(word), a + 12) + 1)
        if b - a < len(word) and not word[a:b].isascii()
    }
    return sorted(ends | inside, key=lambda part: (-len(part), part))


def _bones(word: str) -> str:
    """The first letter and the consonants after it, doubled ones once."""
    kept = word[0] + "".join(c for c in word[1:] if c not in "aeiouy")
    return re.sub(r"(.)\1", r"\1", kept)


def _one_slip(word: str, other: str) -> bool:
    """Whether one letter is wrong, missing, too many, or two neighbours changed places."""
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    if at is None:
        return True
    if len(word) == len(other):
        swapped = word[at : at + 2] == other[at : at + 2][::-1]
        return word[at + 1 :] == other[at + 1 :] or (swapped and word[at + 2 :] == other[at + 2 :])
    longer, shorter = (word, other) if len(word) > len(other) else (other, word)
    return longer[at + 1 :] == shorter[at:]


@lru_cache(maxsize=4096)
def _alone(header: HeaderWords) -> HeaderIndex:
    return HeaderIndex({"": header})


def read_header(name: str, header: HeaderWords) -> HeaderEvidence:
    """What a column's name says of one classifier; ``HeaderIndex`` reads it for all at once.

    ``order_email_sent`` names an e-mail address but the word ``sent`` turns its meaning.
    """
    return _alone(header).read(name).get("", NOTHING)


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
