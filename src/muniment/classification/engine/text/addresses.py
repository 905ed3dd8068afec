"""Street addresses: number, name and suffix, boxes, units, and the city and code written after them."""

# ruff: noqa: E501 - tables of patterns and words are easier to check in one line each

import re

from muniment.classification.engine.text.model import Entity
from muniment.classification.engine.text.words import STATE_CODES, kind_of_place

_CAP = r"(?:[A-ZÀ-Þ][\w’'.-]*|\d{1,3}(?:st|nd|rd|th)|Mc[A-Z]\w+)"
_SIDE = r"(?:North|South|East|West|Northeast|Northwest|Southeast|Southwest|N\.?|S\.?|E\.?|W\.?|NE|NW|SE|SW)"
_SUFFIX = (
    r"(?:Street|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Way"
    r"|Close|Crescent|Cres|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Trail|Trl|Alley|Mews|Row|Plaza|Gardens|Gdns|Grove|Quay|Wharf"
    r"|Walk|Path|Loop|Pike|Turnpike|Rise|Hill|Park|Green|Junction|Junctions|Bypass|Canyon|Cape|Cliff|Cliffs|Club|Common|Corner|Corners"
    r"|Course|Cove|Coves|Creek|Crossing|Crossroad|Dale|Dam|Divide|Drives|Estate|Estates|Expressway|Extension|Extensions|Fall|Falls"
    r"|Ferry|Field|Fields|Flat|Flats|Ford|Fords|Forest|Forge|Forges|Fork|Forks|Fort|Freeway|Garden|Gateway|Glen|Glens|Greens|Groves"
    r"|Harbor|Harbors|Haven|Heights|Highway|Hills|Hollow|Inlet|Island|Islands|Isle|Key|Keys|Knoll|Knolls|Lake|Lakes|Land|Landing"
    r"|Light|Lights|Locks|Lodge|Mall|Manor|Manors|Meadow|Meadows|Mill|Mills|Mission|Motorway|Mount|Mountain|Mountains|Neck|Orchard"
    r"|Oval|Overpass|Parks|Parkways|Pass|Passage|Pine|Pines|Plain|Plains|Plazas|Point|Points|Port|Ports|Prairie|Radial|Ramp|Ranch"
    r"|Rapid|Rapids|Rest|Ridge|Ridges|River|Roads|Route|Run|Shoal|Shoals|Shore|Shores|Skyway|Spring|Springs|Spur|Spurs|Squares"
    r"|Station|Stravenue|Stream|Streets|Summit|Throughway|Trace|Track|Trafficway|Tunnel|Underpass|Union|Unions|Valley|Valleys"
    r"|Via|Viaduct|View|Views|Village|Villages|Ville|Vista|Walks|Wall|Ways|Well|Wells|Broadway)\b\.?"
)
_STRONG_SUFFIX = r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Court|Terrace|Crescent|Highway|Hwy|Parkway|Close|Mews|Square|Way)\b"
_UNIT = r"(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Room|Rm|Building|Bldg|Level|Lot|Office)\b\.?\s?#?\s?[A-Z]?-?\d{0,5}[A-Z]?\b|#\s?\w{1,6}|\d{1,3}(?:st|nd|rd|th)\s[Ff]loor"
_NUMBER = r"(?<![\w.,$€£#/-])(?:No\.?\s)?\d{1,6}(?:[A-Za-z]\b|-\d{1,5}[A-Za-z]?)?(?:\s1/2)?"
_CODE = r"(?:[A-Z]{2}\s\d{5}(?:-\d{4})?|\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}|\d{4,6}|\d{2}-\d{3})\b"

