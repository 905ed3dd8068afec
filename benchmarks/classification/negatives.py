"""Columns that hold none of it, though many look as if they did."""

import random
import string
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from values import _of, card, faker_of, hexed

Draw = Callable[[random.Random], str]
UPPER = string.ascii_uppercase
DIGITS = string.digits


def digits(size: int) -> Draw:
    return lambda c: str(c.randrange(10 ** (size - 1), 10**size))


def _serial(size: int, start: int) -> Draw:
    state = [start]

    def one(c: random.Random) -> str:
        state[0] += c.randint(1, 7)
        return f"{state[0]:0{size}d}"

    return one


def _words(*options: str) -> Draw:
    return lambda c: c.choice(options)


def _moment(c: random.Random) -> datetime:
    return datetime(2018, 1, 1) + timedelta(seconds=c.randrange(8 * 365 * 86400))  # noqa: DTZ001


def _day(form: str) -> Draw:
    return lambda c: _moment(c).strftime(form)


def _not_luhn(c: random.Random) -> str:
    number = card(random.Random(c.random()))(c).replace(" ", "").replace("-", "")
    last = c.choice([d for d in DIGITS if d != number[-1]])
    return number[:-1] + last


def _sentence(c: random.Random) -> str:
    fake = faker_of("en_US")
    fake.seed_instance(c.randrange(2**32))
    return str(fake.sentence(nb_words=10))


def _product(c: random.Random) -> str:
    first = c.choice(
        [
            "Classic",
            "Ultra",
            "Mini",
            "Pro",
            "Eco",
            "Smart",
            "Premium",
            "Deluxe",
            "Basic",
            "Compact",
            "Heavy-Duty",
        ]
    )
    second = c.choice(
        ["Steel", "Cotton", "Wooden", "Plastic", "Leather", "Ceramic", "Carbon", "Glass", "Rubber"]
    )
    third = c.choice(
        [
            "Chair",
            "Lamp",
            "Keyboard",
            "Bottle",
            "Shirt",
            "Desk",
            "Mouse",
            "Backpack",
            "Kettle",
            "Sofa",
            "Drill",
            "Clock",
        ]
    )
    return f"{first} {second} {third}"


def _log(c: random.Random) -> str:
    level = c.choice(("INFO", "WARN", "ERROR", "DEBUG"))
    what = c.choice(
        ("cache miss", "job finished", "retrying request", "queue drained", "pool resized")
    )
    return (
        f"{_moment(c).isoformat()} {level} worker-{c.randrange(16)} {what} in {c.randrange(900)} ms"
    )


def _path(c: random.Random) -> str:
    parts = [
        c.choice(("data", "export", "tmp", "archive", "home/app", "var/log")) for _ in range(2)
    ]
    return f"/{'/'.join(parts)}/file_{c.randrange(10**5)}.{c.choice(('csv', 'log', 'gz', 'json'))}"


