"""Write a set of tables unlike the mixed ones: other kinds, other makers of values, other names.

python strange.py FOLDER [--seed 1] [--rounds 3]

Written before its errors were seen. People, places and devices come from mimesis, names of columns
from what houses of many countries call such columns.
"""

import argparse
import base64
import random
import string
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from mimesis import Generic, Locale
from mixed import Column, write
from values import REAL_CITIES, labels, values_of

Draw = Callable[[random.Random], str]
Maker = Callable[[random.Random], Draw]
UPPER, DIGITS, LOWER = string.ascii_uppercase, string.digits, string.ascii_lowercase
PEOPLE = (
    "EN",
    "DE",
    "FR",
    "ES",
    "IT",
    "PT_BR",
    "NL",
    "SV",
    "PL",
    "CS",
    "RU",
    "TR",
    "JA",
    "DA",
    "FI",
)

_KEPT: dict[tuple[str, int], Generic] = {}


def _of(chance: random.Random, alphabet: str, size: int) -> str:
    return "".join(chance.choice(alphabet) for _ in range(size))


def _generic(locale: str, seed: int) -> Generic:
    if (locale, seed) not in _KEPT:
        _KEPT[locale, seed] = Generic(Locale[locale], seed=seed)
    return _KEPT[locale, seed]


def people(part: str, name: str, locales: tuple[str, ...] = PEOPLE) -> Maker:
    """Values of mimesis, in one language each column."""

    def make(chance: random.Random) -> Draw:
        made = _generic(chance.choice(locales), chance.randrange(2**20))
        return lambda _: " ".join(str(getattr(getattr(made, part), name)()).split())

    return make


def each(draw: Draw) -> Maker:
    return lambda _: draw


def one_of(*sets: tuple[str, ...]) -> Maker:
    """Words of one of the sets."""

    def make(chance: random.Random) -> Draw:
        words = chance.choice(sets)
        return lambda c: c.choice(words)

    return make


def form(*shapes: str) -> Maker:
    """``#`` a digit, ``@`` a capital, ``*`` a hexadecimal, ``~`` a small letter; one shape a column."""
    draws = {
        "#": lambda c: c.choice(DIGITS), "@": lambda c: c.choice(UPPER),
        "*": lambda c: c.choice("0123456789abcdef"), "~": lambda c: c.choice(LOWER),
    }  # fmt: skip

    def make(chance: random.Random) -> Draw:
        shape = chance.choice(shapes)
        return lambda c: "".join(draws[x](c) if x in draws else x for x in shape)

    return make


def day(first: int, last: int, *forms: str) -> Maker:
    def make(chance: random.Random) -> Draw:
        written = chance.choice(forms)
        start, size = date(first, 1, 1), (last - first) * 365
        return lambda c: (start + timedelta(days=c.randrange(size))).strftime(written)

    return make


def numbers(label: str) -> Maker:
    """Numbers that the register's own check accepts."""
    return lambda chance: values_of(label, chance, None)


def _mail(chance: random.Random) -> Draw:
    made = _generic(chance.choice(("EN", "DE", "ES", "IT", "FR")), chance.randrange(2**20))
    hosts = (
        "harbor-supply.co.uk",
        "nordlicht.de",
        "uni-bern.ch",
        "example.org",
        "gmx.net",
        "acme.io",
    )
    return lambda c: (
        f"{made.person.username(mask='l').lower()}{c.choice(('', '.', '_', '+news'))}"
        f"{c.choice(('', str(c.randrange(99))))}@{c.choice(hosts)}".replace(".@", "@").replace(
            "_@", "@"
        )
    )


def _phones(chance: random.Random) -> Draw:
    return chance.choice(
        (
            form("+49 151 ########", "+44 7### ######", "+33 6 ## ## ## ##", "+34 6## ### ###")(
                chance
            ),
            lambda c: f"({c.randint(201, 989)}) {c.randint(200, 999)}-{c.randrange(10**4):04d}",
            lambda c: f"+1-{c.randint(201, 989)}-{c.randint(200, 999)}-{c.randrange(10**4):04d}",
            lambda c: f"+39 3{c.randint(20, 99)} {c.randrange(10**7):07d}",
            lambda c: f"+48 {c.randint(500, 799)} {c.randrange(1000):03d} {c.randrange(1000):03d}",
        )
    )


def _streets(chance: random.Random) -> Draw:
    made = _generic(
        chance.choice(("EN", "DE", "FR", "ES", "IT", "NL", "SV", "PL")), chance.randrange(2**20)
    )
    return lambda _: str(made.address.address())


def _salary(c: random.Random) -> str:
    return str(round(c.gauss(52_000, 15_000) / 100) * 100)


def _jwt(c: random.Random) -> str:
    def part(text: bytes) -> str:
        return base64.urlsafe_b64encode(text).decode().rstrip("=")

    return ".".join(
        (
            part(b'{"typ":"JWT","alg":"RS256"}'),
            part(f'{{"uid":{c.randrange(10**7)}}}'.encode()),
            part(c.randbytes(64)),
        )
    )


def _lat_lon(c: random.Random) -> str:
    return f"{c.uniform(35, 65):.4f},{c.uniform(-10, 40):.4f}"