_STREET = (
    rf"(?:(?:{_UNIT}),?\s)?{_NUMBER},?[ ](?:{_SIDE}[ ])?(?:(?:{_CAP}|of|the|de|la|del)[ ]){{1,4}}{_SUFFIX}(?:[ ]{_SIDE}(?![\w]))?"
    rf"|{_NUMBER}\s(?:{_SIDE}\s)?(?:Broadway|Avenue\s[A-Z]\b|Route\s\d+|Highway\s\d+|County Road\s\d+|State Route\s\d+)"
    rf"|(?:[A-ZÀ-Þ][\wßäöüÄÖÜ.-]*\s){{0,2}}[A-ZÀ-Þ]?[\wäöüß-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer|straat|laan|plein|gracht|gatan|vägen|gade|vej|veien|katu)\s\d{{1,4}}\s?[a-zA-Z]?\b"
    rf"|(?:{_NUMBER}(?:\s?(?:bis|ter))?,?\s)?(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Pp]lace|[Qq]uai|[Aa]llée|[Cc]hemin|[Ii]mpasse|[Rr]oute)\s(?:(?:de|du|des|la|le|les|l’|d’)\s?)*[A-ZÀ-Þ][\w’'-]+(?:[\s-](?:(?:de|du|des|la|le)\s)?[A-ZÀ-Þ][\w’'-]+){{0,3}}"
    rf"|(?:Via|Viale|Piazza|Corso|Vicolo|Largo|Calle|Avenida|Av\.|Paseo|Plaza|Carrera|Rua|Travessa|ul\.|Ulica|Ul\.|al\.)\s(?:(?:de|del|della|dei|da|do|dos|das|la|las|los|el|e)\s)*[A-ZÀ-Þ][\w’'.-]+(?:\s(?:(?:de|del|da|do|la)\s)?[A-ZÀ-Þ][\w’'-]+){{0,3}},?\s(?:n[º°.]?\s?)?\d{{1,5}}[A-Za-z]?\b"
    rf"|(?:P\.?\s?O\.?|Post Office)\s?Box\s\d{{1,6}}|PSC \d+,? Box \d+|Unit \d+ Box \d+|(?:USNS|USS|USNV|USCGC)\s[A-Z]\w+"
)  # fmt: skip
_TAIL_UNIT = rf"(?:,?\s(?:{_UNIT}))"
_TAIL_PLACE = rf"(?:,?\s+|,?\n\s*)(?:{_CAP}|of|the|upon|on|de|la|le|sur|am|an|der|in)(?:[ -](?:{_CAP}|of|the|upon|on|de|la|le|under|sur|am|an|der|by)){{0,3}}"
STREET = re.compile(_STREET)
_AFTER_UNIT = re.compile(_TAIL_UNIT)
_PLACE = re.compile(r"(,\s?\n?\s*|\s?\n\s*|\s)(" + _TAIL_PLACE.split(")", 1)[1] + ")")
_CODED = re.compile(rf"(?:,?\s?\n?\s*|,?\s){_CODE}")
_STATE = re.compile(r",?\s([A-Z]{2,3}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)\b(?!\.\w)")
_COUNTRY = re.compile(
    r",?\s((?:U\.S\.A?\.|U\.K\.|[A-Z]{2,3}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)(?![\w]))"
)
_MILITARY = re.compile(r"(?:,?\s|\s?\n\s*)(?:APO|FPO|DPO),?\s(?:AA|AE|AP),?\s\d{5}(?:-\d{4})?")
_NAMED_STREET = re.compile(
    rf"(?<=[a-z,] )(?:{_SIDE}\s)?(?:{_CAP}\s){{1,3}}?{_STRONG_SUFFIX}(?:\s{_SIDE}(?!\w))?"
)
_ON = re.compile(r"\b(?:on|along|off|down|at|to|near|of|from|corner of|and|over on|in)\s$")
_NOT_STREETS = (
    "wall street",
    "main street",
    "high street",
    "the way",
    "downing street",
    "sesame street",
)
_NOT_WORDS = frozenset(
    [
        "the",
        "this",
        "that",
        "a",
        "an",
        "our",
        "my",
        "your",
        "his",
        "her",
        "their",
        "no",
        "one",
        "each",
        "every",
        "some",
        "any",
        "i",
        "we",
        "he",
        "she",
        "they",
        "it",
        "by",
        "all",
    ]
)


