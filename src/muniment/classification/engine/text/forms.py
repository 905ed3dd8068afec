"""Entities told by their form: a pattern, a validator, and the words before where a form is plain."""

# ruff: noqa: E501 - tables of patterns and words are easier to check in one line each

import re
from collections.abc import Iterator
from dataclasses import dataclass

from muniment.classification.engine.text.model import Entity
from muniment.classification.engine.validators import validator

_BEFORE = 48
_AFTER = 24


@dataclass(frozen=True, slots=True)
class Form:
    """A pattern; ``context`` must stand near before it, ``never`` must not; group 1 if there is one."""

    label: str
    expression: re.Pattern[str]
    score: float
    validator: str | None = None
    context: re.Pattern[str] | None = None
    never: re.Pattern[str] | None = None
    sign: str = ""
    """A character without which the pattern cannot match; ``0`` stands for any digit."""
    needs: tuple[str, ...] = ()
    """Pieces of lower-case text of which one must be there."""


def _words(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)(?:{text})")


_GENERIC_NEVER = _words(
    r"(?:order|invoice|ticket|tracking|case|reference|ref|serial|sku|isbn|version|build|model|part|parcel"
    r"|policy|booking|confirmation|transaction|batch|item|product|flight)\s*(?:no|number|id|code|nr|#)?\.?\s*[:#is ]*$"
)
_PHONE = (
    r"(?<![\w.,/+-])(?:\+\d{1,3}[\s.-]?)?(?:\(\+?\d{1,5}\)[\s.-]?)?\d{1,5}(?:[\s./-]?\d{2,5}){1,5}"
    r"(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?(?![\w@]|[.,/-]\d)"
)
_DAY = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?\s(?:of\s)?MONTH,?\s(?:19|20)\d\d|MONTH\s\d{1,2}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}/\d{2}/\d{2})"
).replace(
    "MONTH",
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?",
)
_UK_POSTCODE = r"(?:GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})"

