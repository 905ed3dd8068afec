"""What is known of single words: how common they are, whose names they are, what they announce."""

# ruff: noqa: E501 - tables of patterns and words are easier to check in one line each

from functools import lru_cache
from importlib.resources import files

from muniment.classification.engine.dictionaries import BIT, lists_of, part_mask
from muniment.classification.engine.header import folded


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _set(
    "mr mr. mrs mrs. ms ms. miss dr dr. prof prof. professor doctor sir dame lord lady rev rev. reverend "
    "father capt capt. captain sgt sgt. sergeant lt lt. lieutenant col col. colonel gen gen. general maj maj. "
    "major judge justice senator sen sen. rep rep. representative governor gov gov. mayor president pres. "
    "chairman chairwoman chairperson spokesman spokeswoman spokesperson headteacher headmaster headmistress secretary "
    "chancellor minister ambassador officer detective inspector nurse uncle aunt king queen prince princess "
    "pope saint herr frau monsieur madame mme señor señora sra sra. hon hon. master messrs messrs. coach cpt. fr."
)
"""Words before a name; those of an office are part of nobody's name."""
NAME_ENDINGS = _set("jr jr. sr sr. ii iii iv")
PARTICLES = _set(
    "van von der den de di da del della dos das du le la el al bin ibn ben zu zur ter ten mac mc st st. y e bint abu"
)
LEGAL_FORMS = _set(
    "inc inc. incorporated ltd ltd. limited llc llc. l.l.c. llp lp plc gmbh ag kg kgaa ohg ug se sa s.a. s.a sas sarl "
    "srl s.r.l. spa s.p.a. bv b.v. nv n.v. ab oy oyj as asa aps a/s corp corp. corporation co co. company pty pte sl "
    "kk k.k. sdn bhd pvt sp zoo d.o.o. kft zrt rt oü lda ltda eireli holdings holding group"
)
ORG_HEADS = _set(
    "university college school institute academy hospital clinic bank council committee commission ministry department "
    "agency authority association society foundation trust union club church museum library theatre theater airlines "
    "airways hotel hotels restaurant industries systems solutions technologies technology partners associates consulting "
    "consultants services laboratories labs pharmaceuticals pharma motors electronics energy insurance capital ventures "
    "investments securities logistics media studios entertainment enterprises brothers bros bros. sons software networks "
    "telecom communications foods stores markets supermarkets court police force army navy senate congress parliament "
    "center centre federation organization organisation bureau office board party league orchestra press times post "
    "journal news magazine ministry nhs trust properties realty manufacturing engineering construction outfitters bakery "
    "brewing brewery cafe café coffee pharmacy dental law firm chambers wealth advisors healthcare health care medical "
    "airline railways rail freight shipping textiles chemicals steel mining petroleum oil gas power electric water "
    "works mills farms dairy vineyards winery records interactive digital analytics robotics biotech genomics therapeutics "
    "international global financial finance credit mutual savings traders trading exports imports supplies retail"
)
STREETS = _set(
    "street st st. avenue ave ave. road rd rd. boulevard blvd blvd. lane ln ln. drive dr dr. court ct ct. place pl pl. "
    "square sq terrace way close crescent highway hwy hwy. parkway pkwy circle cir trail alley mews row plaza gardens "
    "grove quay wharf walk path loop pike turnpike rise hill park green"
)
PLACE_HEADS = _set(
    "county city island islands river lake mountain mountains valley beach bay coast peninsula province state region "
    "district desert ocean sea gulf falls airport village borough harbor harbour heights springs park forest"
)
PLACE_OPENERS = _set(
    "north south east west northern southern eastern western new san santa los las saint st. st port mount fort "
    "el la le upper lower greater central lake cape"
)
CALENDAR = _set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december mon tue tues wed thu thur thurs fri sat sun jan feb mar apr jun jul aug sep "
    "sept oct nov dec easter christmas thanksgiving halloween ramadan hanukkah passover diwali lent q1 q2 q3 q4 am pm "
    "gmt utc est pst cet bst edt pdt spring summer autumn winter"
)
PEOPLES = _set(
    "german germans french english british american americans italian italians spanish chinese japanese korean indian "
    "indians russian russians polish dutch swedish norwegian danish finnish portuguese brazilian mexican canadian "
    "australian austrian swiss belgian irish scottish welsh turkish greek egyptian israeli iranian iraqi african asian "
    "european europeans latin arab arabic hebrew hindi mandarin cantonese vietnamese thai indonesian filipino pakistani "
    "bangladeshi nigerian kenyan ukrainian czech hungarian romanian bulgarian croatian serbian icelandic argentine "
    "argentinian chilean colombian peruvian venezuelan cuban jewish muslim christian catholic protestant buddhist hindu "
    "sikh islamic orthodox methodist baptist republican republicans democrat democrats democratic conservative labour "
    "victorian roman gothic nordic scandinavian mediterranean caribbean saudi syrian lebanese moroccan tunisian ethiopian"
)
SAYING = _set(
    "said says say told tells asked asks wrote writes replied added adds explained explains called calls met thinks "
    "thought believes wants wanted lives lived works worked joined joins left signed sent reported reports confirmed "
    "was is has had will would did does can could who whose whom went came moved born died married reviewed approved "
    "requested needs needed agreed noted suggested presented visited paid argued announced scored won lost resigned"
)
LIVING = _set(
    "in from to at near around across via through outside inside toward towards throughout of between visiting visited "
    "leaving reached based travelling traveling flew moved born"
)
WORKING = _set(
    "at for with by from joined joining acquired owns owned founded client employer company firm supplier vendor "
    "works worked working contractor partner subsidiary merger"
)