def find_addresses(text: str) -> list[Entity]:
    """Addresses as whole as they are written: street, unit, city, region, code, country."""
    found: list[Entity] = []
    last = 0
    for match in STREET.finditer(text):
        start, end = match.span()
        if start < last or _is_prose(match.group()):
            continue
        end = _without_stop(match.group(), end)
        grown = _grown(text, end)
        sure = 0.95 if grown > end or match.group()[0].isdigit() else 0.88
        if _surely_other(match.group(), grown > end):
            continue
        found.append(Entity("contact.street_address", start, grown, sure))
        last = grown
    found += _loose(text, found)
    found += _announced(text, found)
    for match in _NAMED_STREET.finditer(text):
        name = match.group()
        if any(e.start <= match.start() < e.end for e in found):
            continue
        if name.lower() in _NOT_STREETS[:1] or name.split()[0].lower() in _NOT_WORDS:
            continue
        if _ON.search(text[max(0, match.start() - 12) : match.start()]) and not name.endswith(
            "Way"
        ):
            found.append(Entity("contact.street_address", *match.span(), 0.75))
    return found


def _loose(text: str, known: list[Entity]) -> list[Entity]:
    """A number and a name of any kind, where a city with a code follows: an address all the same."""
    found: list[Entity] = []
    for match in _LOOSE.finditer(text):
        start, end = match.span()
        grown = _grown(text, end)
        coded = grown > end and _CODE_AT_END.search(text[end:grown])
        if coded and not any(e.start < grown and start < e.end for e in known):
            found.append(Entity("contact.street_address", start, grown, 0.9))
    return found


def _announced(text: str, known: list[Entity]) -> list[Entity]:
    """A number with a name, or a unit, after words that announce an address."""
    found: list[Entity] = []
    for match in _ANNOUNCED.finditer(text):
        start, end = match.span(1)
        if match.group(1).split()[-1].lower() in _MONTHS or any(
            e.start < end and start < e.end for e in known
        ):
            continue
        found.append(Entity("contact.street_address", start, _grown(text, end), 0.85))
    return found


_ANNOUNCED = re.compile(
    r"(?:\b(?i:address|residence|residing at|resid(?:es|ed|ent) at|liv(?:es|ed|e|ing) at|moved to|located at|situated at"
    r"|(?:ship|mail|send|sent|deliver|forward)(?:ped|ed)?(?:\s\w+){0,3}\sto|visit us at|based at|office at|premises at|home at|roof at"
    r"|house at|flat at|apartment at|property at|hotel (?:is )?at|store at|reached|stay(?:s|ed|ing)? at)(?:\s(?:is|was|to))?[:,]?\s+)"
    rf"((?:(?:{_UNIT}|Studio \w+)[,/]?\s+)?{_NUMBER},?[ ]{_CAP}(?:[ ]{_CAP}){{0,3}}(?:[ ](?i:{_SUFFIX}))?"
    rf"|(?:{_UNIT}|Studio \w+),\s+{_CAP}(?:[ ]{_CAP})?(?:[ ](?i:{_SUFFIX}))?)"
)
_LOOSE = re.compile(rf"(?:(?:{_UNIT}|Studio \w+)[,/]?\s)?{_NUMBER},?[ ](?:{_CAP}[ ]){{0,3}}{_CAP}")
_CODE_AT_END = re.compile(rf"(?:\b[A-Z]{{2,3}},?|[a-z],?)\s{_CODE}")


def _without_stop(street: str, end: int) -> int:
    """The end without a full stop that does not shorten a word."""
    short = street.rstrip(".").rsplit(" ", 1)[-1].lower() in _SHORT
    return end if short or not street.endswith(".") else end - 1


_SHORT = frozenset(
    [
        "st",
        "ave",
        "av",
        "rd",
        "blvd",
        "ln",
        "dr",
        "ct",
        "pl",
        "sq",
        "ter",
        "cres",
        "hwy",
        "pkwy",
        "cir",
        "trl",
        "gdns",
        "str",
        "apt",
        "ste",
    ]
)


def _is_prose(street: str) -> bool:
    """``2 Members of the Club``: a count of something, not a house."""
    words = street.split()
    return len(words) > 1 and words[0].isdigit() and words[1].lower() in _MONTHS