KINDS: Mapping[str, tuple[Maker, str, str]] = {
    # label: values, names in English, names from elsewhere
    "person.full_name": (people("person", "full_name"), "contactPerson, CLIENT_FULL_NM, primary_holder_name, attendee, insured party name, buyer_name, passenger", "Ansprechpartner, nomComplet, nombreCompleto, ФИО клиента, nome_completo_cliente, Imię i nazwisko, 氏名"),
    "person.first_name": (people("person", "first_name"), "givenNm, forename1, cust_fname, contact_given_name, FirstNm", "Vorname_Kunde, prenom_usager, primer_nombre, имя_клиента, Etunimi, imie"),
    "person.last_name": (people("person", "last_name"), "familyNm, lastNm, surname_1, contact_surname, cust_lname", "Familienname, nom_de_famille, apellido1, фамилия, Sukunimi, nazwisko, cognome_cliente"),
    "contact.email": (_mail, "notify_to, eml, emailAddr1, replyTo, contact_mail, work_e_mail, billingEmail", "Mailadresse_privat, courriel_client, correo_e, эл_почта, sähköposti, e-postadress"),
    "contact.phone": (_phones, "cellNo, landline, tel1, primaryPhoneNbr, callback_number, mobilePhone, ph_home", "Rufnummer, tel_portable, telefono_movil, номер телефона, Puhelin, nr_telefonu, celular"),
    "contact.street_address": (_streets, "addrLine1, mailing_addr, ship_to_street, residence_address, HomeAddr", "Anschrift, adresse_postale, direccion_envio, indirizzo_spedizione, Straße_Hausnr, adres"),
    "geo.city": (each(lambda c: c.choice(REAL_CITIES)), "cityNm, ship_city, town_name, birth_town, locality", "Wohnort, ville_livraison, ciudad_residencia, город, comune, miasto"),
    "geo.country": (people("address", "country", ("EN", "DE", "FR", "ES", "IT", "PL")), "ctryNm, country_of_residence, billCountry, origin_country", "Land, pays_residence, pais_origen, страна, paese, kraj"),
    "geo.country_code": (people("address", "country_code", ("EN",)), "ctryCd, iso2, country_iso, billing_ctry_cd", "Länderkürzel, code_pays, cod_pais, kod_kraju"),
    "org.company": (people("finance", "company", ("EN", "DE", "FR", "ES", "IT", "NL")), "vendorNm, employer, supplier_name, legal_entity_name, organisation", "Firma, raison_sociale, razon_social, ragione_sociale, Unternehmen, nazwa_firmy"),
    "person.occupation": (people("person", "occupation", ("EN",)), "jobTitle, profession, occupationDesc", "Beruf, métier, profesion, zawod"),
    "person.birth_date": (day(1940, 2005, "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d"), "dateOfBirth, bdate, DOB, birth_dt, bornOn", "Geburtsdatum, date_naissance, fecha_nac, дата_рождения, data_nascita, syntymäaika"),
    "person.gender": (one_of(("M", "F"), ("Male", "Female", "Unknown"), ("W", "M", "D"), ("female", "male", "nonbinary"), ("мужской", "женский")), "sex, genderCd, gender_identity", "Geschlecht, sexe, genero, пол, płeć"),
    "person.age": (each(lambda c: str(int(c.triangular(18, 95, 40)))), "ageYears, age_at_admission, cust_age", "Alter, edad, возраст, wiek"),
    "person.nationality": (people("person", "nationality", ("EN",)), "citizenship, natl, nationality_desc", "Staatsangehörigkeit, nationalité, nacionalidad, гражданство"),
    "person.marital_status": (one_of(("Single", "Married", "Divorced", "Widowed"), ("Ledig", "Verheiratet", "Geschieden"), ("Célibataire", "Marié(e)", "Divorcé(e)", "Veuf")), "maritalStat, civil_status, marital", "Familienstand, etat_civil, estado_civil"),
    "person.religion": (one_of(("Christian", "Muslim", "Hindu", "Buddhist", "Jewish", "Atheist", "Sikh")), "faith, religious_affiliation", "Konfession, religión"),
    "person.blank_language": (people("person", "language", ("EN",)), "mother_tongue, spokenLanguage, preferred_language", "Muttersprache, langue, idioma"),
    "person.username": (each(lambda c: f"{c.choice(('sky', 'neo', 'red', 'max', 'lone', 'wild'))}{c.choice(('fox', 'rider', 'wolf', 'coder', 'cat'))}{c.randrange(9999)}"), "login, screenName, user_handle, userid_login", "Benutzername, identifiant_connexion, логин"),
    "finance.iban": (numbers("finance.iban"), "benef_iban, acctIBAN, payout_account", "Bankverbindung_IBAN, cuenta_iban, konto_iban"),
    "finance.bic": (numbers("finance.bic"), "swiftCd, bank_bic, bicCode", "BIC_Empfänger, codigo_swift"),
    "finance.credit_card": (numbers("finance.credit_card"), "ccNum, pan, cardNo, payment_card", "Kreditkartennr, num_carte, tarjeta, номер_карты"),
    "finance.currency": (people("finance", "currency_iso_code", ("EN",)), "ccy, curr_cd, settlementCurrency", "Währung, devise, moneda, валюта"),
    "finance.crypto_btc": (numbers("finance.crypto_btc"), "btcAddr, walletAddress", "Bitcoin-Adresse"),
    "finance.crypto_eth": (each(lambda c: "0x" + c.randbytes(20).hex()), "ethWallet, wallet", "adresse_ethereum"),
    "finance.salary": (each(_salary), "annualSalary, base_pay, grossSalary, comp_base_salary", "Jahresgehalt, salaire_brut, salario_anual, зарплата"),
    "finance.isin": (numbers("finance.isin"), "isinCd, instrument_isin, security", "Wertpapier-ISIN"),
    "us.cusip": (numbers("us.cusip"), "cusipNo, cusip9", ""),
    "std.lei": (numbers("std.lei"), "leiCode, legal_entity_identifier, counterparty", ""),
    "us.aba": (numbers("us.aba"), "routingNbr, aba_rtn, bank_routing", ""),
    "finance.cvv": (form("###"), "cvv2, cvcCode, card_security_code", "Kartenprüfnummer, cryptogramme"),
    "finance.card_expiry": (each(lambda c: f"{c.randint(1, 12):02d}/{c.randint(2025, 2033)}"), "expMMYY, ccExpiry, card_exp", "gültig_bis_karte, fecha_caducidad_tarjeta"),
    "us.zip": (form("#####", "#####-####"), "zipCd, zip5, ship_zip", ""),
    "de.plz": (each(lambda c: f"{c.randrange(1067, 99998):05d}"), "PLZ, plz_kunde, Postleitzahl_Lieferung", ""),
    "gb.postcode": (numbers("gb.postcode"), "postcode_uk, pcode, delivery_postcode", ""),
    "ca.postal_code": (numbers("ca.postal_code"), "postalCd, code_postal_ca", ""),
    "us.state": (people("address", "state", ("EN",)), "stateNm, us_state, billing_state", ""),
    "geo.latitude": (each(lambda c: f"{c.uniform(25, 70):.5f}"), "latDeg, store_lat, gpsLat, y_lat", "Breitengrad, широта, latitudine"),
    "geo.longitude": (each(lambda c: f"{c.uniform(-120, 140):.5f}"), "lonDeg, store_lng, gpsLon, x_long", "Längengrad, долгота, longitudine"),
    "geo.coordinates": (each(_lat_lon), "latlon, geoPoint, gps_position", "Koordinaten, coordonnées"),
    "health.icd10": (numbers("health.icd10"), "dxCd, primaryDx, icd_code", "Diagnoseschlüssel, code_cim10"),
    "health.disease": (numbers("health.disease"), "condition, diagnosisDesc, illness", "Erkrankung, maladie, enfermedad"),
    "health.generic_medication": (numbers("health.generic_medication"), "drugNm, medication_prescribed, rx_drug", "Wirkstoff, médicament, medicamento"),
    "health.blood_type": (one_of(("A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"), ("A positive", "O negative", "B positive", "AB positive")), "bloodGrp, abo_rh, donor_blood_type", "Blutgruppe, groupe_sanguin"),
    "net.ipv4": (people("internet", "ip_v4", ("EN",)), "clientIp, remote_addr, x_forwarded_for, srcIP", "IP-Adresse, adresse_ip"),
    "net.ipv6": (people("internet", "ip_v6", ("EN",)), "ip6, peer_addr, host_v6", ""),
    "net.mac": (people("internet", "mac_address", ("EN",)), "hwAddr, nic, ethernet_address", "MAC-Adresse"),
    "net.url": (people("internet", "url", ("EN",)), "href, landingPage, referrer, profile_link", "Webadresse, lien, enlace"),
    "net.domain": (people("internet", "hostname", ("EN",)), "fqdn, site_host, domainNm", "Domäne, nom_de_domaine"),
    "net.user_agent": (people("internet", "user_agent", ("EN",)), "ua, browser, clientAgent", ""),
    "tech.uuid": (people("cryptographic", "uuid", ("EN",)), "guid, correlationId, rowguid", ""),
    "device.imei": (numbers("device.imei"), "imeiNo, handset_imei, deviceImei", "IMEI-Nummer"),
    "device.iccid": (numbers("device.iccid"), "simSerial, iccid_no", "SIM-Kartennummer"),
    "secret.jwt": (each(_jwt), "bearer, accessTkn, session_token", ""),
    "secret.password": (each(lambda c: _of(c, string.ascii_letters + DIGITS + "!@#$%^&*", c.randint(9, 16))), "pwd, passwd_clear, userPassword", "Kennwort, mot_de_passe, contraseña, пароль"),
    "secret.strong_password_hash": (each(lambda c: f"$argon2id$v=19$m=65536,t=3,p=4${_of(c, string.ascii_letters + DIGITS, 22)}${_of(c, string.ascii_letters + DIGITS, 43)}"), "pwHash, password_hash", "Kennwort_Hash"),
    "secret.aws_credentials": (each(lambda c: "AKIA" + _of(c, UPPER + "234567", 16)), "awsKey, access_key_id, s3_key", ""),
    "secret.github_pat": (each(lambda c: "ghp_" + _of(c, string.ascii_letters + DIGITS, 36)), "ghToken, repo_token, ci_secret", ""),
    "secret.stripe_api_key": (each(lambda c: "sk_live_" + _of(c, string.ascii_letters + DIGITS, 24)), "stripeKey, payment_api_key", ""),
    "vehicle.vin": (numbers("vehicle.vin"), "vinNo, chassis, vehicleIdent", "Fahrgestellnr, telaio, номер_кузова"),
    "vehicle.plate": (form("@@-## ###", "@@## @@@", "@@-###-@@", "#### @@@"), "licPlate, regPlate, vehicle_reg_no", "Kennzeichen, immatriculation, matricula_vehiculo, госномер"),
    "std.isbn": (numbers("std.isbn"), "isbn13, bookIsbn", ""),
    "std.ean": (numbers("std.ean"), "gtin, barcodeNo, eanCd", "Strichcode, code_barre"),
    "id.passport_any": (form("@########", "@@#######", "##@@#####"), "passportNbr, travelDocNo, ppt_no", "Reisepassnr, no_passeport, num_pasaporte, паспорт_номер"),
    "id.medical_record": (form("MR######", "########"), "mrnNo, patientMrn, chart_no", "Patientennummer, num_historia_clinica"),
    "id.employee_number": (form("E#####", "######"), "empNo, staffNbr, payroll_number", "Personalnr, matricule, табельный_номер"),
    "contact.fax": (_phones, "faxNo, fax_number, office_fax", "Telefax, télécopie"),
}  # fmt: skip
"""Kinds that are made here anew."""

