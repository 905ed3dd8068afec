"""Values of the kinds that are no national numbers: people, places, contacts, money, devices."""

import base64
import random
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from hashlib import md5, sha1, sha256
from typing import Any

import phonenumbers
from faker import Faker
from national import COMPUTED, FORMS, drawer

Draw = Callable[[random.Random], str]

LATIN = [
    "en_US",
    "en_GB",
    "en_AU",
    "en_CA",
    "en_IN",
    "en_NZ",
    "en_IE",
    "de_DE",
    "de_AT",
    "de_CH",
    "fr_FR",
    "fr_CH",
    "es_ES",
    "es_MX",
    "es_CO",
    "it_IT",
    "pt_BR",
    "pt_PT",
    "nl_NL",
    "nl_BE",
    "sv_SE",
    "no_NO",
    "da_DK",
    "fi_FI",
    "pl_PL",
    "cs_CZ",
    "sk_SK",
    "hu_HU",
    "ro_RO",
    "hr_HR",
    "sl_SI",
    "tr_TR",
    "et_EE",
    "lt_LT",
    "lv_LV",
]
OTHER = ["ja_JP", "zh_CN", "ko_KR", "ru_RU", "uk_UA", "el_GR", "bg_BG", "ar_SA", "he_IL", "th_TH"]
PEOPLE = LATIN + OTHER
CITIES = [
    "en_US", "en_GB", "de_DE", "de_AT", "fr_FR", "es_ES", "it_IT", "pt_BR", "pt_PT", "nl_NL",
    "pl_PL", "cs_CZ", "sk_SK", "hu_HU", "ro_RO", "hr_HR", "sl_SI", "tr_TR", "fi_FI", "sv_SE",
    "da_DK", "no_NO", "ja_JP", "zh_CN", "ru_RU", "uk_UA", "el_GR", "bg_BG", "es_MX", "en_CA",
]  # fmt: skip
STREETS = [
    "en_US",
    "en_GB",
    "en_AU",
    "en_CA",
    "de_DE",
    "de_AT",
    "fr_FR",
    "es_ES",
    "it_IT",
    "pt_BR",
    "nl_NL",
    "nl_BE",
    "pl_PL",
    "cs_CZ",
    "sv_SE",
    "da_DK",
    "fi_FI",
    "hu_HU",
    "ro_RO",
    "tr_TR",
    "pt_PT",
    "es_MX",
    "no_NO",
    "sk_SK",
    "hr_HR",
    "ru_RU",
]


@cache
def faker_of(locale: str) -> Any:
    return Faker(locale, use_weighting=True)


def _by(locale: str, name: str) -> Draw:
    fake = faker_of(locale)

    def one(chance: random.Random) -> str:
        fake.seed_instance(chance.randrange(2**32))
        return " ".join(str(getattr(fake, name)()).split())

    return one


def _real_cities() -> Sequence[str]:
    import airportsdata

    airports = airportsdata.load("IATA").values()
    return sorted({a["city"].strip() for a in airports if a["city"] and len(a["city"]) > 2})


REAL_CITIES = _real_cities()


def city(_: random.Random, locale: str) -> Draw:
    """Cities of one country, or of the world as airports serve them; never invented ones."""
    if locale.startswith("en_"):
        return lambda c: c.choice(REAL_CITIES)
    return _by(locale, "city")


def street(chance: random.Random, locale: str) -> Draw:
    return _by(locale, "street_address" if chance.random() < 0.7 else "address")


def family_first(chance: random.Random, locale: str) -> Draw:
    """Full names as one system writes them."""
    first, last, whole = _by(locale, "first_name"), _by(locale, "last_name"), _by(locale, "name")
    kind = chance.random()
    if kind < 0.6 or locale in OTHER:
        return whole
    if kind < 0.85:
        return lambda c: f"{last(c)}, {first(c)}"
    return lambda c: f"{first(c)} {last(c)}".upper()


def email(chance: random.Random, locale: str) -> Draw:
    return _by(locale, chance.choice(("email", "company_email", "free_email")))


