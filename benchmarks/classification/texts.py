"""Write English documents with the entities inside them and where they stand.

python texts.py FOLDER [--seed 1] [--documents 400]
"""

import argparse
import json
import random
import re
import string
from collections.abc import Callable, Mapping
from pathlib import Path

from national import COMPUTED, draw
from values import PLAIN, REAL_CITIES, faker_of, phone

Draw = Callable[[random.Random], str]
_SLOT = re.compile(r"\{(\w+)\}")


def _fake(locale: str, name: str) -> Draw:
    fake = faker_of(locale)

    def one(c: random.Random) -> str:
        fake.seed_instance(c.randrange(2**32))
        return str(getattr(fake, name)()).replace("\n", ", ")

    return one


ABROAD = "de_DE fr_FR es_ES it_IT nl_NL pl_PL sv_SE pt_BR en_IN tr_TR".split()


def _first(c: random.Random) -> str:
    return _fake(c.choice(["en_US", "en_GB", *ABROAD[:6]]), "first_name")(c)


def _last(c: random.Random) -> str:
    return _fake(c.choice(["en_US", "en_US", "en_GB", *ABROAD]), "last_name")(c)


def _person(c: random.Random) -> str:
    kind = c.random()
    if kind < 0.12:
        return f"{_first(c)} {c.choice(string.ascii_uppercase)}. {_last(c)}"
    return f"{_first(c)} {_last(c)}"


COMPANIES = (
    "Siemens;Barclays;Northwind Traders;Acme Corporation;Contoso Ltd;Deutsche Bank;Blue Harbor Logistics;"
    "Redwood Analytics Inc.;Fairview Medical Center;St. Mary's Hospital;Greenfield & Sons;Pfizer;Walmart;"
    "Lufthansa;Nordic Shipping AB;Silverline Software GmbH;University of Leeds;Kaiser Permanente;Toyota;"
    "Oakwood Insurance Group;First National Bank;Orion Pharma Ltd;Delta Air Lines;Vodafone;Sunrise Foods LLC"
).split(";")
COUNTRIES = "Germany;France;Spain;Italy;Poland;Sweden;Canada;Mexico;Brazil;Japan;India;Australia;Kenya;Turkey;Norway;Ireland;Portugal;the Netherlands".split(
    ";"
)
FAMOUS = "London;Paris;Berlin;Madrid;Chicago;Boston;Seattle;Manchester;Toronto;Sydney;Mumbai;Tokyo;Dublin;Vienna;Denver;Leeds;Houston;Lisbon;Oslo;Atlanta;Zurich;Bristol;Austin;Cardiff".split(
    ";"
)


def _place(c: random.Random) -> str:
    kind = c.random()
    if kind < 0.5:
        return c.choice(FAMOUS)
    return c.choice(COUNTRIES) if kind < 0.75 else c.choice([x for x in REAL_CITIES if x.isalpha()])


def _company(c: random.Random) -> str:
    return (
        c.choice(COMPANIES)
        if c.random() < 0.5
        else _fake(c.choice(("en_US", "en_GB")), "company")(c)
    )


def _address(c: random.Random) -> str:
    street = _fake(c.choice(("en_US", "en_GB", "en_AU", "en_CA")), "street_address")(c)
    if c.random() < 0.4:
        street += f", {c.choice(FAMOUS)}"
    return street


def _username(c: random.Random) -> str:
    return _fake("en_US", "user_name")(c)


def _phone(c: random.Random) -> str:
    return phone(c, c.choice(("en_US", "en_GB", "en_AU", "de_DE", "en_CA")))(c)


def _email(c: random.Random) -> str:
    return _fake("en_US", c.choice(("email", "company_email")))(c)