NATIONAL_NAMES: Mapping[str, str] = {
    "us.ssn": "ssn_last, socialSecNo, SSNBR, taxpayer_ssn", "gb.nino": "NI_number, natInsNo, nino",
    "gb.nhs": "nhsNo, nhs_num", "de.idnr": "steuerID, IdNr, Steuer_Ident_Nr", "de.vat": "UStIdNr, vatNo",
    "de.rvnr": "SV_Nummer, Rentenversicherungsnr", "fr.nir": "num_secu, nir, no_ss", "std.fr.siren": "siren, num_siren",
    "std.fr.siret": "siret, siret_etab", "fr.tva": "tva_intra, no_tva", "it.cf": "cod_fisc, codice_fiscale_cliente",
    "it.iva": "p_iva, partita_iva_forn", "es.dni": "dni, nif_cliente, doc_identidad", "es.nie": "nie, num_extranjero",
    "es.cif": "cif_empresa, cif", "pt.nif": "nif, contribuinte_n", "nl.bsn": "bsn, burgerservicenummer, BSN_klant",
    "nl.btw": "btwnr, btw_nummer_lev", "be.nn": "rijksregisternr, numero_national, nrn", "be.vat": "ondernemingsnr, btw_be",
    "ch.ahv": "ahvNr, avs, AHV_Nummer", "at.vnr": "svnr, SV_Nr_AT", "at.uid": "uid_nr, uid_at",
    "pl.pesel": "pesel, nr_pesel", "pl.nip": "nip, nip_kontrahenta", "pl.regon": "regon, nr_regon",
    "cz.rc": "rodne_cislo, rc_klienta", "se.pnr": "persnr, personnummer_kund", "se.orgnr": "orgnr_se, organisationsnr",
    "no.fnr": "fnr, fodselsnr", "std.no.orgnr": "orgnr, organisasjonsnr", "dk.cpr": "cprnr, cpr",
    "fi.hetu": "hetu, henkilotunnus_asiakas", "fi.ytunnus": "y_tunnus, ytunnus", "ee.ik": "isikukood, ik",
    "lv.pk": "personas_kods, pk_lv", "lt.asmens": "asmens_kodas, ak", "hu.anum": "adoszam, ado_szam",
    "ro.cnp": "cnp, cnp_client", "bg.egn": "egn, ЕГН", "gr.afm": "afm, ΑΦΜ", "gr.amka": "amka, ΑΜΚΑ",
    "hr.oib": "oib, oib_kupca", "si.emso": "emso, EMŠO", "ie.pps": "ppsn, pps_no", "tr.tckn": "tc_kimlik, tckn",
    "in.aadhaar": "aadhaarNo, uidai", "in.pan": "pan_card, panNo", "in.gstin": "gstin, gst_no",
    "br.cpf": "cpf, cpf_cliente", "br.cnpj": "cnpj, cnpj_fornecedor", "ar.cuit": "cuit, cuil_emp", "cl.rut": "rut, rut_cliente",
    "co.nit": "nit, nit_empresa", "mx.curp": "curp, CURP_emp", "mx.rfc": "rfc, rfc_cliente", "std.pe.ruc": "ruc, ruc_prov",
    "std.ec.ci": "cedula_ec, ci_ecuador", "ca.sin": "sinNo, social_ins_no", "au.tfn": "tfn, taxFileNo", "au.abn": "abn, abn_no",
    "au.medicare": "medicareNo, medicare_card", "nz.ird": "ird, irdNo", "za.id": "sa_id_no, rsaId", "cn.ric": "身份证号码, idcard_cn",
    "jp.cn": "法人番号, corp_no_jp", "kr.rrn": "rrn, 주민번호", "sg.nric": "nric, nricFin", "hk.hkid": "hkid, hkid_no",
    "th.pin": "thai_id, เลขบัตรประชาชน", "il.id": "teudat_zehut, tz", "us.npi": "npi, providerNpi", "us.ein": "fein, einNo",
    "us.itin": "itin, itinNo", "us.mbi": "mbi, medicareId", "std.ru.inn": "ИНН, inn", "gb.utr": "utr, utrNo", "de.kvnr": "kvnr, Versichertennr",
}  # fmt: skip
"""National numbers and names that the people who keep them write."""
TELLING_ONLY = {
    "person.age", "finance.cvv", "finance.salary", "secret.password", "person.username", "id.employee_number",
    "id.medical_record", "id.passport_any", "de.plz", "us.zip", "finance.card_expiry", "geo.latitude",
    "geo.longitude", "person.birth_date", "us.npi", "us.itin", "us.ein", "contact.fax", "us.cusip", "vehicle.plate",
    "us.aba", "gb.utr",
}  # fmt: skip
"""What nobody could tell from values alone; always under a name that tells."""
ANY_OF_EQUALS: Mapping[str, tuple[str, ...]] = {
    "cz.rc": ("sk.rc",), "sk.rc": ("cz.rc",), "ee.ik": ("lt.asmens",), "lt.asmens": ("ee.ik",),
    "contact.fax": ("contact.phone",), "health.icd10": (), "person.full_name": (),
}  # fmt: skip
"""Labels that are computed or written alike: beside the right one they are neither right nor wrong."""