REGIONS = {
    "en_US": "US", "en_GB": "GB", "en_AU": "AU", "en_CA": "CA", "de_DE": "DE", "de_AT": "AT",
    "fr_FR": "FR", "es_ES": "ES", "it_IT": "IT", "pt_BR": "BR", "nl_NL": "NL", "nl_BE": "BE",
    "pl_PL": "PL", "sv_SE": "SE", "da_DK": "DK", "no_NO": "NO", "fi_FI": "FI", "cs_CZ": "CZ",
    "hu_HU": "HU", "ro_RO": "RO", "tr_TR": "TR", "ja_JP": "JP", "zh_CN": "CN", "en_IN": "IN",
    "es_MX": "MX", "ru_RU": "RU", "pt_PT": "PT", "de_CH": "CH", "el_GR": "GR", "ko_KR": "KR",
}  # fmt: skip


def phone(chance: random.Random, locale: str) -> Draw:
    """Numbers that the numbering plan of the country allows, in one written form."""
    region = REGIONS[locale]
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    form = chance.choice(
        (
            phonenumbers.PhoneNumberFormat.INTERNATIONAL,
            phonenumbers.PhoneNumberFormat.E164,
            phonenumbers.PhoneNumberFormat.NATIONAL,
        )
    )

    def one(c: random.Random) -> str:
        while True:
            example = phonenumbers.example_number_for_type(region, c.choice(kinds))
            national = str(example.national_number)
            tail = min(6, len(national) - 3)
            drawn = national[:-tail] + f"{c.randrange(10**tail):0{tail}d}"
            number = phonenumbers.PhoneNumber(example.country_code, int(drawn))
            if phonenumbers.is_valid_number(number):
                return phonenumbers.format_number(number, form)

    return one


def _brand(c: random.Random) -> str:
    prefix, length = c.choice(
        (("4", 16), (str(c.randint(51, 55)), 16), ("37", 15), ("6011", 16), ("2221", 16))
    )
    body = prefix + "".join(c.choice(string.digits) for _ in range(length - 1 - len(prefix)))
    total = 0
    for n, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if n % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return body + str(-total % 10)


def card(chance: random.Random) -> Draw:
    glue = chance.choice(("", "", " ", "-"))

    def one(c: random.Random) -> str:
        number = _brand(c)
        return glue.join(number[n : n + 4] for n in range(0, len(number), 4)) if glue else number

    return one


BBAN = {
    "DE": "##################", "FR": "#######################", "GB": "@@@@##############",
    "ES": "####################", "NL": "ABNA##########", "IT": "X######################",
    "PL": "########################", "CH": "#################", "AT": "################",
    "BE": "############", "SE": "####################", "NO": "###########", "PT": "#####################",
    "DK": "##############", "FI": "##############", "IE": "AIBK##############",
}  # fmt: skip


def iban(chance: random.Random) -> Draw:
    countries = chance.sample(sorted(BBAN), chance.choice((1, 1, 4)))
    spaced = chance.random() < 0.4

    def one(c: random.Random) -> str:
        country = c.choice(countries)
        bban = "".join(
            c.choice(string.digits) if x == "#" else c.choice("BCLMN") if x == "@" else x
            for x in BBAN[country]
        )
        digits = "".join(str(int(x, 36)) for x in bban + country + "00")
        text = f"{country}{98 - int(digits) % 97:02d}{bban}"
        return " ".join(text[n : n + 4] for n in range(0, len(text), 4)) if spaced else text

    return one


def bic(c: random.Random) -> str:
    bank = c.choice(
        (
            "DEUT",
            "COBA",
            "BNPA",
            "CHAS",
            "HSBC",
            "INGB",
            "UBSW",
            "NDEA",
            "BCIT",
            "ABNA",
            "RABO",
            "SOGE",
            "CITI",
        )
    )
    country = c.choice(("DE", "FR", "GB", "US", "NL", "CH", "IT", "SE", "ES", "PL"))
    place = c.choice(("FF", "2L", "PP", "33", "MM", "2A", "22", "SS", "WW"))
    return bank + country + place + c.choice(("", "", "XXX", "500", "080"))


def _day(c: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=c.randrange((last - first).days))


def day_form(chance: random.Random) -> Callable[[date], str]:
    form = chance.choice(("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y%m%d", "%d %b %Y"))
    return lambda day: day.strftime(form)


def birth(chance: random.Random) -> Draw:
    written = day_form(chance)
    return lambda c: written(_day(c, date(1935, 1, 1), date(2006, 12, 31)))