FAMILIES: Mapping[str, tuple[Callable[[random.Random], Draw], tuple[str, ...]]] = {
    "order_16": (lambda _: digits(16), ("order_number", "order_ref", "transaction_ref", "Bestellnummer")),
    "order_not_luhn": (lambda _: _not_luhn, ("receipt_no", "invoice_reference", "tracking_number")),
    "sha256": (lambda _: lambda c: hexed(c, 32), ("sha256", "file_digest", "checksum", "commit_hash")),
    "git_sha": (lambda _: lambda c: hexed(c, 20), ("git_commit", "revision", "object_hash")),
    "etag": (lambda _: lambda c: hexed(c, 16), ("etag", "content_md5", "row_fingerprint")),
    "hardware_serial": (lambda _: lambda c: _of(c, UPPER + DIGITS, 12), ("serial_number", "asset_tag", "hw_serial")),
    "year": (lambda _: lambda c: str(c.randint(1950, 2026)), ("year", "fiscal_year", "model_year", "Jahr", "año")),
    "flag01": (lambda _: _words("0", "1"), ("is_active", "deleted", "opted_in", "flag")),
    "flag_tf": (lambda _: _words("true", "false"), ("enabled", "is_admin", "active", "aktiv")),
    "flag_yn": (lambda _: _words("Y", "N"), ("newsletter", "taxable", "consent_flag")),
    "product": (lambda _: _product, ("product_name", "item", "product", "article_name", "Produktname", "title")),
    "version": (lambda _: lambda c: f"{c.randrange(9)}.{c.randrange(30)}.{c.randrange(99)}", ("app_version", "version", "release")),
    "version4": (lambda _: lambda c: f"{c.randrange(1, 9)}.{c.randrange(30)}.{c.randrange(400)}.{c.randrange(9999)}", ("firmware", "build_version", "driver_version")),
    "quantity": (lambda _: lambda c: str(int(c.expovariate(0.2)) + 1), ("quantity", "qty", "units", "Menge", "cantidad")),
    "price": (lambda _: lambda c: f"{c.lognormvariate(3, 1):.2f}", ("price", "amount", "unit_cost", "Preis", "total")),
    "iso_week": (lambda _: lambda c: f"{c.randint(2015, 2026)}-W{c.randint(1, 52):02d}", ("week", "iso_week", "calendar_week")),
    "month": (lambda _: _day("%Y-%m"), ("month", "period", "fiscal_period")),
    "id9": (lambda _: digits(9), ("internal_id", "record_id", "object_id", "entity_key")),
    "id10": (lambda _: digits(10), ("ticket_no", "case_id", "reference", "shipment_id")),
    "id11": (lambda _: digits(11), ("event_id", "batch_no", "message_id")),
    "id8": (lambda _: digits(8), ("doc_no", "voucher", "item_id")),
    "id12": (lambda _: digits(12), ("parcel_id", "meter_id", "external_ref")),
    "id13": (lambda _: lambda c: str(1_600_000_000_000 + c.randrange(10**11)), ("event_ts_ms", "epoch_ms", "ts")),
    "epoch": (lambda _: lambda c: str(1_500_000_000 + c.randrange(2 * 10**8)), ("unix_time", "ts_epoch", "epoch")),
    "id_serial": (lambda c: _serial(6, c.randrange(10**5)), ("id", "row_id", "pk", "customer_id", "order_id")),
    "id_serial9": (lambda c: _serial(9, c.randrange(10**8, 9 * 10**8)), ("user_id", "account_key", "seq_no")),
    "path": (lambda _: _path, ("file_path", "path", "storage_key", "Dateipfad")),
    "log": (lambda _: _log, ("log_line", "message", "raw_event")),
    "sentence": (lambda _: _sentence, ("comment", "description", "notes", "feedback", "Beschreibung")),
    "sku": (lambda _: lambda c: f"{_of(c, UPPER, 3)}-{c.randrange(10**4):04d}-{c.choice('SMLX')}", ("sku", "article_no", "part_number", "item_code")),
    "port": (lambda _: lambda c: str(c.choice((80, 443, 22, 5432, 8080, 3306, c.randrange(1024, 65535)))), ("port", "src_port", "dst_port")),
    "colour": (lambda _: _words("red", "green", "blue", "black", "white", "silver", "grey"), ("color", "colour", "Farbe", "couleur")),
    "hex_colour": (lambda _: lambda c: f"#{c.randrange(2**24):06x}", ("hex_color", "rgb", "theme_colour")),
    "status": (lambda _: _words("active", "inactive", "pending", "closed", "open"), ("status", "state", "order_status", "Zustand", "estado")),
    "enum": (lambda _: _words("HIGH", "MEDIUM", "LOW", "CRITICAL"), ("priority", "severity", "risk_level")),
    "category": (lambda _: _words("Electronics", "Furniture", "Clothing", "Books", "Toys", "Garden", "Grocery"), ("category", "department", "segment", "Kategorie")),
    "payment_type": (lambda _: _words("cash", "card", "transfer", "voucher"), ("payment_method", "pay_type")),
    "timestamp": (lambda _: _day("%Y-%m-%dT%H:%M:%S"), ("created_at", "updated_at", "timestamp", "event_time")),
    "recent_date": (lambda _: _day("%Y-%m-%d"), ("order_date", "ship_date", "due_date", "valid_from", "Rechnungsdatum")),
    "time": (lambda _: _day("%H:%M:%S"), ("start_time", "opening_time", "duration_hms")),
    "percent": (lambda _: lambda c: f"{c.uniform(0, 100):.1f}", ("pct", "discount_percent", "completion")),
    "ratio": (lambda _: lambda c: f"{c.random():.6f}", ("ratio", "probability", "weight_norm", "score_norm")),
    "measure": (lambda _: lambda c: f"{c.gauss(20, 8):.3f}", ("temperature", "reading", "sensor_value", "depth")),
    "geo_like": (lambda _: lambda c: f"{c.uniform(-50, 50):.6f}", ("delta", "offset_x", "residual", "acceleration")),
    "json": (lambda _: lambda c: f'{{"a": {c.randrange(99)}, "ok": {c.choice(("true", "false"))}}}', ("payload", "attributes", "metadata")),
    "grade": (lambda _: _words("A", "B", "C", "D", "E"), ("grade", "rating_class", "tier")),
    "size": (lambda _: _words("XS", "S", "M", "L", "XL"), ("size", "shirt_size", "Größe")),
    "team": (lambda _: _words("Alpha", "Bravo", "Delta", "Omega", "Phoenix", "Falcon"), ("team", "squad", "project_code")),
    "error_code": (lambda _: lambda c: f"E{c.randrange(1000):03d}", ("error_code", "err", "fault")),
    "http_status": (lambda _: _words("200", "201", "301", "404", "500", "503"), ("status_code", "http_status", "response")),
    "mime": (lambda _: _words("text/html", "application/json", "image/png", "text/csv"), ("mime_type", "content_type")),
    "method": (lambda _: _words("GET", "POST", "PUT", "DELETE"), ("method", "verb", "action")),
    "unit": (lambda _: _words("kg", "g", "lb", "pcs", "l", "ml", "box"), ("unit", "uom", "Einheit")),
    "flight": (lambda _: lambda c: f"{c.choice(('AA', 'LH', 'BA', 'UA', 'DL'))}{c.randrange(10, 9999)}", ("flight_no", "flight")),
    "room": (lambda _: lambda c: f"{c.choice('ABCD')}{c.randrange(1, 5)}{c.randrange(30):02d}", ("room", "seat", "bin_location")),
    "slug": (lambda _: lambda c: _product(c).lower().replace(" ", "-"), ("slug", "page_key")),
    "cost_centre": (lambda _: lambda c: f"CC-{c.randrange(10**4):04d}", ("cost_center", "gl_account", "budget_code")),
    "base64": (lambda _: lambda c: _of(c, string.ascii_letters + DIGITS, 22) + "==", ("nonce", "thumbnail", "signature_b64")),
    "language_tag": (lambda _: _words("prod", "dev", "staging", "test"), ("environment", "env", "stage")),
    "dept": (lambda _: _words("Sales", "Finance", "Engineering", "HR", "Support", "Legal"), ("dept", "business_unit", "Abteilung")),
    "duration": (lambda _: lambda c: str(c.randrange(1, 3600)), ("duration_s", "elapsed", "latency_ms")),
    "rank": (lambda _: lambda c: str(c.randint(1, 100)), ("rank", "position", "score", "level")),
    "plant": (lambda _: _words("rose", "tulip", "fern", "cactus", "orchid", "lily", "ivy"), ("plant", "species")),
    "species": (lambda _: _words("setosa", "virginica", "versicolor", "Adelie", "Gentoo"), ("species", "class", "label")),
    "game": (lambda _: _words("Chess", "Go", "Poker", "Bridge", "Tetris", "Snake"), ("game", "activity")),
    "date_recent_us": (lambda _: lambda c: (date(2019, 1, 1) + timedelta(days=c.randrange(2500))).strftime("%m/%d/%Y"), ("posted_on", "invoice_date", "hire_date_x")),
}  # fmt: skip
"""Families of values that are nothing, with the names such columns bear."""

