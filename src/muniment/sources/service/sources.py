"""Registering, changing and removing sources; their secrets go to the vault and never come back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muniment.contracts.connectors import Bounds, ConnectorType, SourceConnection
from muniment.contracts.sources import (
    CredentialStored,
    SourceChanged,
    SourceFact,
    SourceInfo,
    SourceRegistered,
    SourceRemoved,
)
from muniment.kernel import windows
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.values import JsonObject
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import EVERYTHING, Visibility
from muniment.platform.vault import Vault
from muniment.sources import registry
from muniment.sources.model import NewSource, SourceRecord, check_name, uses_tls
from muniment.sources.repository.sources import SourceRepository

PORTS: Mapping[str, int] = {"postgresql": 5432, "mysql": 3306}
LIMITS = (
    "max_concurrency",
    "statement_timeout_seconds",
    "idle_timeout_seconds",
    "rows_per_second",
    "megabytes_per_second",
    "statements_per_minute",
    "governed",
    "blackouts",
)
"""What a scan may do to a source."""
EDITABLE = (
    "title",
    "description",
    "domain",
    "owner",
    "sensitive",
    *LIMITS,
)


@dataclass(frozen=True, slots=True)
class SourceService:
    """Implements ``contracts.sources.SourceReader`` and ``ConnectionResolver`` too."""

    repository: SourceRepository
    outbox: Outbox
    clock: Clock
    vault: Vault
    actor: str

    async def register(self, new: NewSource, seen: Visibility = EVERYTHING) -> SourceRecord:
        """Add a source; Conflict when the name is taken, Invalid when the settings do not fit."""
        _may_place(seen, new.domain)
        check_name(new.name)
        check_settings(new.kind, new.settings, new.secrets)
        now = self.clock.now()
        values = {
            "id": new_id(),
            "name": new.name,
            "kind": new.kind,
            "title": new.title or new.name,
            "description": new.description,
            "domain": new.domain,
            "owner": new.owner,
            "sensitive": new.sensitive,
            "settings": dict(new.settings),
            **{name: getattr(new, name) for name in LIMITS},
            "blackouts": list(windows.checked(new.blackouts)),
            "version": 1,
            "created_at": now,
            "updated_at": now,
            "created_by": self.actor,
            "next_probe_at": now,
        }
        if not await self.repository.add_once(values):
            raise Conflict(f"There is a source named '{new.name}' already. Choose another name.")
        record = await self.get(new.name)
        await self.outbox.publish(
            SourceRegistered(source_id=record.id, name=new.name, kind=new.kind)
        )
        if new.secrets:
            await self._store(record, new.secrets)
        return await self.get(new.name)

    async def ensure(self, new: NewSource) -> SourceRecord:
        """Register the source, or bring the one of that name to these settings and secrets."""
        known = await self.repository.by_name(new.name)
        if known is None:
            return await self.register(new)
        if known.kind != new.kind:
            raise Conflict(
                f"The source '{new.name}' is of the kind '{known.kind}', not '{new.kind}'."
                " Choose another name."
            )
        if dict(known.settings) != dict(new.settings):
            await self.update(new.name, {"settings": new.settings}, expected=None)
        if new.secrets and await self.secrets_of(known) != dict(new.secrets):
            await self._store(known, new.secrets)
        return await self.get(new.name)

    async def update(
        self,
        name: str,
        changes: Mapping[str, Any],
        *,
        expected: int | None,
        seen: Visibility = EVERYTHING,
    ) -> SourceRecord:
        """Change settings and facts; StaleVersion when somebody else was faster."""
        record = await self.get(name, seen)
        unknown = sorted(set(changes) - {*EDITABLE, "settings"})
        if unknown:
            raise Invalid(f"These fields cannot be changed: {', '.join(unknown)}.")
        if "domain" in changes:
            _may_place(seen, changes["domain"])
        if "blackouts" in changes:
            changes = {**changes, "blackouts": windows.checked(changes["blackouts"])}
        if "settings" in changes:
            check_settings(record.kind, changes["settings"], await self.secrets_of(record))
        differing = {k: v for k, v in changes.items() if getattr(record, k) != v}
        if expected is not None and expected != record.version:
            raise _stale(name)
        if not differing:
            return record
        now = self.clock.now()
        values: dict[str, Any] = {**differing, "updated_at": now}
        if "blackouts" in differing:
            values["blackouts"] = list(differing["blackouts"])
        if "settings" in differing:
            values |= {"settings": dict(differing["settings"]), "next_probe_at": now}
        if not await self.repository.change(record.id, values, expected=expected):
            raise _stale(name)
        await self.outbox.publish(
            SourceChanged(source_id=record.id, name=name, fields=tuple(sorted(differing)))
        )
        return await self.get(name)

    async def remove(
        self, name: str, *, expected: int | None, seen: Visibility = EVERYTHING
    ) -> None:
        """Forget the source, its credential, health and snapshots; the data itself is untouched."""
        record = await self.get(name, seen)
        if not await self.repository.remove(record.id, expected=expected):
            raise _stale(name)
        await self.outbox.publish(SourceRemoved(source_id=record.id, name=name))

    async def rotate(
        self, name: str, secrets: Mapping[str, str], seen: Visibility = EVERYTHING
    ) -> SourceRecord:
        """Replace the secrets by new ones, sealed anew under a new data key."""
        record = await self.get(name, seen)
        check_settings(record.kind, record.settings, secrets)
        if secrets:
            await self._store(record, secrets)
        else:
            await self.repository.drop_credential(record.id)
            await self.outbox.publish(CredentialStored(source_id=record.id, name=name, fields=()))
        await self.repository.change(record.id, {"next_probe_at": self.clock.now()}, expected=None)
        return await self.get(name)

    async def get(self, name: str, seen: Visibility = EVERYTHING) -> SourceRecord:
        record = await self.repository.by_name(name)
        if record is None or not seen.allows(record.domain):
            raise NotFound(f"There is no source named '{name}'.", source=name)
        return record

    async def page(
        self,
        query: PageQuery,
        seen: Visibility = EVERYTHING,
        *,
        kind: str | None = None,
        health: str | None = None,
    ) -> Page[SourceRecord]:
        return await self.repository.page(seen, query, kind=kind, health=health)

    async def source(self, name: str) -> SourceInfo:
        return _info(await self.get(name))

    async def sources(self) -> Sequence[SourceInfo]:
        return [_info(record) for record in await self.repository.all()]

    async def source_facts(self) -> Sequence[SourceFact]:
        now = self.clock.now()
        return [
            SourceFact(
                source=record.name,
                kind=record.kind,
                domain=record.domain,
                owner=record.owner,
                sensitive=record.sensitive,
                health=record.health,
                credential_age_days=None
                if record.credential_stored_at is None
                else (now - record.credential_stored_at).total_seconds() / 86_400,
                has_secret=bool(record.credential_fields),
                uses_tls=uses_tls(record.kind, record.settings),
                created_at=record.created_at,
            )
            for record in await self.repository.all()
        ]

    async def connection(self, name: str) -> SourceConnection:
        record = await self.get(name)
        return SourceConnection(
            source_id=record.id,
            name=record.name,
            kind=record.kind,
            settings=record.settings,
            secrets=await self.secrets_of(record),
        )

    async def secrets_of(self, record: SourceRecord) -> dict[str, str]:
        """The opened secrets; for connecting only, never to be shown."""
        found = await self.repository.credential(record.id)
        if found is None:
            return {}
        version, sealed = found
        opened: dict[str, str] = json.loads(
            self.vault.open(sealed, bound_to=_bound(record, version))
        )
        return opened

    async def _store(self, record: SourceRecord, secrets: Mapping[str, str]) -> None:
        version = record.credential_version + 1
        plain = json.dumps(dict(secrets)).encode()
        sealed = self.vault.seal(plain, bound_to=_bound(record, version))
        fields = sorted(secrets)
        await self.repository.store_credential(
            record.id, version, sealed, fields, self.actor, self.clock.now()
        )
        await self.outbox.publish(
            CredentialStored(source_id=record.id, name=record.name, fields=tuple(fields))
        )


def check_settings(kind: str, settings: JsonObject, secrets: Mapping[str, str]) -> ConnectorType:
    """Invalid when the settings do not fit the kind, or a secret is among them."""
    known = registry.connector_type(kind)
    misplaced = sorted(set(settings) & set(known.secret_fields))
    if misplaced:
        raise Invalid(
            f"Send {', '.join(misplaced)} under 'secrets', not under 'settings'.",
            problems=[
                {"field": f"settings.{name}", "problem": "is a secret"} for name in misplaced
            ],
        )
    unknown = sorted(set(secrets) - set(known.secret_fields))
    if unknown:
        raise Invalid(
            f"A source of the kind '{kind}' has no secret named {', '.join(unknown)}.",
            problems=[{"field": f"secrets.{name}", "problem": "is not known"} for name in unknown],
        )
    given = SourceConnection(new_id(), "check", kind, settings, secrets)
    registry.open_connector(given, Bounds()).close()
    return known


def _bound(record: SourceRecord, version: int) -> str:
    return f"source/{record.id}/credential/{version}"


def _may_place(seen: Visibility, domain: str | None) -> None:
    if not seen.allows(domain):
        where = f"the domain '{domain}'" if domain else "no domain at all"
        raise Forbidden(
            f"You may not place a source in {where}. Choose a domain in which you may write."
        )


def _stale(name: str) -> StaleVersion:
    return StaleVersion(f"The source '{name}' was changed meanwhile. Load it again, then decide.")


def _info(record: SourceRecord) -> SourceInfo:
    known = registry.connector_types().get(record.kind)
    return SourceInfo(
        id=record.id,
        name=record.name,
        kind=record.kind,
        title=record.title,
        domain=record.domain,
        owner=record.owner,
        sensitive=record.sensitive,
        dialect=None if known is None else known.dialect,
        address=_address(record),
        database=_text(record.settings.get("database")),
        **{name: getattr(record, name) for name in LIMITS},
    )


def _address(record: SourceRecord) -> str | None:
    """Where a server listens, with the port of its kind where none is set."""
    host = _text(record.settings.get("host"))
    port = record.settings.get("port") or PORTS.get(record.kind)
    return None if host is None or port is None else f"{host}:{port}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