def hexed(c: random.Random, size: int) -> str:
    return c.randbytes(size).hex()


def _b64(c: random.Random, size: int) -> str:
    return base64.urlsafe_b64encode(c.randbytes(size)).decode().rstrip("=")


def jwt(c: random.Random) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    claims = f'{{"sub":"{c.randrange(10**6)}","iat":{c.randrange(10**9, 2 * 10**9)}}}'
    body = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    return f"{head}.{body}.{_b64(c, 32)}"


def _of(c: random.Random, alphabet: str, size: int) -> str:
    return "".join(c.choice(alphabet) for _ in range(size))


ALNUM = string.ascii_letters + string.digits
GENDERS = (
    ("M", "F"), ("male", "female"), ("Male", "Female", "Other"), ("männlich", "weiblich", "divers"),
    ("homme", "femme"), ("hombre", "mujer"), ("m", "w", "d"), ("MALE", "FEMALE", "NON-BINARY"),
    ("maschio", "femmina"), ("masculino", "feminino"), ("man", "vrouw"), ("男", "女"),
)  # fmt: skip
MARITAL = (
    ("single", "married", "divorced", "widowed"), ("ledig", "verheiratet", "geschieden", "verwitwet"),
    ("célibataire", "marié", "divorcé", "veuf"), ("soltero", "casado", "divorciado", "viudo"),
    ("Never married", "Married", "Separated", "Widowed", "Divorced"),
)  # fmt: skip
BLOOD = (
    ("A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"),
    ("A Rh+", "B Rh+", "0 Rh+", "AB Rh+", "A Rh-", "0 Rh-"),
)
RELIGIONS = (
    ("Catholic", "Protestant", "Muslim", "Jewish", "Hindu", "Buddhist", "None", "Orthodox"),
    ("röm.-kath.", "evangelisch", "muslimisch", "jüdisch", "konfessionslos"),
    ("católico", "musulmán", "judío", "ateo", "protestante"),
)  # fmt: skip
DRUGS = [
    "metformin",
    "lisinopril",
    "atorvastatin",
    "amlodipine",
    "omeprazole",
    "levothyroxine",
    "albuterol",
    "losartan",
    "gabapentin",
    "sertraline",
    "furosemide",
    "metoprolol",
    "pantoprazole",
    "escitalopram",
    "rosuvastatin",
    "bupropion",
    "tamsulosin",
    "prednisone",
    "trazodone",
    "fluoxetine",
    "citalopram",
    "warfarin",
    "clopidogrel",
    "insulin",
    "ibuprofen",
    "amoxicillin",
    "azithromycin",
    "ciprofloxacin",
    "doxycycline",
    "naproxen",
    "tramadol",
    "allopurinol",
    "venlafaxine",
    "ranitidine",
    "montelukast",
    "clonazepam",
    "lorazepam",
    "alprazolam",
    "zolpidem",
    "cetirizine",
    "hydroxyzine",
    "spironolactone",
]
DISEASES = [
    "Hypertension",
    "Type 2 diabetes",
    "Asthma",
    "Migraine",
    "Pneumonia",
    "Bronchitis",
    "Anemia",
    "Hypothyroidism",
    "Psoriasis",
    "Rheumatoid arthritis",
    "Osteoporosis",
    "Depression",
    "Anxiety disorder",
    "Epilepsy",
    "Multiple sclerosis",
    "Chronic kidney disease",
    "Hepatitis C",
    "Tuberculosis",
    "Influenza",
    "Sinusitis",
    "Gout",
    "Glaucoma",
    "Cataract",
    "Eczema",
    "Breast cancer",
    "Lung cancer",
    "Heart failure",
    "Atrial fibrillation",
    "Stroke",
    "Parkinson's disease",
    "Sepsis",
    "COPD",
]
ICD10 = [
    "E11.9",
    "I10",
    "J45.909",
    "M54.5",
    "K21.9",
    "F32.9",
    "N39.0",
    "J06.9",
    "R51",
    "Z00.00",
    "E78.5",
    "I25.10",
    "F41.1",
    "G43.909",
    "L40.9",
    "M17.11",
    "J18.9",
    "K58.9",
    "N18.3",
    "C50.911",
    "H52.4",
    "B34.9",
    "S93.401A",
    "T78.40XA",
    "O80",
    "Z23",
    "D64.9",
    "R10.9",
    "G47.33",
    "I48.91",
    "E03.9",
    "M79.7",
    "J30.9",
    "K57.30",
    "L70.0",
    "R05",
    "H10.9",
    "F17.210",
    "Z79.4",
    "I50.9",
    "E66.9",
    "J44.9",
    "A09",
    "B18.2",
    "C34.90",
    "D50.9",
    "H25.9",
]
STATES = {
    "code": ["AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY"],
    "name": ["Alabama", "Alaska", "Arizona", "California", "Colorado", "Florida", "Georgia", "Illinois", "Iowa", "Kansas", "Maine", "Michigan", "Nevada", "New York", "Ohio", "Oregon", "Texas", "Utah", "Vermont", "Virginia", "Washington", "Wyoming", "North Carolina", "New Jersey"],
}  # fmt: skip
COUNTRY_CODES = [
    "DE",
    "FR",
    "GB",
    "US",
    "NL",
    "CH",
    "IT",
    "SE",
    "ES",
    "PL",
    "AT",
    "BE",
    "DK",
    "NO",
    "FI",
    "PT",
    "IE",
    "CZ",
    "HU",
    "RO",
    "BR",
    "MX",
    "AR",
    "CL",
    "JP",
    "CN",
    "KR",
    "IN",
    "AU",
    "NZ",
    "ZA",
    "EG",
    "TR",
    "GR",
]
CURRENCIES = [
    "USD",
    "EUR",
    "GBP",
    "JPY",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "AUD",
    "CAD",
    "NZD",
    "INR",
    "CNY",
    "BRL",
    "MXN",
    "ZAR",
    "TRY",
]
NATIONALITIES = [
    "German",
    "French",
    "British",
    "American",
    "Dutch",
    "Swiss",
    "Italian",
    "Swedish",
    "Spanish",
    "Polish",
    "Austrian",
    "Belgian",
    "Danish",
    "Norwegian",
    "Indian",
    "Chinese",
    "Japanese",
    "Brazilian",
    "Mexican",
    "Turkish",
    "Greek",
    "Irish",
]
LANGUAGES = [
    "English",
    "German",
    "French",
    "Spanish",
    "Italian",
    "Dutch",
    "Polish",
    "Swedish",
    "Russian",
    "Chinese",
    "Japanese",
    "Arabic",
    "Portuguese",
    "Hindi",
    "Turkish",
    "Greek",
    "Czech",
    "Danish",
]


