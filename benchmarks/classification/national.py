"""Numbers of nations and registers, drawn until the number's own check accepts them.

The checks are those of python-stdnum; forms that it does not know are computed here. Nothing is taken
from the classifiers under test.
"""

import random
import re
import string
from collections.abc import Callable
from importlib import import_module

Draw = Callable[[random.Random], str]
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"

FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    # id: (module of stdnum, forms). # digit, @ letter, {..} a date, [..] one of.
    "ar.cuit": ("ar.cuit", ("[20|27|23|30]-########-#", "[20|27|30]#########")),
    "at.uid": ("at.uid", ("ATU########",)),
    "at.vnr": ("at.vnr", ("#### {ddmmyy}", "####{ddmmyy}")),
    "au.abn": ("au.abn", ("## ### ### ###", "###########")),
    "au.acn": ("au.acn", ("### ### ###",)),
    "au.tfn": ("au.tfn", ("### ### ###", "#########")),
    "be.nn": ("be.nn", ("{yy.mm.dd}-###.##", "{yymmdd}#####")),
    "be.vat": ("be.vat", ("BE0#########", "BE 0###.###.###")),
    "bg.egn": ("bg.egn", ("{yymmdd}####",)),
    "br.cnpj": ("br.cnpj", ("##.###.###/0001-##", "########0001##")),
    "br.cpf": ("br.cpf", ("###.###.###-##", "###########")),
    "ca.sin": ("ca.sin", ("### ### ###", "###-###-###", "#########")),
    "ch.ahv": ("ch.ssn", ("756.####.####.##", "756##########")),
    "cl.rut": ("cl.rut", ("##.###.###-%", "########-%")),
    "cn.ric": ("cn.ric", ("[110101|310104|440106|510104|330106|420106|320102]{yyyymmdd}###%",)),
    "co.nit": ("co.nit", ("#########-#", "[8|9]##.###.###-#")),
    "cz.rc": ("cz.rc", ("{yymmdd}/####", "{yymmdd}####")),
    "de.vat": ("de.vat", ("DE#########",)),
    "dk.cpr": ("dk.cpr", ("{ddmmyy}-####", "{ddmmyy}####")),
    "ee.ik": ("ee.ik", ("[3|4]{yymmdd}####",)),
    "es.cif": ("es.cif", ("[A|B]########",)),
    "es.dni": ("es.dni", ("########@", "########-@")),
    "es.nie": ("es.nie", ("[X|Y]#######@",)),
    "fi.hetu": ("fi.hetu", ("{ddmmyy}-###@", "{ddmmyy}-####")),
    "fi.ytunnus": ("fi.ytunnus", ("#######-#",)),
    "std.fr.siren": ("fr.siren", ("### ### ###", "#########")),
    "std.fr.siret": ("fr.siret", ("### ### ### 000##", "#########000##")),
    "gb.nhs": ("gb.nhs", ("### ### ####", "##########")),
    "gb.utr": ("gb.utr", ("##########",)),
    "std.gb.vat": ("gb.vat", ("GB#########", "GB ### #### ##")),
    "gr.afm": ("gr.vat", ("EL#########", "#########")),
    "gr.amka": ("gr.amka", ("{ddmmyy}#####",)),
    "hr.oib": ("hr.oib", ("###########", "HR###########")),
    "hu.anum": ("hu.anum", ("HU########", "########")),
    "ie.pps": ("ie.pps", ("#######@A", "#######@")),
    "il.id": ("il.idnr", ("#########", "#######-#")),
    "in.aadhaar": ("in_.aadhaar", ("#### #### ####", "############")),
    "in.pan": ("in_.pan", ("@@@P@####@", "@@@C@####@")),
    "std.is_.kennitala": ("is_.kennitala", ("{ddmmyy}-####",)),
    "it.iva": ("it.iva", ("###########", "IT###########")),
    "jp.cn": ("jp.cn", ("#############",)),
    "kr.rrn": ("kr.rrn", ("{yymmdd}-[1|2]######",)),
    "kr.brn": ("kr.brn", ("###-##-#####",)),
    "lt.asmens": ("lt.asmens", ("[3|4]{yymmdd}####",)),
    "lv.pk": ("lv.pvn", ("{ddmmyy}-1####", "{ddmmyy}1####")),
    "mx.rfc": ("mx.rfc", ("@@@@{yymmdd}@#%",)),
    "nl.bsn": ("nl.bsn", ("#########",)),
    "nl.btw": ("nl.btw", ("NL#########B##",)),
    "no.fnr": ("no.fodselsnummer", ("{ddmmyy}#####", "{ddmmyy} #####")),
    "std.no.orgnr": ("no.orgnr", ("### ### ###", "#########")),
    "nz.ird": ("nz.ird", ("[10|11|12]#-###-###",)),
    "std.pe.ruc": ("pe.ruc", ("[10|20]#########",)),
    "pl.nip": ("pl.nip", ("###-###-##-##", "##########")),
    "pl.pesel": ("pl.pesel", ("{yymmdd}#####",)),
    "pl.regon": ("pl.regon", ("#########",)),
    "pt.nif": ("pt.nif", ("#########", "PT#########")),
    "ro.cnp": ("ro.cnp", ("[1|2]{yymmdd}[12|22|35|40]####",)),
    "std.rs.pib": ("rs.pib", ("#########",)),
    "std.ru.inn": ("ru.inn", ("############", "##########")),
    "se.pnr": ("se.personnummer", ("{yymmdd}-####", "{yyyymmdd}-####")),
    "se.orgnr": ("se.orgnr", ("55####-####",)),
    "si.emso": ("si.emso", ("{ddmm}[970|985|991|963]50[0|5]###",)),
    "sk.rc": ("sk.rc", ("{yymmdd}/####",)),
    "sg.uen": ("sg.uen", ("[2003|2011|1998]#####@",)),
    "th.pin": ("th.pin", ("[1|2|3]-####-#####-##-#", "[1|2|3]############")),
    "tr.tckn": ("tr.tckimlik", ("###########",)),
    "std.ua.rntrc": ("ua.rntrc", ("##########",)),
    "us.aba": ("us.rtn", ("[02|06|07|11|12|31]#######",)),
    "us.cusip": ("cusip", ("######@##", "#########")),
    "std.uy.rut": ("uy.rut", ("21######001#",)),
    "std.ve.rif": ("ve.rif", ("J-########-#", "V#########")),
    "std.ec.ci": ("ec.ci", ("[17|09|01]########",)),
    "std.do.cedula": ("do.cedula", ("###-#######-#",)),
    "za.id": ("za.idnr", ("{yymmdd}####08#", "{yymmdd}#######")),
    "std.ean": ("ean", ("4############", "590##########")),
    "std.isbn": ("isbn", ("978##########", "978-#-##-######-#", "#########%")),
    "std.issn": ("issn", ("####-###%",)),
    "std.isni": ("isni", ("0000 000# #### ###%",)),
    "std.imo": ("imo", ("IMO #######", "[8|9]######")),
    "std.figi": ("figi", ("BBG00#@#@@@#",)),
    "std.gb.sedol": ("gb.sedol", ("B######", "0######")),
    "finance.isin": ("isin", ("US##########", "DE000#######", "FR##########", "GB00########")),
    "std.iso6346": ("iso6346", ("[MSCU|CSQU|TCLU]#######",)),
    "std.casrn": ("casrn", ("#####-##-#", "####-##-#")),
    "device.imei": ("imei", ("35#############", "86#############")),
}
"""Ids whose numbers are drawn from a form until python-stdnum accepts them."""