_MONTHS = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
    ]
)
_WEAK = frozenset(
    [
        "park",
        "hill",
        "green",
        "view",
        "point",
        "club",
        "village",
        "court",
        "common",
        "station",
        "light",
        "union",
        "mission",
        "fall",
        "spring",
        "light",
        "course",
        "field",
        "corner",
        "mall",
        "place",
        "way",
        "drive",
        "run",
        "pass",
        "rest",
        "well",
        "wells",
        "spring",
        "walk",
        "track",
        "row",
        "land",
        "lake",
        "lakes",
        "island",
        "port",
        "ports",
        "plain",
        "union",
        "key",
        "forest",
        "ford",
        "view",
        "views",
        "summit",
        "route",
        "square",
        "trail",
        "loop",
        "circle",
        "hills",
        "heights",
    ]
)
_COUNTED = re.compile(r"^\d{1,6}\s(?:(?:New|Old|Main|The|National|State|Top)\s)?$")


def _surely_other(street: str, goes_on: bool) -> bool:
    """``20 Golf Club``, ``2023 Annual Run``: a weak suffix after a year or with nothing following."""
    last = street.rstrip(".").rsplit(" ", 1)[-1].lower()
    year = re.match(r"(?:19|20)\d\d\s", street) is not None
    return last in _WEAK and year and not goes_on


def _grown(text: str, end: int) -> int:
    """The end with unit, city, region, code and country taken in, as far as they are there."""
    while (unit := _AFTER_UNIT.match(text, end)) is not None:
        end = unit.end()
    if (military := _MILITARY.match(text, end)) is not None:
        return military.end()
    if (code := _CODED.match(text, end)) is not None and _ends_word(text, code.end()):
        end = code.end()
        city = _place(text, end, coded=True)
        return city if city else end
    return _city(text, end)


def _ends_word(text: str, end: int) -> bool:
    return end >= len(text) or not (text[end].isalnum() or text[end] in "@-")


def _city(text: str, end: int) -> int:
    """City, state and code after a street; the street's end where nothing fits."""
    for _ in range(3):  # a district, a city, a county
        grown = _place(text, end, coded=False)
        if not grown:
            break
        end = grown
        if (code := _CODED.match(text, end)) is not None and _ends_word(text, code.end()):
            end = code.end()
            break
    state = _STATE.match(text, end)
    if state is not None and _is_state(state.group(1)):
        end = state.end()
        if (code := _CODED.match(text, end)) is not None:
            end = code.end()
    country = _COUNTRY.match(text, end)
    if country is not None and kind_of_place(country.group(1)) == "country":
        end = country.end()
    return end


def _is_state(name: str) -> bool:
    return name in STATE_CODES or (not name.isupper() and kind_of_place(name) == "region")


def _place(text: str, end: int, *, coded: bool) -> int:
    """Where a place that follows ends: the longest known, or one that a state or code confirms."""
    match = _PLACE.match(text, end)
    if match is None:
        return 0
    gap, name = match.group(1), match.group(2)
    words = re.split(r"(?<=\S)(?=[ ])", name)
    for count in range(len(words), 0, -1):
        piece = "".join(words[:count]).rstrip(".")
        stop = match.start(2) + len(piece)
        if piece.split()[-1].islower():
            continue
        rest = text[stop : stop + 24]
        if _CONFIRMED.match(rest) and (m := _CONFIRMED.match(rest)) and _confirms(m):
            return stop
        known = kind_of_place(piece)
        if known and (gap.strip() == "," or "\n" in gap or coded or known == "country"):
            return stop
    return 0


_CONFIRMED = re.compile(
    r",?\s\(?([A-Z]{2,3})\b|,?\s\d{5}\b|,?\s[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|,\s([A-Z][a-z]+(?: [A-Z][a-z]+)?)\b"
)


def _confirms(match: re.Match[str]) -> bool:
    code, named = match.group(1), match.group(2)
    if code is not None:
        return code in STATE_CODES
    return named is None or kind_of_place(named) in ("country", "region")