def _ints(low: int, high: int) -> Maker:
    return each(lambda c: str(c.randint(low, high)))


def _when(*forms: str) -> Maker:
    def make(chance: random.Random) -> Draw:
        written = chance.choice(forms)
        return lambda c: (
            (
                datetime(2021, 1, 1) + timedelta(minutes=c.randrange(2_500_000))  # noqa: DTZ001
            ).strftime(written)
        )

    return make


def _luhn_one_in_ten(chance: random.Random) -> Draw:
    prefix = str(chance.randint(1, 9))
    return lambda c: prefix + f"{c.randrange(10**14):014d}" + c.choice(DIGITS)


def _iterating(first: int, step: int, width: int) -> Maker:
    def make(chance: random.Random) -> Draw:
        at = [first + chance.randrange(first)]

        def draw(c: random.Random) -> str:
            at[0] += c.randint(1, step)
            return f"{at[0]:0{width}d}"

        return draw

    return make


COMMENTS = (
    "Customer called about late delivery", "please check stock before shipping", "Rückruf vereinbart, keine Antwort",
    "left with neighbour at no 12", "sent twice by mistake", "ok", "second attempt failed - gate locked",
    "Lieferung am Dienstag nicht möglich", "le colis est endommagé", "paid in cash, 20 off", "refund approved by floor manager",
)  # fmt: skip
NOTHING: Mapping[str, tuple[Maker, str]] = {
    "order_dash": (form("###-#######-#######"), "amazonOrderRef, order_ref"),
    "po_number": (form("PO-2024-#####", "PO######"), "poNbr, purchaseOrder"),
    "invoice_year": (form("INV2024######", "RE-2023-####"), "invNo, Rechnungsnr, num_factura"),
    "sku_long": (form("@@@-####-@@-##", "@##-####", "####-@@"), "stockCode, articleNo, item_sku, Artikelnr"),
    "batch": (form("L#####@", "LOT####-##"), "lotNo, batch_nbr, Charge"),
    "hash_md5": (each(lambda c: c.randbytes(16).hex()), "content_hash, md5sum, fingerprint"),
    "hash_short": (each(lambda c: c.randbytes(4).hex()), "short_sha, crc32, rev"),
    "hash_sha512": (each(lambda c: c.randbytes(64).hex()), "sha512, digest"),
    "epoch_int": (_ints(1_600_000_000, 1_760_000_000), "createdTs, last_seen, mtime, modified_epoch"),
    "epoch_ms": (_ints(1_600_000_000_000, 1_760_000_000_000), "evtTime, ingest_ms"),
    "yyyymmdd": (_when("%Y%m%d"), "load_dt, partition_key, business_date"),
    "yyyymm": (_when("%Y%m"), "periodKey, billing_month"),
    "version": (form("v#.##.#", "#.#.##-rc#"), "swVersion, releaseTag, build"),
    "sem_four": (each(lambda c: f"{c.randint(80, 140)}.0.{c.randrange(7000)}.{c.randrange(200)}"), "browserVersion, chrome_ver, agent_build"),
    "internal8": (_ints(10**7, 10**8 - 1), "dim_key, fact_sk, objId, surrogateKey"),
    "internal9": (_ints(10**8, 10**9 - 1), "acctRef, nodeId, matter_no, Vorgangsnummer"),
    "internal10": (_ints(10**9, 10**10 - 1), "loan_ref, jobId, workItem, dossier_ref"),
    "internal11": (_ints(10**10, 10**11 - 1), "txnSeq, session_no, trace"),
    "internal13": (_ints(10**12, 10**13 - 1), "article_ref, big_id, partner_key"),
    "internal16": (_luhn_one_in_ten, "gateway_ref, settlement_id, psp_reference"),
    "seq9": (_iterating(2 * 10**8, 9, 9), "recNo, doc_id, entry_no"),
    "seq11": (_iterating(4 * 10**10, 9, 11), "ledgerEntry, posting_id"),
    "phone_like": (form("###-###-####X", "4##-##-####-#"), "part_no, drawing_number"),
    "ticket": (form("INC#######", "JIRA-####", "CS-######"), "ticketKey, incident, case_ref"),
    "qty": (_ints(1, 500), "qtyOnHand, itemsSold, stk, Anzahl, count"),
    "zip_like_count": (_ints(10_000, 99_999), "count, total_views, impressions, n"),
    "small_money": (each(lambda c: f"{c.uniform(1, 400):.2f}"), "netAmt, unitPrice, prix_ht, importe, freight"),
    "eur_money": (each(lambda c: f"{c.randrange(10**4)},{c.randrange(100):02d}"), "Betrag, Summe, montant"),
    "percent_sign": (each(lambda c: f"{c.uniform(0, 100):.1f}%"), "marginPct, conversion_rate, Quote"),
    "fraction": (each(lambda c: f"{c.random():.4f}"), "confidence, p_value, similarity"),
    "signed_decimal": (each(lambda c: f"{c.uniform(-90, 90):.4f}"), "residuals, z_offset, drift, pnl"),
    "temperature": (each(lambda c: f"{c.gauss(12, 9):.1f}"), "tempC, sensor_reading, t_out"),
    "coffee": (one_of(("Espresso", "Flat White", "Latte", "Cappuccino", "Mocha", "Cortado")), "drink, menuItem, beverage"),
    "furniture": (one_of(("Oslo Sofa", "Bergen Chair", "Malmö Table", "Turin Lamp", "Paris Desk")), "productNm, model_name, article"),
    "garment": (one_of(("T-Shirt", "Hoodie", "Jeans", "Sneakers", "Scarf", "Blazer")), "prod_type, goods, Warengruppe"),
    "tv_shows": (one_of(("Lost Harbour", "The Long Winter", "Night Shift", "Blue Train", "Old Friends")), "programme, episode_title, film"),
    "comment": (each(lambda c: f"{c.choice(COMMENTS)}; {c.choice(COMMENTS)}"), "memo, remark, Bemerkung, observaciones, note_txt"),
    "log_json": (each(lambda c: f'{{"lvl":"info","ms":{c.randrange(900)},"op":"{c.choice(("read", "write", "scan"))}"}}'), "rawLog, event_body, ctx"),
    "log_text": (each(lambda c: f"[{c.randrange(10**5)}] {c.choice(('WARN', 'INFO'))} pool.{c.choice('abc')}: {c.choice(('timeout', 'connected', 'retry'))} after {c.randrange(5000)}ms"), "logMsg, stderr, trace_line"),
    "stack": (each(lambda c: f"at com.shop.{c.choice(('cart', 'order'))}.Service.run(Service.java:{c.randrange(900)})"), "stackFrame, exception_at"),
    "enum_code": (one_of(("A1", "B2", "C3", "D4"), ("NEW", "OPN", "CLS", "REJ"), ("01", "02", "03", "99")), "statusCd, typ, reason_code, Kz"),
    "iata_like": (one_of(("LHR", "JFK", "CDG", "FRA", "HND", "DXB", "SIN")), "hub, originCode, dest"),
    "three_letters": (each(lambda c: _of(c, UPPER, 3)), "abbr, grp, desk"),
    "hex_colours": (each(lambda c: f"#{c.randrange(2**24):06X}"), "bgColor, hexCode, accent"),
    "windows_path": (each(lambda c: f"D:\\share\\{c.choice(('in', 'out'))}\\{c.randrange(9999)}.{c.choice(('xml', 'dat'))}"), "srcFile, import_path, datei"),
    "s3_path": (each(lambda c: f"raw/{c.randint(2020, 2025)}/{c.randint(1, 12):02d}/part-{c.randrange(999):05d}.snappy.parquet"), "objectKey, blob, location_key"),
    "file": (each(lambda c: f"scan_{c.randrange(9999):04d}.{c.choice(('pdf', 'jpg', 'tif'))}"), "attachment, doc_file, anhang"),
    "boolean": (one_of(("yes", "no"), ("T", "F"), ("ja", "nein"), ("on", "off"), ("oui", "non")), "isVip, hasChildren, opt, verwendet"),
    "years": (_ints(1900, 2025), "yr, vintage, founded, Baujahr"),
    "hours": (each(lambda c: f"{c.randrange(24):02d}:{c.choice((0, 15, 30, 45)):02d}"), "slot, openFrom, abfahrt"),
    "iso_times": (_when("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p"), "evtDttm, changedAt, zeitstempel, fecha_hora"),
    "past_dates": (day(2005, 2025, "%Y-%m-%d", "%d/%m/%Y"), "contractStart, eff_dt, Buchungsdatum, closing"),
    "weekday": (one_of(("Mon", "Tue", "Wed", "Thu", "Fri"), ("Montag", "Dienstag", "Mittwoch"), ("January", "February", "March", "April", "May", "June")), "dow, weekday, monat"),
    "quarter": (one_of(("Q1", "Q2", "Q3", "Q4"), ("FY23", "FY24", "FY25")), "fq, reporting_period"),
    "rating": (one_of(("AAA", "AA", "A", "BBB", "BB"), ("1", "2", "3", "4", "5")), "creditGrade, stars, bewertung"),
    "sizes": (one_of(("38", "39", "40", "41", "42", "43"), ("S", "M", "L", "XL")), "shoeSize, sz, Groesse"),
    "dimension": (each(lambda c: f"{c.randint(5, 99)}x{c.randint(5, 99)}x{c.randint(1, 40)}"), "dims, LxBxH, packaging"),
    "units": (one_of(("ea", "pk", "cs", "m2", "kWh"), ("mg/dL", "mmol/L", "U/L")), "uomCd, unit_label, ME"),
    "http_path": (each(lambda c: f"/api/v{c.randint(1, 3)}/{c.choice(('orders', 'carts', 'items'))}/{c.randrange(10**5)}"), "endpoint, route, requestPath"),
    "sql": (each(lambda c: f"SELECT * FROM t{c.randrange(99)} WHERE k = {c.randrange(999)}"), "stmt, query_text"),
    "class_name": (each(lambda c: f"com.{c.choice(('acme', 'shop', 'core'))}.{c.choice(('Order', 'Cart', 'Item'))}{c.choice(('Dao', 'Service', 'Job'))}"), "javaClass, logger, handler"),
    "snake": (each(lambda c: f"{c.choice(('load', 'sync', 'purge', 'export'))}_{c.choice(('orders', 'stock', 'prices', 'events'))}_{c.choice(('daily', 'hourly'))}"), "jobNm, pipeline, dag"),
    "dept_code": (form("D##", "KST ####", "OU-@@@"), "orgUnit, kostenstelle, costCtr"),
    "gl": (_ints(1000, 8999), "glAcct, ledger, sachkonto"),
    "grid": (form("@#", "R##-S##-B#"), "cell, shelf, lagerplatz"),
    "elements": (one_of(("Oak", "Pine", "Birch", "Maple", "Walnut", "Ash")), "material, wood, finish"),
    "animals": (one_of(("Labrador", "Poodle", "Beagle", "Boxer", "Husky")), "breed, rasse"),
    "teams": (one_of(("Lions", "Eagles", "Rangers", "United", "Wanderers")), "home_team, squadNm, verein"),
    "ports": (one_of(("8080", "443", "9200", "5672", "27017")), "listenPort, svc_port"),
    "geohash": (each(lambda c: _of(c, "0123456789bcdefghjkmnpqrstuvwxyz", 9)), "tile, gh9, quadkey"),
    "base64": (each(lambda c: base64.b64encode(c.randbytes(24)).decode()), "blobData, iv, cipher"),
    "nanoid": (each(lambda c: _of(c, string.ascii_letters + DIGITS + "_-", 21)), "publicId, nano, ext_key"),
    "mongo": (each(lambda c: f"{c.randrange(0x60000000, 0x68000000):08x}" + c.randbytes(8).hex()), "_id, parentId, docRef"),
    "ulid": (each(lambda c: "01H" + _of(c, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23)), "ulid, msgId, evt"),
    "lang_tag": (one_of(("utf-8", "latin-1", "ascii"), ("GMT+1", "UTC", "CET", "PST")), "charset, tz, encoding"),
    "chem": (one_of(("H2O", "NaCl", "CO2", "CH4", "NH3", "C6H12O6")), "compound, formula"),
    "gene_seq": (each(lambda c: _of(c, "ACGT", c.randint(20, 40))), "seq_read, primer"),
    "process": (each(lambda c: f"{c.choice(('nginx', 'java', 'postgres', 'redis'))}[{c.randrange(99999)}]"), "proc, daemon"),
    "emoji": (one_of(("👍", "👎", "🎉", "❤️")), "reaction, mood"),
    "score_range": (_ints(0, 100), "nps, percentile, punkte"),
    "credit_like": (_ints(300, 850), "pts, bonusPoints, loyalty"),
    "lat_like": (each(lambda c: f"{c.uniform(0, 60):.6f}"), "loss, latencySec, weight_kg, gewicht"),
    "colours": (one_of(("Red", "Green", "Blue", "Black", "Rose", "Amber", "Violet"), ("rot", "blau", "grün", "weiß")), "farbe, colourName, variant"),
}  # fmt: skip
"""Families that hold nothing, with their usual names."""