FORMS: tuple[Form, ...] = (
    Form("contact.email", re.compile(
        r"(?<![\w.+%-])[A-Za-z0-9](?:[\w.+%'-]{0,62}[\w+-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}[A-Za-z]{2,24}\b"),
        0.99, "email", sign="@"),
    Form("net.url", re.compile(r"\b(?:https?|ftps?)://[^\s<>\"'“”]+[^\s<>\"'“”.,;:!?)\]}]"), 0.97, sign="/"),
    Form("net.url", re.compile(r"(?<![\w@./-])www\.[\w-]+(?:\.[\w-]+)+(?:/[^\s<>\"']*[^\s<>\"'.,;:!?)\]}])?"), 0.95, sign="."),
    Form("net.url", re.compile(
        r"(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|co\.uk|gov|edu|info|biz|dev|app)(?:/[^\s<>\"']*[^\s<>\"'.,;:!?)\]}])?(?![\w@-]|\.\w)"),
        0.8, sign="."),
    Form("finance.iban", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"), 0.99, "iban", sign="0"),
    Form("finance.credit_card", re.compile(r"(?<![\w.-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}|3[0-9]\d{12}|[3-6]\d{12,18})(?![\w-]|\.\d)"), 0.98, "card", sign="0"),
    Form("finance.credit_card", re.compile(r"(?<![\w.-])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w-]|\.\d)"), 0.85,
         context=_words(r"(?:credit|debit|visa|mastercard|amex|payment)\W+(?:\w+\W+){0,3}$|card\W+(?:\w+\W+){0,3}$"), needs=('card', 'visa', 'amex', 'credit'), sign="0"),
    Form("us.ssn", re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"), 0.93, "ssn", never=_GENERIC_NEVER, sign="0"),
    Form("us.ssn", re.compile(r"(?<![\w-])\d{3}[ .]?\d{2}[ .]?\d{4}(?![\w-])"), 0.9, "ssn",
         context=_words(r"\b(?:ssn|social security|social)\b[^.!?\n]{0,30}$"), needs=('ssn', 'social'), sign="0"),
    Form("us.itin", re.compile(r"(?<![\w-])9\d{2}-[5-9]\d-\d{4}(?![\w-])"), 0.9, never=_GENERIC_NEVER, sign="0"),
    Form("net.ipv4", re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w-]|\.\d)"), 0.95, "ipv4",
         never=_words(r"(?:version|release|firmware|v)\s*$"), sign="0"),
    Form("net.ipv6", re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?:%\w+)?(?![\w:])"), 0.95, "ipv6", sign=":"),
    Form("net.mac", re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])"), 0.97, sign="0"),
    Form("gb.nino", re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"), 0.95, sign="0"),
    Form("gb.nhs", re.compile(r"(?<![\w-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])"), 0.96, "stdnum:gb.nhs",
         context=_words(r"\bnhs\b[^.!?\n]{0,30}$"), needs=('nhs',), sign="0"),
    Form("us.mbi", re.compile(r"\b[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}\b"), 0.95, sign="0"),
    Form("person.birth_date", re.compile(rf"(?<![\w/-]){_DAY}(?![\w/-])"), 0.95,
         context=_words(r"(?:\bborn\b(?:\s+on)?|\bdob\b|\bd\.o\.b\.?|date of birth|birth ?date|birthday|\(b\.)[^.!?\n\d]{0,24}$"), needs=('born', 'dob', 'd.o.b', 'birth', '(b.'), sign="0"),
    Form("finance.crypto_eth", re.compile(r"\b0x[0-9a-fA-F]{40}\b"), 0.97, sign="0"),
    Form("finance.crypto_btc", re.compile(r"\b(?:bc1[02-9ac-hj-np-z]{25,62}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b"), 0.97, "stdnum:bitcoin", sign="0"),
    Form("vehicle.vin", re.compile(r"\b[A-HJ-NPR-Z0-9]{17}\b"), 0.9, "vin", sign="0"),
    Form("finance.bic", re.compile(r"\b[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b"), 0.95, "bic",
         context=_words(r"\b(?:bic|swift)\b[^.!?\n]{0,24}$"), needs=("bic", "swift")),
    Form("gb.sort_code", re.compile(r"(?<![\w-])\d{2}[- ]\d{2}[- ]\d{2}(?![\w-])"), 0.93,
         context=_words(r"sort ?code[^.!?\n]{0,16}$"), needs=('sort',), sign="0"),
    Form("gb.postcode", re.compile(rf"(?<![\w-]){_UK_POSTCODE}(?![\w-])"), 0.88, sign="0"),
    Form("us.zip", re.compile(r"(?<![\w.,/-])\d{5}(?:-\d{4})?(?![\w-]|[.,]\d)"), 0.85,
         context=_words(r"(?:\bzip\b|\bzip ?code\b|postal code|post ?code)[^.!?\n\d]{0,24}$"), needs=('zip', 'postal', 'post'), sign="0"),
    Form("net.social_handle", re.compile(r"(?<![\w@./])@[A-Za-z_][\w.]{2,28}\w(?!@|\.\w)"), 0.8, sign="@"),
    Form("contact.phone", re.compile(_PHONE), 0.9, "phone", never=_GENERIC_NEVER, sign="0"),
    Form("secret.jwt", re.compile(r"\beyJ[\w-]{5,}\.eyJ[\w-]{5,}\.[\w-]{10,}"), 0.99, "jwt", sign="."),
    Form("secret.aws_credentials", re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"), 0.98),
    Form("secret.github_pat", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|glpat-[\w-]{20,40})\b"), 0.98),
    Form("secret.private_key", re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"), 0.98),
    Form("person.username", re.compile(r"(?<=\s)[\"'“]?([A-Za-z][\w.-]{2,30}[\w])"), 0.8,
         context=_words(r"\b(?:user ?name|login(?: name)?|user ?id)(?:\s+(?:is|was)\s*|\s*[:=]\s*)[\"'“]?$"), needs=("user", "login")),
    Form("secret.password", re.compile(r"(?<=[\s:=\"'“])([^\s\"'“”]{4,60}[^\s\"'“”.,;])"), 0.85,
         context=_words(r"\b(?:password|passwort|pwd|passcode)(?:\s+is\s*|\s*[:=]\s*)[\"'“]?$")),
)  # fmt: skip

_ID_WORDS: tuple[tuple[str, str, str, str], ...] = (
    ("us.passport", "passport", r"passport", r"[A-Z]{0,2}\d{6,9}[A-Z]?"),
    ("us.drivers_license", "licen dl", r"driv(?:er|ing)[’'s]*\s+licen[cs]e|\bDLN?\b", r"[A-Z]{0,5}[\d-]{5,17}[A-Z0-9]{0,5}"),
    ("us.aba", "routing", r"routing", r"\d{9}"),
    ("finance.account_number", "acc a/c", r"\b(?:account|acct|a/c)", r"(?:[A-Z]{2,4}-?)?\d[\d -]{4,17}\d"),
    ("id.medical_record", "mrn medical patient", r"\bmrn\b|medical record|patient (?:id|number|no)", r"(?:[A-Z]{1,4}[-#]?)?\d[\d-]{4,14}"),
    ("us.member_id", "member insurance subscriber health", r"member(?:ship)?\s*(?:id|number|no)|\binsurance (?:id|number)|\bsubscriber id|health plan", r"[A-Z]{0,4}-?\d[A-Z\d-]{4,14}"),
    ("id.employee_number", "employee staff badge personnel payroll", r"(?:employee|staff|badge|personnel|payroll)\s*(?:id|number|no|#)", r"[A-Z]{0,4}[-#]?\d{3,10}"),
    ("us.ein", "ein employer tax", r"\bein\b|employer identification|tax\s*id", r"\d{2}-\d{7}"),
    ("vehicle.plate", "plate registration", r"licen[cs]e plate|number plate|registration (?:number|plate)|\bplate\b", r"[A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,5}"),
    ("id.government_id", "national identity id citizen", r"national id(?:entity)?|identity (?:card|number|document)|\bid (?:card|number|no)\b|citizen", r"[A-Z]{0,3}-?\d[\dA-Z./-]{4,16}"),
    ("gb.utr", "utr taxpayer", r"\butr\b|unique taxpayer", r"\d{5} ?\d{5}"),
    ("us.npi", "npi", r"\bnpi\b", r"[12]\d{9}"),
    ("us.dea", "dea", r"\bdea\b", r"[A-Z][A-Z9]\d{7}"),
    ("ca.sin", "sin insurance", r"\bSIN\b|social insurance", r"\d{3}[ -]?\d{3}[ -]?\d{3}"),
    ("au.tfn", "tfn file", r"\btfn\b|tax file", r"\d{3} ?\d{3} ?\d{2,3}"),
    ("au.abn", "abn", r"\babn\b", r"\d{2} ?\d{3} ?\d{3} ?\d{3}"),
    ("in.aadhaar", "aadha", r"aadha+r", r"\d{4}[ -]?\d{4}[ -]?\d{4}"),
    ("in.pan", "pan", r"\bPAN\b", r"[A-Z]{5}\d{4}[A-Z]"),
    ("br.cpf", "cpf", r"\bcpf\b", r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}"),
    ("es.dni", "dni nif", r"\b(?:dni|nif)\b", r"\d{8}-?[A-Z]"),
    ("es.nie", "nie", r"\bnie\b", r"[XYZ]-?\d{7}-?[A-Z]"),
    ("it.cf", "fiscal", r"codice fiscale|fiscal code", r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]"),
    ("pl.pesel", "pesel", r"\bpesel\b", r"\d{11}"),
    ("fr.nir", "insee nir security", r"\b(?:insee|nir)\b|social security", r"[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3}(?: ?\d{2})?"),
    ("de.idnr", "steuer tax", r"steuer-?id\w*|tax id\w*", r"\d{2} ?\d{3} ?\d{3} ?\d{3}"),
    ("std.vatin", "vat", r"\bvat\b", r"[A-Z]{2} ?[A-Z0-9]{8,12}"),
    ("id.government_id", "visa permit green student voter", r"\bvisa number|residence permit|green card|student id|voter id", r"[A-Z]{0,3}-?\d[\dA-Z-]{4,14}"),
    ("device.imei", "imei", r"\bimei\b", r"\d{2}-?\d{6}-?\d{6}-?\d"),
)  # fmt: skip
_GAP = r"(?i:(?:\s+(?:number|no|nr|id|card|code|is|was|of|ending|the|my|your|his|her|their|ref|reference|primary|checking|savings|bank|which|to|for|with|under|no|number))*\.?,?\s*(?:number|no)?\.?\s*[:#=(-]*\s*)"
ID_FORMS = tuple(
    Form(
        label,
        re.compile(rf"(?i:{words}){_GAP}(?<![A-Za-z0-9])({value})(?![A-Za-z0-9]|-\d)"),
        0.93,
        sign="0",
        needs=tuple(needs.split()),
    )
    for label, needs, words, value in _ID_WORDS
)


def find_forms(text: str) -> list[Entity]:
    """Everything told by its form; overlaps are left to the caller."""
    has_digit = any(c.isdigit() for c in text)
    signs = {"": True, "0": has_digit, **{sign: sign in text for sign in "@./:"}}
    lower = text.lower()
    found: list[Entity] = []
    for form in (*FORMS, *ID_FORMS):
        if signs[form.sign] and (not form.needs or any(piece in lower for piece in form.needs)):
            found += _matches(form, text)
    return found


def _matches(form: Form, text: str) -> Iterator[Entity]:
    for match in form.expression.finditer(text):
        group = 1 if form in _GROUPED else 0
        start, end = match.span(group)
        if not _in_context(form, text, start):
            continue
        value = text[start:end]
        if form.label == "contact.phone" and not _is_phone(
            value, text[max(0, start - _BEFORE) : start]
        ):
            continue
        if form.validator is None or validator(form.validator).check(value):
            yield Entity(form.label, start, end, form.score)


_GROUPED = frozenset(
    form
    for form in (*FORMS, *ID_FORMS)
    if form in ID_FORMS or form.label in ("person.username", "secret.password")
)


def _in_context(form: Form, text: str, start: int) -> bool:
    if form.context is None and form.never is None:
        return True
    before = text[max(0, start - _BEFORE) : start]
    if form.never is not None and form.never.search(before):
        return False
    return form.context is None or form.context.search(before) is not None


_CALLS = re.compile(
    r"(?i)\b(?:phone|tel|telephone|mobile|cell|fax|call|calls|called|calling|dial|text|texted|whatsapp|sms|ring|reach|contact|number|hotline|ph|t|m|f|p|landline|voicemail)\b[^.!?\n]{0,30}$"
)
_LOCAL = re.compile(
    r"\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|1[ .-]\d{3}[ .-]\d{3}[ .-]\d{4}|0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}|\(0?\d{2,5}\) ?\d{3,4}[ -]?\d{3,4}"
)
_DATED = re.compile(
    r"\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d"
)


def _is_phone(value: str, before: str) -> bool:
    """A number that says so itself: a country code, a national grouping, or a word before it."""
    digits = sum(c.isdigit() for c in value)
    if digits < 7 or _DATED.fullmatch(value.strip()):
        return False
    if value.startswith("+"):
        return digits >= 8
    core = re.split(r"\s?(?:x|ext)", value)[0].strip()
    if _LOCAL.fullmatch(core) or value.lstrip().startswith("00"):
        return True
    return _CALLS.search(before) is not None