def one_of(options: Sequence[str]) -> Draw:
    return lambda c: c.choice(options)


def plate(locale: str) -> Draw:
    return _by(locale, "license_plate")


def mac(chance: random.Random) -> Draw:
    glue = chance.choice(":-")
    upper = chance.random() < 0.5

    def one(c: random.Random) -> str:
        text = glue.join(f"{c.randrange(256) & (0xFE if n == 0 else 255):02x}" for n in range(6))
        return text.upper() if upper else text

    return one


def uuid(c: random.Random) -> str:
    text = hexed(c, 16)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{c.choice('89ab')}{text[17:20]}-{text[20:]}"


def ipv6(c: random.Random) -> str:
    return ":".join(f"{c.randrange(65536):x}" for _ in range(8))


PLACES: Mapping[str, Callable[[random.Random, str], Draw]] = {
    "person.full_name": family_first,
    "person.first_name": lambda _, locale: _by(locale, "first_name"),
    "person.last_name": lambda _, locale: _by(locale, "last_name"),
    "contact.email": email,
    "contact.phone": phone,
    "contact.street_address": street,
    "geo.city": city,
    "geo.country": lambda _, locale: _by(locale, "country"),
    "org.company": lambda _, locale: _by(locale, "company"),
    "person.occupation": lambda _, locale: _by(locale, "job"),
}
"""Kinds whose values depend on the language, and how they are drawn."""
LOCALES: Mapping[str, Sequence[str]] = {
    "person.full_name": PEOPLE,
    "person.first_name": PEOPLE,
    "person.last_name": PEOPLE,
    "contact.email": [*LATIN, "ja_JP", "ru_RU"],
    "contact.phone": sorted(REGIONS),
    "contact.street_address": STREETS,
    "geo.city": CITIES,
    "geo.country": [
        "en_US",
        "de_DE",
        "fr_FR",
        "es_ES",
        "it_IT",
        "pt_BR",
        "nl_NL",
        "pl_PL",
        "sv_SE",
        "fi_FI",
        "cs_CZ",
        "hu_HU",
        "ja_JP",
        "zh_CN",
        "ru_RU",
        "tr_TR",
    ],
    "org.company": [
        "en_US",
        "en_GB",
        "de_DE",
        "fr_FR",
        "es_ES",
        "it_IT",
        "pt_BR",
        "nl_NL",
        "pl_PL",
        "sv_SE",
        "fi_FI",
        "cs_CZ",
        "da_DK",
        "hu_HU",
        "ja_JP",
        "zh_CN",
    ],
    "person.occupation": ["en_US", "en_GB", "de_DE", "fr_FR", "it_IT", "pt_BR", "hu_HU", "fi_FI"],
}