LYING: tuple[tuple[str, str], ...] = (
    ("email", "hash_md5"), ("email_address", "hash_sha512"), ("customerEmail", "internal9"), ("Email", "boolean"),
    ("phone", "order_dash"), ("phone", "po_number"), ("mobile", "boolean"), ("tel", "enum_code"), ("phone_number", "nanoid"),
    ("ssn", "boolean"), ("ssn", "hash_md5"), ("national_id", "ulid"), ("tax_id", "enum_code"), ("iban", "enum_code"),
    ("iban", "internal8"), ("credit_card", "boolean"), ("card_number", "hash_short"), ("cc", "units"),
    ("first_name", "snake"), ("last_name", "file"), ("name", "class_name"), ("name", "snake"), ("full_name", "s3_path"),
    ("surname", "qty"), ("address", "hex_colours"), ("address", "class_name"), ("street", "small_money"), ("city", "internal8"),
    ("city", "enum_code"), ("country", "qty"), ("zip", "percent_sign"), ("postcode", "boolean"), ("ip", "qty"),
    ("ip_address", "ticket"), ("mac", "enum_code"), ("url", "boolean"), ("password", "boolean"), ("token", "qty"),
    ("dob", "boolean"), ("birth_date", "quarter"), ("gender", "qty"), ("age", "file"), ("vin", "qty"), ("imei", "boolean"),
    ("lat", "enum_code"), ("longitude", "log_text"), ("diagnosis", "boolean"), ("icd10", "units"), ("passport", "years"),
    ("salary", "grid"), ("company", "internal10"), ("username", "percent_sign"), ("isbn", "boolean"), ("currency", "years"),
    ("Vorname", "internal9"), ("téléphone", "boolean"), ("correo", "qty"), ("Straße", "units"), ("фамилия", "qty"),
)  # fmt: skip
"""Names that lie about columns of nothing."""
LIED: tuple[tuple[str, str], ...] = (
    ("order_no", "finance.credit_card"), ("notes", "contact.email"), ("ref", "finance.iban"), ("comment", "contact.phone"),
    ("sku", "vehicle.vin"), ("product", "net.ipv4"), ("phone", "contact.email"), ("email", "net.url"), ("name", "contact.email"),
    ("status", "tech.uuid"), ("ssn", "contact.email"), ("iban", "finance.credit_card"), ("description", "secret.jwt"),
    ("title", "secret.aws_credentials"), ("city", "contact.email"), ("remarks", "it.cf"), ("x_ref", "net.mac"),
    ("code", "finance.isin"), ("fax", "contact.email"), ("customer_no", "net.ipv6"), ("last_name", "finance.iban"),
    ("url", "finance.crypto_eth"), ("card", "finance.iban"), ("vin", "net.mac"), ("address", "contact.email"),
)  # fmt: skip
"""Names that lie about columns that hold something unmistakable."""
BLANK = (
    "c{}", "field_{:02d}", "value", "x", "col{}", "Column {}", "F{}", "data{}", "attribute_{}", "v{}", "Spalte{}", "campo_{}",
    "dato", "info{}", "text{}", "item_{}", "_{}", "unnamed: {}", "val_{}", "misc", "extra_{}", "param{}",
)  # fmt: skip
PLACEHOLDERS = (
    "N/A",
    "n/a",
    "-",
    "--",
    "NULL",
    "(null)",
    "?",
    "unknown",
    "TBD",
    "none",
    "#N/A",
    "missing",
    ".",
)
GARBAGE = (
    "test",
    "TEST123",
    "asdfgh",
    "do not use",
    "12345",
    "xxx",
    "delete me",
    "foo bar",
    "????",
    "see above",
    "0",
)