STATE_CODES = _set(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI "
    "SC SD TN TX UT VT VA WA WV WI WY DC ON QC BC AB MB SK NS NB NL PE NSW VIC QLD TAS ACT"
)
SHORT_COUNTRIES = _set("UK USA US U.S. U.S.A. U.K. UAE EU DR")
REGIONS = _set(
    "england scotland wales bavaria catalonia andalusia tuscany lombardy provence normandy brittany quebec ontario "
    "alberta manitoba saskatchewan queensland tasmania punjab gujarat kerala maharashtra karnataka hokkaido siberia "
    "crimea kurdistan tibet europe asia africa antarctica oceania scandinavia balkans caribbean mediterranean midwest "
    "yorkshire cornwall devon kent sussex essex surrey cumbria norfolk suffolk lancashire cheshire dorset somerset "
    "wiltshire hampshire hertfordshire oxfordshire cambridgeshire manhattan brooklyn queens bronx hollywood saxony "
    "brandenburg hesse westphalia flanders wallonia galicia lapland sicily sardinia corsica crete bali java sumatra "
    "borneo burgundy alsace patagonia britain america holland"
)
LONG_REGIONS = frozenset(
    ("new south wales", "british columbia", "nova scotia", "new brunswick", "middle east", "north america",
     "south america", "latin america", "central america", "western australia", "south australia", "silicon valley",
     "bay area", "long island", "northern ireland", "new england", "lower saxony", "the netherlands", "south africa",
     "united kingdom", "united states", "united states of america", "great britain", "tamil nadu", "uttar pradesh",
     "west bengal", "east anglia", "west midlands", "isle of wight", "isle of man", "staten island", "cape cod")
)  # fmt: skip


@lru_cache(maxsize=1)
def common_words() -> dict[str, tuple[str, int]]:
    """All of them, as ``common`` tells them."""
    lines = (files(__package__) / "common_words.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ") for line in lines if not line.startswith("#"))
    return {word: (said[0], int(said[1])) for word, said in pairs}


def common(word: str) -> tuple[str, int] | None:
    """Part of speech (n v j r f c u) and rareness 0-3 of an English word in lower case, if common."""
    return common_words().get(word)


@lru_cache(maxsize=20_000)
def plain(word: str) -> str:
    """A word as dictionaries have it."""
    return folded(word.replace("’", "'"))


@lru_cache(maxsize=50_000)
def mask(word: str) -> int:
    """The lists a word, or a name written with hyphens, is in, as bits of ``BIT``."""
    known = plain(word)
    return part_mask(known) if len(known) > 1 else 0


@lru_cache(maxsize=50_000)
def kind_of_place(words: str) -> str:
    """What place words name: ``country``, ``region``, ``metropolis``, ``city`` or nothing."""
    if words in SHORT_COUNTRIES:
        return "country"
    known = plain(words)
    if known in REGIONS or known in LONG_REGIONS:
        return "region"
    if len(known) < 3:
        return ""
    lists = lists_of(known.strip(" ."))
    for name, bit in _PLACES:
        if lists & bit:
            return name
    return ""


_PLACES = (
    ("country", BIT["countries"]),
    ("region", BIT["us_states"]),
    ("metropolis", BIT["cities_large"]),
    ("region", BIT["regions"]),
    ("city", BIT["cities"]),
)