_ACCEPTS: dict[str, Callable[[str], bool]] = {
    "device.imei": lambda text: import_module("stdnum.luhn").is_valid(text),
}
_TOKEN = re.compile(r"\{[^}]+\}|\[[^\]]+\]|.")


def _date(chance: random.Random, form: str) -> str:
    year, month, day = chance.randint(1940, 2003), chance.randint(1, 12), chance.randint(1, 28)
    text = form.replace("yyyy", f"{year}").replace("yy", f"{year % 100:02d}")
    return text.replace("mm", f"{month:02d}").replace("dd", f"{day:02d}")


def fill(form: str, chance: random.Random) -> str:
    """One drawing from a form, before any check."""
    parts = []
    for token in _TOKEN.findall(form):
        if token[0] == "{" and len(token) > 1:
            parts.append(_date(chance, token[1:-1]))
        elif token[0] == "[" and len(token) > 1:
            parts.append(chance.choice(token[1:-1].split("|")))
        elif token == "#":
            parts.append(str(chance.randrange(10)))
        elif token == "@":
            parts.append(chance.choice(string.ascii_uppercase))
        elif token == "%":
            parts.append(
                chance.choice("0123456789X" if "X" in form or len(form) < 16 else "0123456789XK")
            )
        else:
            parts.append(token)
    return "".join(parts)