def blank_name(chance: random.Random) -> str:
    return chance.choice(BLANK).format(chance.randrange(1, 60))


def styled(name: str, chance: random.Random) -> str:
    """The name as another house would write it."""
    luck = chance.random()
    if luck < 0.1:
        return name.upper()
    if luck < 0.2:
        return chance.choice(("src_", "l_", "kunde_", "stg_", "d_")) + name
    if luck < 0.28:
        return name + chance.choice(("_1", "_new", "_txt", "_v2", "_old"))
    return name


def dirtied(draw: Draw, rows: int, chance: random.Random) -> list[str]:
    """Gaps, placeholders, padding, other case, and 10 to 40 % garbage in every fifth column."""
    gaps = chance.choice((0.0, 0.0, 0.1, 0.5))
    garbage = chance.choice((0.0, 0.0, 0.0, 0.0, 0.1, 0.25, 0.4)) if rows >= 60 else 0.0
    padded = chance.choice((0.0, 0.0, 0.2))
    placeholder = chance.choice(PLACEHOLDERS)
    made = []
    for _ in range(rows):
        text, luck = draw(chance), chance.random()
        if luck < gaps:
            text = chance.choice(("", placeholder))
        elif luck < gaps + garbage * (1 - gaps):
            text = chance.choice(
                (chance.choice(GARBAGE), _of(chance, LOWER, 6), str(chance.randrange(999)))
            )
        if chance.random() < padded:
            text = f"  {text} "
        made.append(text)
    return made


