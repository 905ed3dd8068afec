"""An asset as a document: what a version keeps, what makes one differ from the next. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muniment.contracts.connectors import AssetMeta
from muniment.kernel.values import JsonObject, JsonValue

ANNOTATIONS = (
    "domain",
    "owner",
    "description",
    "tags",
    "certification",
    "purpose",
    "retention_days",
)
"""What people say of an asset; the rest is what its source declares."""
UNSAID: Mapping[str, Any] = {
    **dict.fromkeys(ANNOTATIONS),
    "tags": [],
    "certification": "none",
}
"""What people say of an asset before anybody said anything."""
NAMED = {"columns": "name", "keys": "name", "grants": "grantee"}
"""Lists that are compared entry by entry, under the field that names an entry."""


def structure_of(meta: AssetMeta) -> dict[str, Any]:
    """What the source declares of an asset, as JSON. Row and size estimates are left out."""
    return {
        "kind": meta.kind.value,
        "comment": meta.comment,
        "definition": meta.definition,
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "nullable": column.nullable,
                "default": column.default,
                "comment": column.comment,
            }
            for column in meta.columns
        ],
        "keys": [
            {
                "name": key.name,
                "kind": key.kind.value,
                "columns": list(key.columns),
                "references": list(key.references),
                "referenced_columns": list(key.referenced_columns),
            }
            for key in meta.keys
        ],
        "grants": [
            {"grantee": grant.grantee, "privilege": grant.privilege} for grant in meta.grants
        ],
        "properties": dict(meta.properties),
    }


def fingerprint_of(structure: JsonObject) -> str:
    """Equal for equal structures, whatever order their fields were written in."""
    text = json.dumps(structure, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def changed_fields(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[str, ...]:
    """The top-level fields that differ; for the first version there is nothing to differ from."""
    if before is None:
        return ("created",)
    keys = sorted({*before, *after})
    return tuple(key for key in keys if before.get(key) != after.get(key))


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed between two versions; ``where`` reads like ``columns.email.type``."""

    where: str
    before: JsonValue
    after: JsonValue

    @property
    def kind(self) -> str:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What changed, entry by entry; columns are matched by name, so a reordering alone is none."""
    found: list[Difference] = []
    for field in sorted({*before, *after}):
        old, new = before.get(field), after.get(field)
        if old == new:
            continue
        if field in NAMED:
            found.extend(_entries(field, old or (), new or ()))
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            found.extend(
                Difference(f"{field}.{key}", old.get(key), new.get(key))
                for key in dict.fromkeys((*old, *new))
                if old.get(key) != new.get(key)
            )
        else:
            found.append(Difference(field, old, new))
    return found


def _entries(
    field: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[Difference]:
    if field != "columns":
        old = {_entry_name(field, entry): entry for entry in before}
        new = {_entry_name(field, entry): entry for entry in after}
        return [
            Difference(f"{field}.{name}", old.get(name), new.get(name))
            for name in dict.fromkeys((*old, *new))
            if old.get(name) != new.get(name)
        ]
    old = {entry["name"]: entry for entry in before}
    new = {entry["name"]: entry for entry in after}
    found: list[Difference] = []
    for name in dict.fromkeys((*old, *new)):
        if name not in old or name not in new:
            found.append(Difference(f"columns.{name}", old.get(name), new.get(name)))
            continue
        found.extend(
            Difference(f"columns.{name}.{part}", old[name].get(part), new[name].get(part))
            for part in dict.fromkeys((*old[name], *new[name]))
            if old[name].get(part) != new[name].get(part)
        )
    return found


def _entry_name(field: str, entry: Mapping[str, Any]) -> str:
    if field == "grants":
        return f"{entry.get('grantee')} {entry.get('privilege')}"
    named = entry.get(NAMED[field]) or " ".join(map(str, entry.get("columns", ())))
    return str(named)