def _accept(name: str, module: str) -> Callable[[str], bool]:
    known = _ACCEPTS.get(name)
    if known is not None:
        return known
    check = import_module(f"stdnum.{module}").is_valid
    return lambda text: bool(check(text))


def draw(name: str, form: str, chance: random.Random, tries: int = 60_000) -> str:
    """A number of this form that passes its own check."""
    check = _accept(name, FORMS[name][0])
    kept = form
    for _ in range(tries):
        text = fill(kept, chance)
        if name == "cl.rut":
            text = text.replace("X", "K")
        if check(text):
            return text
    raise ValueError(f"no {name} of the form {form}")


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


def _luhn(body: str) -> str:
    return body + str(import_module("stdnum.luhn").calc_check_digit(body))


def de_idnr(chance: random.Random) -> str:
    digits = chance.sample("0123456789", 10)
    digits[chance.randrange(1, 10)] = digits[0]
    chance.shuffle(digits)
    while digits[0] == "0" or any(
        a == b == c for a, b, c in zip(digits, digits[1:], digits[2:], strict=False)
    ):
        chance.shuffle(digits)
    body = "".join(digits)
    return body + str(import_module("stdnum.iso7064.mod_11_10").calc_check_digit(body))


def fr_nir(chance: random.Random) -> str:
    body = (
        f"{chance.choice('12')}{chance.randrange(100):02d}{chance.randint(1, 12):02d}"
        f"{chance.choice(['75', '13', '69', '33', '59', '44', '31'])}"
        f"{chance.randint(1, 300):03d}{chance.randint(1, 900):03d}"
    )
    key = f"{97 - int(body) % 97:02d}"
    if chance.random() < 0.5:
        return body + key
    return f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {key}"


def fr_tva(chance: random.Random) -> str:
    siren = draw("std.fr.siren", "#########", chance)
    return f"FR{(int(siren + '12')) % 97:02d}{siren}"


def it_cf(chance: random.Random) -> str:
    def part() -> str:
        return "".join(chance.choice("BCDFGLMNPRSTV") for _ in range(3))

    day = chance.randint(1, 28) + chance.choice((0, 40))
    body = (
        f"{part()}{part()}{chance.randrange(100):02d}{chance.choice('ABCDEHLMPRST')}{day:02d}"
        f"{chance.choice('HFLGDA')}{chance.choice(['501', '205', '219', '839', '612', '944'])}"
    )
    return body + str(import_module("stdnum.it.codicefiscale").calc_check_digit(body))


def de_rvnr(chance: random.Random) -> str:
    area, serial = f"{chance.choice([12, 13, 15, 17, 25, 53, 65])}", f"{chance.randrange(100):02d}"
    letter = chance.choice(LETTERS)
    birth = _date(chance, "ddmmyy")
    body = area + birth + f"{ord(letter) - 64:02d}" + serial
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    total = sum(sum(divmod(int(d) * w, 10)) for d, w in zip(body, weights, strict=True))
    return f"{area}{birth}{letter}{serial}{total % 10}"


def sg_nric(chance: random.Random) -> str:
    head = chance.choice("STFG")
    digits = f"{chance.randrange(10**7):07d}"
    total = _weighted(digits, (2, 7, 6, 5, 4, 3, 2)) + (4 if head in "TG" else 0)
    table = "JZIHGFEDCBA" if head in "ST" else "XWUTRQPNMLK"
    return head + digits + table[total % 11]


def hk_hkid(chance: random.Random) -> str:
    letter = chance.choice(LETTERS)
    digits = f"{chance.randrange(10**6):06d}"
    total = 36 * 9 + (ord(letter) - 55) * 8 + _weighted(digits, (7, 6, 5, 4, 3, 2))
    rest = (11 - total % 11) % 11
    return f"{letter}{digits}({'A' if rest == 10 else rest})"


def au_medicare(chance: random.Random) -> str:
    body = f"{chance.randint(2, 6)}{chance.randrange(10**7):07d}"
    check = _weighted(body, (1, 3, 7, 9, 1, 3, 7, 9)) % 10
    text = f"{body}{check}{chance.randint(1, 5)}"
    return text if chance.random() < 0.5 else f"{text[:4]} {text[4:9]} {text[9]}"