def _column(
    name: str, wanted: list[str], family: str, header: str, make: Maker, chance: random.Random
) -> Column:
    rows = chance.choice((30, 80, 200, 500, 1200))
    return Column(name, wanted, family, header, dirtied(make(chance), rows, chance))


def kinds() -> dict[str, tuple[Maker, list[str], list[str]]]:
    """All kinds that hold something, with their names at home and abroad."""
    known = {"person.blank_language": "person.language"}
    found = {
        known.get(label, label): (make, _split(home), _split(abroad))
        for label, (make, home, abroad) in KINDS.items()
    }
    drawn = set(labels())
    for label, names in NATIONAL_NAMES.items():
        if label in drawn:
            found[label] = (numbers(label), _split(names), [])
    return found


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def build(seed: int, rounds: int) -> list[list[Column]]:
    """Tables of columns."""
    chance = random.Random(f"strange-{seed}")
    columns: list[Column] = []
    known = kinds()
    for number in range(rounds):
        for label, (make, home, abroad) in known.items():
            ways = (
                ["named", "foreign", "blank"] if label not in TELLING_ONLY else ["named", "foreign"]
            )
            header = ways[(number + chance.randrange(2)) % len(ways)]
            header = "named" if header == "foreign" and not abroad else header
            name = blank_name(chance)
            if header != "blank":
                name = styled(chance.choice(abroad if header == "foreign" else home), chance)
            columns.append(_column(name, [label], label, header, make, chance))
        for family, (make, names) in NOTHING.items():
            blank = chance.random() < 0.3
            name = blank_name(chance) if blank else styled(chance.choice(_split(names)), chance)
            columns.append(_column(name, [], family, "blank" if blank else "named", make, chance))
        for name, family in LYING if number == 0 else ():
            columns.append(
                _column(name, [], f"{family}:{name}", "lying", NOTHING[family][0], chance)
            )
        for name, label in LIED if number == 0 else ():
            columns.append(
                _column(name, [label], f"{label}:{name}", "lied", known[label][0], chance)
            )
    chance.shuffle(columns)
    return _tables(columns, chance)


def _tables(columns: list[Column], chance: random.Random) -> list[list[Column]]:
    tables: list[list[Column]] = []
    while columns:
        size = chance.randint(1, 9)
        table: dict[str, Column] = {}
        for column in columns[:size]:
            name, n = column.name, 2
            while name.lower() in {each.lower() for each in table}:
                name, n = f"{column.name}_{n}", n + 1
            table[name] = Column(name, column.labels, column.family, column.header, column.values)
        columns = columns[size:]
        tables.append(list(table.values()))
    return tables


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--rounds", type=int, default=3)
    told = asked.parse_args()
    write(told.folder, build(told.seed, told.rounds), told.seed)


if __name__ == "__main__":
    main()