SLOTS: Mapping[str, tuple[str, Draw]] = {
    "person": ("person.full_name", _person),
    "first": ("person.first_name", _first),
    "last": ("person.last_name", _last),
    "place": ("geo.city", _place),
    "org": ("org.company", _company),
    "address": ("contact.street_address", _address),
    "email": ("contact.email", _email),
    "phone": ("contact.phone", _phone),
    "url": ("net.url", _fake("en_US", "url")),
    "ssn": ("us.ssn", COMPUTED["us.ssn"]),
    "nino": ("gb.nino", COMPUTED["gb.nino"]),
    "nhs": ("gb.nhs", lambda c: draw("gb.nhs", "### ### ####", c)),
    "iban": ("finance.iban", lambda c: PLAIN["finance.iban"](c)(c)),
    "card": ("finance.credit_card", lambda c: PLAIN["finance.credit_card"](c)(c)),
    "ip": ("net.ipv4", PLAIN["net.ipv4"](random.Random(0))),
    "mac": ("net.mac", lambda c: PLAIN["net.mac"](c)(c)),
    "vin": ("vehicle.vin", COMPUTED["vehicle.vin"]),
    "npi": ("us.npi", COMPUTED["us.npi"]),
    "passport": ("id.passport_any", lambda c: f"{c.randrange(10**8, 10**9)}"),
    "mrn": ("id.medical_record", lambda c: f"{c.randrange(10**6, 10**8)}"),
}
"""What may stand in a template: the label of the entity and how its text is drawn."""
PLAIN_SLOTS: Mapping[str, Draw] = {
    "day": lambda c: (
        f"{c.choice('January February March April May June August October November'.split())} {c.randint(1, 28)}"
    ),
    "isodate": lambda c: f"20{c.randint(18, 26)}-{c.randint(1, 12):02d}-{c.randint(1, 28):02d}",
    "time": lambda c: f"{c.randint(0, 23):02d}:{c.randint(0, 59):02d}",
    "weekday": lambda c: c.choice("Monday Tuesday Wednesday Thursday Friday".split()),
    "number": lambda c: str(c.randint(2, 900)),
    "money": lambda c: f"${c.randint(12, 9800)}.{c.randint(0, 99):02d}",
    "order": lambda c: f"{c.choice(('ORD', 'INV', 'TKT', 'REF'))}-{c.randrange(10**5, 10**7)}",
    "product": lambda c: c.choice(
        "Galaxy Tab;Kindle;Surface Pro;Windows 11;Chrome;Excel;Outlook;PlayStation;Roomba;ThinkPad".split(
            ";"
        )
    ),
    "drug": lambda c: c.choice(
        "metformin lisinopril ibuprofen amoxicillin atorvastatin sertraline".split()
    ),
    "version": lambda c: f"{c.randint(1, 9)}.{c.randint(0, 20)}.{c.randint(0, 40)}",
    "team": lambda c: c.choice(
        "Support;Billing;Engineering;the Legal team;Marketing;Human Resources".split(";")
    ),
}
"""What stands in templates and is nothing: traps."""