def mx_curp(chance: random.Random) -> str:
    module = import_module("stdnum.mx.curp")
    while True:
        consonants = "".join(chance.choice("BCDFGHJKLMNPRSTVXZ") for _ in range(3))
        body = (
            f"{chance.choice('BCDGHLMPRS')}{chance.choice('AEIOU')}"
            f"{''.join(chance.choice('BCDFGHJLMNPRST') for _ in range(2))}"
            f"{_date(chance, 'yymmdd')}{chance.choice('HM')}"
            f"{chance.choice(['DF', 'JC', 'NL', 'PL', 'VZ', 'MC', 'OC'])}{consonants}{chance.randrange(10)}"
        )
        text = body + str(module.calc_check_digit(body))
        if module.is_valid(text):
            return text


def in_gstin(chance: random.Random) -> str:
    pan = draw("in.pan", "@@@C@####@", chance)
    body = f"{chance.choice(['27', '29', '07', '33', '24'])}{pan}1Z"
    for last in "0123456789" + string.ascii_uppercase:
        if import_module("stdnum.in_.gstin").is_valid(body + last):
            return body + last
    return in_gstin(chance)


def gb_nino(chance: random.Random) -> str:
    first, second = chance.choice("ABCEGHJKLMNPRSTWXYZ"), chance.choice("ABCEGHJKLMNPRSTWXYZ")
    if first + second in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}:
        return gb_nino(chance)
    digits = [f"{chance.randrange(100):02d}" for _ in range(3)]
    glue = chance.choice(("", " "))
    return glue.join([first + second, *digits, chance.choice("ABCD")])


def us_ssn(chance: random.Random) -> str:
    area = chance.choice([*range(1, 666), *range(667, 900)])
    return f"{area:03d}-{chance.randint(1, 99):02d}-{chance.randint(1, 9999):04d}"


def us_itin(chance: random.Random) -> str:
    return f"9{chance.randrange(100):02d}-{chance.choice([70, 74, 78, 81, 85, 94, 97])}-{chance.randint(1, 9999):04d}"


def us_ein(chance: random.Random) -> str:
    return f"{chance.choice(['12', '20', '26', '33', '45', '52', '61', '75', '81', '94'])}-{chance.randrange(10**7):07d}"


def us_npi(chance: random.Random) -> str:
    body = f"1{chance.randrange(10**8):08d}"
    return _luhn("80840" + body)[5:]


def us_dea(chance: random.Random) -> str:
    digits = f"{chance.randrange(10**6):06d}"
    odd = sum(int(d) for d in digits[::2])
    even = sum(int(d) for d in digits[1::2])
    return f"{chance.choice('ABFGM')}{chance.choice(LETTERS)}{digits}{(odd + 2 * even) % 10}"


def us_mbi(chance: random.Random) -> str:
    letters, both = "ACDEFGHJKMNPQRTUVWXY", "ACDEFGHJKMNPQRTUVWXY0123456789"

    def one(kind: str) -> str:
        return chance.choice({"C": "123456789", "A": letters, "N": string.digits, "B": both}[kind])

    return "".join(one(kind) for kind in "CABNABNAANN")


def us_ndc(chance: random.Random) -> str:
    form = chance.choice(("#####-####-##", "####-####-##", "#####-###-##"))
    return fill(form, chance)


def vin(chance: random.Random) -> str:
    allowed = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    values = dict(zip("ABCDEFGH", range(1, 9), strict=True))
    values |= dict(zip("JKLMN", range(1, 6), strict=True)) | {"P": 7, "R": 9}
    values |= dict(zip("STUVWXYZ", range(2, 10), strict=True)) | {d: int(d) for d in string.digits}
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    head = chance.choice(["1HG", "WVW", "JTD", "2T1", "WBA", "5YJ", "3FA", "KMH"])
    text = head + "".join(chance.choice(allowed) for _ in range(5)) + "0"
    text += chance.choice("FGHJKLMNPR") + chance.choice(allowed) + f"{chance.randrange(10**6):06d}"
    rest = sum(values[c] * w for c, w in zip(text, weights, strict=True)) % 11
    return text[:8] + ("X" if rest == 10 else str(rest)) + text[9:]


def lei(chance: random.Random) -> str:
    body = f"{chance.choice(['5493', '2138', '5299', '9695', 'R0MU'])}00"
    body += "".join(chance.choice(string.ascii_uppercase + string.digits) for _ in range(12))
    return body + import_module("stdnum.iso7064.mod_97_10").calc_check_digits(body)