MISLEADING: tuple[tuple[str, str], ...] = (
    ("email_verified", "flag01"), ("email_sent_count", "quantity"), ("email_opt_in", "flag_yn"),
    ("phone_type", "payment_type"), ("phone_verified_at", "timestamp"), ("card_type", "enum"),
    ("card_present", "flag_tf"), ("name", "product"), ("product_name", "product"),
    ("file_name", "path"), ("event_name", "slug"), ("table_name", "slug"), ("address_type", "enum"),
    ("ip_count", "quantity"), ("address_id", "id_serial"), ("address_count", "quantity"),
    ("iban_valid", "flag_tf"), ("ssn_verified", "flag_yn"), ("passport_expired", "flag01"),
    ("password_changed_at", "timestamp"), ("password_strength", "rank"), ("zip_file", "path"),
    ("city_count", "quantity"), ("city_id", "id_serial"), ("country_rank", "rank"),
    ("birth_count", "quantity"), ("age_group", "grade"), ("gender_gap", "ratio"), ("lat_ms", "duration"),
    ("latency", "duration"), ("long_description", "sentence"), ("state", "status"), ("title", "product"),
    ("salary_band", "grade"), ("company_size", "size"), ("language_count", "quantity"),
    ("pin_count", "quantity"), ("token_count", "quantity"), ("url_hits", "quantity"),
    ("mac_version", "version"), ("vin_count", "quantity"), ("order_card", "order_16"),
    ("blood_pressure", "measure"), ("first_name_length", "rank"), ("last_name_changed", "flag01"),
    ("account_number_of_items", "quantity"), ("tax_rate", "percent"), ("tax_id_present", "flag_yn"),
    ("email_template", "slug"), ("street_light_count", "quantity"), ("expiry_date", "recent_date"),
    ("social_score", "rank"), ("driver_version", "version4"), ("license_type", "enum"),
    ("currency_rate", "ratio"), ("isbn_count", "quantity"), ("user_agent_family", "team"),
    ("correo_verificado", "flag01"), ("telefon_typ", "enum"), ("nom_produit", "product"),
    ("Straßenbreite", "measure"), ("nombre_archivo", "path"), ("port", "port"), ("year", "year"),
)  # fmt: skip
"""Names that promise what the values are not."""