REGISTERS: Mapping[str, tuple[str, ...]] = {
    "email": (
        "Hi {first},\n\nthanks for meeting with {org} on {weekday}. I have attached the offer for {money}. Please call me on {phone} or write to {email}.\n\nBest regards,\n{person}\n{org}",
        "Dear Mr. {last},\n\nwe have not received your payment for invoice {order}. Please transfer {money} to {iban} by {day}.\n\nKind regards,\n{person}, Accounts Receivable",
        "From: {person} <{email}>\nTo: {person} <{email}>\nSubject: Trip to {place}\n\nI land in {place} on {day} at {time}. The hotel is at {address}. See you there!",
        "Hello team,\n\n{person} joins us from {org} next {weekday}. She will work from {place}. Her number is {phone}.\n\nCheers, {first}",
        "Please update my records: I moved to {address}. My new phone number is {phone}. Thank you, {person}",
        "Good morning, could you forward the contract to {email}? {first} in {team} has approved it. Regards, {person}",
        "The quarterly report is ready. Sales rose by {number} percent and the {product} rollout is on track. Let us discuss it on {weekday}.",
    ),
    "ticket": (
        "Customer {person} reports that {product} crashes after the update to version {version}. Callback: {phone}. Device IP {ip}.",
        "Ticket {order}: user {email} cannot log in since {isodate}. Reset was sent twice. Escalated to {team}.",
        "Refund request. Name: {person}. Card number: {card}. Amount: {money}. Reason: the parcel never reached {address}.",
        "Caller verified with SSN {ssn}. Wants to change the mailing address to {address}. Agent: {first}.",
        "Vehicle with VIN {vin} was towed in {place}. Owner {person}, phone {phone}.",
        "Please whitelist {ip} and {mac} for the new office in {place}. Requested by {person}.",
        "Printer on floor {number} is out of toner again. Priority low. See the Knowledge Base before calling Support.",
        "Applicant {person} uploaded a passport, number {passport}, issued in {place}. Verification pending.",
    ),
    "clinical": (
        "Patient {person}, MRN {mrn}, presented on {isodate} with chest pain. Started on {drug}. Follow-up with Dr. {last} at {org}.",
        "Mrs. {last} was referred by Dr. {person} (NPI {npi}). She lives at {address} and can be reached at {phone}.",
        "NHS number {nhs}. {person} reports headaches for {number} days. No allergies. Prescribed {drug} twice daily.",
        "The patient denies fever. Blood pressure 120/80. Continue {drug}. Return in two weeks or sooner if symptoms worsen.",
        "Discharge summary: {person} was admitted to {org} on {day}. Next of kin: {person}, {phone}.",
        "Dr. {last} saw the patient in {place} and recommended physiotherapy. Insurance: {org}.",
    ),
    "chat": (
        "[{time}] {first}: did anyone talk to {person} yet?\n[{time}] {first}: yes, he is in {place} until {weekday}",
        "hey {first}, can you send me your iban? mine is {iban}. thx",
        "ok so the new client is {org}, contact is {person}, mail {email}",
        "lol no idea, ask {first}. btw lunch at {time}?",
        "can somebody restart the build? version {version} is stuck since {time}",
        "my number changed, it's {phone} now - {first}",
        "{first} moved to {place} last month, new address is {address}",
    ),
    "log": (
        "{isodate}T{time}:12Z INFO login ok user={email} ip={ip} agent=Chrome",
        "{isodate} {time}:44 ERROR payment declined card={card} order={order} retry=3",
        "{isodate} {time}:02 WARN mail to {email} bounced after {number} s",
        "{isodate} {time}:31 DEBUG worker-{number} finished job {order} in {number} ms",
        "{isodate} {time}:09 INFO lease renewed mac={mac} ip={ip}",
        "{isodate} {time}:55 ERROR NullPointerException at com.shop.cart.Total(Total.java:{number})",
    ),
    "news": (
        "{place} - {org} said on {weekday} that it would cut {number} jobs in {place}. Chief executive {person} called the step painful but necessary.",
        "The mayor of {place}, {person}, opened the new bridge on {day}. It cost {money} million.",
        "Shares of {org} fell {number} percent after {person} resigned. Analysts at {org} had expected the move.",
        "{person}, a teacher from {place}, won the lottery twice. \"I could not believe it,\" {last} told reporters.",
        "Heavy rain hit {place} and parts of {place} on {weekday}, closing schools and roads.",
        "The central bank left interest rates unchanged on {weekday}. Inflation remains above target, officials said.",
    ),
    "form": (
        "Name: {person}\nAddress: {address}\nPhone: {phone}\nE-mail: {email}\nSSN: {ssn}",
        "Employee: {person}\nEmployer: {org}\nNational Insurance number: {nino}\nBank account: {iban}",
        "Traveller {person}, passport no. {passport}, flying from {place} to {place} on {isodate}.",
        "Website: {url}\nContact: {person}\nOffice: {address}",
        "Guest list: {person}, {person}, {person} and {person}.",
    ),
    "legal": (
        "This agreement is made between {org} and {person}, residing at {address}, effective {day}.",
        "The witness, {person}, stated that she met Mr. {last} in {place} on {day}.",
        "Section {number}. The Supplier shall deliver the Goods within thirty days. The Buyer may terminate this Agreement in writing.",
        "Counsel for {org}, {person}, filed the motion in {place} on {isodate}.",
    ),
}  # fmt: skip
"""Templates by register; some hold nothing at all."""


def document(chance: random.Random, register: str) -> tuple[str, list[dict[str, object]]]:
    """One text of one to three passages of a register, and its entities."""
    text, entities = "", []
    passages = chance.sample(REGISTERS[register], chance.choice((1, 1, 2, 3)))
    for passage in passages:
        if text:
            text += "\n" if register == "log" else "\n\n"
        at = 0
        for slot in _SLOT.finditer(passage):
            text += passage[at : slot.start()]
            at = slot.end()
            name = slot.group(1)
            if name in PLAIN_SLOTS:
                text += PLAIN_SLOTS[name](chance)
                continue
            label, one = SLOTS[name]
            value = one(chance)
            entities.append({"label": label, "start": len(text), "end": len(text) + len(value)})
            text += value
        text += passage[at:]
    return text, entities


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--documents", type=int, default=400)
    told = asked.parse_args()
    chance = random.Random(told.seed)
    told.folder.mkdir(parents=True, exist_ok=True)
    registers = sorted(REGISTERS)
    key = []
    with (told.folder / "texts.jsonl").open("w", encoding="utf-8") as out:
        for number in range(told.documents):
            register = registers[number % len(registers)]
            text, entities = document(chance, register)
            out.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")
            key.append({"id": str(number), "register": register, "entities": entities})
    (told.folder / "key.json").write_text(json.dumps(key, indent=0), "utf-8")


if __name__ == "__main__":
    main()
