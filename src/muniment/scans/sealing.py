"""Descriptions of partitions as they are stored: ends of high-water marks only under lock."""

import json

from muniment.contracts.markers import WATER
from muniment.kernel.values import JsonObject
from muniment.platform.vault import SealedSecret, Vault


def sealed(vault: Vault, spec: JsonObject, asset: str) -> JsonObject:
    """What may be stored: a high-water mark holds values of the data."""
    if WATER not in spec:
        return spec
    told = vault.seal(json.dumps(spec[WATER]).encode(), bound_to=_bound(asset))
    return {**spec, WATER: told.model_dump_json()}


def opened(vault: Vault, spec: JsonObject, asset: str) -> JsonObject:
    """What was stored, as connectors read it; Unavailable with another master key."""
    told = spec.get(WATER)
    if not isinstance(told, str):
        return spec
    plain = vault.open(SealedSecret.model_validate_json(told), bound_to=_bound(asset))
    return {**spec, WATER: json.loads(plain)}


def _bound(asset: str) -> str:
    return f"high-water mark of {asset}"