PLAIN: Mapping[str, Callable[[random.Random], Draw]] = {
    "finance.credit_card": card,
    "finance.iban": iban,
    "finance.bic": lambda _: bic,
    "finance.cvv": lambda _: lambda c: f"{c.randrange(1000):03d}",
    "finance.card_expiry": lambda _: lambda c: f"{c.randint(1, 12):02d}/{c.randint(26, 32)}",
    "finance.currency": lambda _: one_of(CURRENCIES),
    "finance.crypto_eth": lambda _: lambda c: "0x" + hexed(c, 20),
    "finance.card_brand": lambda _: one_of(("Visa", "Mastercard", "American Express", "Discover")),
    "finance.masked_card": lambda _: (
        lambda c: f"{c.choice('45')}***********{c.randrange(10**4):04d}"[:16].replace(
            "*" * 11, "*" * 11
        )
    ),
    "finance.salary": lambda _: lambda c: str(round(c.lognormvariate(10.8, 0.4), -2)),
    "finance.account_number": lambda _: lambda c: f"{c.randrange(10**7, 10**10)}",
    "gb.sort_code": lambda _: (
        lambda c: f"{c.randrange(10, 90)}-{c.randrange(100):02d}-{c.randrange(100):02d}"
    ),
    "us.zip": lambda _: (
        lambda c: (
            f"{c.randrange(501, 99951):05d}"
            + (f"-{c.randrange(10**4):04d}" if c.random() < 0.3 else "")
        )
    ),
    "de.plz": lambda _: lambda c: f"{c.randrange(1067, 99999):05d}",
    "gb.postcode": lambda _: (
        lambda c: (
            f"{c.choice(['SW', 'EC', 'M', 'LS', 'B', 'G', 'CF', 'BT', 'OX', 'NE', 'N'])}{c.randint(1, 19)} {c.randint(1, 9)}{c.choice('ABDEFGHJLNPQRSTUWXYZ')}{c.choice('ABDEFGHJLNPQRSTUWXYZ')}"
        )
    ),
    "ca.postal_code": lambda _: (
        lambda c: (
            f"{c.choice('ABCEGHJKLMNPRSTVXY')}{c.randrange(10)}{c.choice('ABCEGHJKLMNPRSTVWXYZ')} {c.randrange(10)}{c.choice('ABCEGHJKLMNPRSTVWXYZ')}{c.randrange(10)}"
        )
    ),
    "std.nl.postcode": lambda _: (
        lambda c: (
            f"{c.randrange(1000, 9999)} {c.choice(string.ascii_uppercase)}{c.choice('BCDEFGHJKLMNPRTVWXZ')}"
        )
    ),
    "br.cep": lambda _: lambda c: f"{c.randrange(1000, 99999):05d}-{c.randrange(1000):03d}",
    "person.birth_date": birth,
    "person.age": lambda _: lambda c: str(min(max(round(c.gauss(43, 17)), 1), 97)),
    "person.gender": lambda chance: one_of(chance.choice(GENDERS)),
    "person.marital_status": lambda chance: one_of(chance.choice(MARITAL)),
    "person.nationality": lambda _: one_of(NATIONALITIES),
    "person.language": lambda _: one_of(LANGUAGES),
    "person.religion": lambda chance: one_of(chance.choice(RELIGIONS)),
    "person.username": lambda _: lambda c: _by("en_US", "user_name")(c),
    "net.ipv4": lambda _: lambda c: ".".join(str(c.randint(1, 254)) for _ in range(4)),
    "net.ipv6": lambda _: ipv6,
    "net.mac": mac,
    "net.url": lambda chance: _by("en_US", chance.choice(("url", "uri", "image_url"))),
    "net.domain": lambda _: _by("en_US", "domain_name"),
    "net.user_agent": lambda _: _by("en_US", "user_agent"),
    "tech.uuid": lambda _: uuid,
    "geo.latitude": lambda _: lambda c: f"{c.uniform(-60, 70):.{6}f}",
    "geo.longitude": lambda _: lambda c: f"{c.uniform(-175, 175):.{6}f}",
    "geo.coordinates": lambda _: lambda c: f"{c.uniform(-60, 70):.5f}, {c.uniform(-175, 175):.5f}",
    "geo.country_code": lambda _: one_of(COUNTRY_CODES),
    "us.state": lambda chance: one_of(STATES[chance.choice(("code", "name"))]),
    "vehicle.plate": lambda chance: plate(
        chance.choice(
            ("de_DE", "en_GB", "it_IT", "es_ES", "nl_NL", "pl_PL", "sv_SE", "en_US", "tr_TR")
        )
    ),
    "health.icd10": lambda _: one_of(ICD10),
    "health.generic_medication": lambda _: lambda c: c.choice(DRUGS).capitalize(),
    "health.disease": lambda _: one_of(DISEASES),
    "health.blood_type": lambda chance: one_of(chance.choice(BLOOD)),
    "secret.jwt": lambda _: jwt,
    "secret.password": lambda _: lambda c: _of(c, ALNUM + "!$%&#?", c.randint(8, 14)),
    "secret.weak_password_hash": lambda chance: (
        lambda how: lambda c: how(c.randbytes(8)).hexdigest()
    )(chance.choice((md5, sha1))),
    "secret.strong_password_hash": lambda _: lambda c: "$2b$12$" + _of(c, ALNUM + "./", 53),
    "secret.aws_credentials": lambda _: (
        lambda c: "AKIA" + _of(c, string.ascii_uppercase + "234567", 16)
    ),
    "secret.gcp_api_key": lambda _: lambda c: "AIza" + _of(c, ALNUM + "-_", 35),
    "secret.github_pat": lambda _: lambda c: "ghp_" + _of(c, ALNUM, 36),
    "secret.slack_token": lambda _: (
        lambda c: (
            f"xoxb-{c.randrange(10**11, 10**12)}-{c.randrange(10**12, 10**13)}-{_of(c, ALNUM, 24)}"
        )
    ),
    "secret.stripe_api_key": lambda _: lambda c: "sk_live_" + _of(c, ALNUM, 24),
    "secret.private_key": lambda _: (
        lambda c: (
            "-----BEGIN RSA PRIVATE KEY-----\n"
            + "\n".join(_b64(c, 48) for _ in range(4))
            + "\n-----END RSA PRIVATE KEY-----"
        )
    ),
    "secret.sql_connection_string": lambda _: (
        lambda c: c.choice(
            (
                f"postgresql://app{c.randrange(99)}:{_of(c, ALNUM, 10)}@db{c.randrange(9)}.internal:5432/shop",
                f"Server=sql{c.randrange(9)}.corp;Database=crm;User Id=app;Password={_of(c, ALNUM, 12)};",
            )
        )
    ),
    "id.employee_number": lambda _: lambda c: f"E{c.randrange(10**5):05d}",
    "id.medical_record": lambda _: lambda c: f"MRN{c.randrange(10**7):07d}",
    "id.passport_any": lambda _: (
        lambda c: f"{c.choice('CFGHJKLMNPRTVWXYZ')}{_of(c, '0123456789CFGHJK', 8)}"
    ),
}
"""Kinds that are the same everywhere."""


def labels() -> list[str]:
    """Every label for which values can be drawn."""
    return [*FORMS, *COMPUTED, *PLACES, *PLAIN]


def values_of(label: str, chance: random.Random, locale: str | None = None) -> Draw:
    """How the values of one column of this kind are drawn."""
    if label in PLACES:
        return PLACES[label](chance, locale or chance.choice(LOCALES[label]))
    if label in PLAIN:
        return PLAIN[label](chance)
    return drawer(label, chance)


__all__ = ["labels", "md5", "sha1", "sha256", "values_of"]