def iccid(chance: random.Random) -> str:
    return _luhn(
        f"89{chance.choice(['4910', '3310', '0141', '4420'])}{chance.randrange(10**12):012d}"
    )


def imsi(chance: random.Random) -> str:
    return f"{chance.choice(['26201', '26202', '31026', '20801', '23415', '22210'])}{chance.randrange(10**10):010d}"


def my_nric(chance: random.Random) -> str:
    return f"{_date(chance, 'yymmdd')}-{chance.choice(['14', '10', '01', '07', '12'])}-{chance.randrange(10**4):04d}"


def ng_nin(chance: random.Random) -> str:
    return f"{chance.randrange(10**10, 10**11)}"


def pk_cnic(chance: random.Random) -> str:
    return f"{chance.choice([3, 4, 5, 6])}{chance.randrange(1, 7)}{chance.randrange(1000):03d}-{chance.randrange(10**7):07d}-{chance.randint(1, 9)}"


def id_nik(chance: random.Random) -> str:
    return f"{chance.choice(['3174', '3273', '3578', '1271'])}{chance.randint(1, 20):02d}{_date(chance, 'ddmmyy')}{chance.randint(1, 999):04d}"


def de_kvnr(chance: random.Random) -> str:
    letter = chance.choice(string.ascii_uppercase)
    digits = f"{chance.randrange(10**8):08d}"
    body = f"{ord(letter) - 64:02d}{digits}"
    total = sum(sum(divmod(int(d) * (1 + n % 2), 10)) for n, d in enumerate(body))
    return f"{letter}{digits}{total % 10}"


def de_stnr(chance: random.Random) -> str:
    return f"{chance.randint(10, 99)}/{chance.randint(100, 999)}/{chance.randint(10000, 99999)}"


def btc(chance: random.Random) -> str:
    from hashlib import sha256

    if chance.random() < 0.4:
        return _bech32(chance)
    payload = b"\x00" + chance.randbytes(20)
    payload += sha256(sha256(payload).digest()).digest()[:4]
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(payload, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = alphabet[rest] + text
    return "1" + text


def _bech32(chance: random.Random) -> str:
    module = import_module("stdnum.bitcoin")
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    data = [0] + [chance.randrange(32) for _ in range(31)] + [chance.choice((0, 16))]
    values = [ord(c) >> 5 for c in "bc"] + [0] + [ord(c) & 31 for c in "bc"] + data
    poly = _polymod([*values, 0, 0, 0, 0, 0, 0]) ^ 1
    text = "bc1" + "".join(alphabet[d] for d in data)
    text += "".join(alphabet[(poly >> 5 * (5 - n)) & 31] for n in range(6))
    return text if module.is_valid(text) else _bech32(chance)


def _polymod(values: list[int]) -> int:
    total = 1
    for value in values:
        top = total >> 25
        total = (total & 0x1FFFFFF) << 5 ^ value
        for n, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            total ^= generator if (top >> n) & 1 else 0
    return total


COMPUTED: dict[str, Draw] = {
    "de.idnr": de_idnr, "fr.nir": fr_nir, "fr.tva": fr_tva, "it.cf": it_cf, "de.rvnr": de_rvnr,
    "sg.nric": sg_nric, "hk.hkid": hk_hkid, "au.medicare": au_medicare, "mx.curp": mx_curp,
    "in.gstin": in_gstin, "gb.nino": gb_nino, "us.ssn": us_ssn, "us.itin": us_itin,
    "us.ein": us_ein, "us.npi": us_npi, "us.dea": us_dea, "us.mbi": us_mbi, "us.ndc": us_ndc,
    "vehicle.vin": vin, "std.lei": lei, "device.iccid": iccid, "device.imsi": imsi,
    "my.nric": my_nric, "ng.nin": ng_nin, "std.pk.cnic": pk_cnic, "id.nik": id_nik,
    "de.kvnr": de_kvnr, "de.stnr": de_stnr, "finance.crypto_btc": btc,
}  # fmt: skip
"""Ids whose numbers are computed."""


def drawer(name: str, chance: random.Random) -> Draw:
    """How one column's numbers are drawn: mostly one form, as one system writes it."""
    if name in COMPUTED:
        return COMPUTED[name]
    form = chance.choice(FORMS[name][1])
    return lambda c: draw(name, form, c)
