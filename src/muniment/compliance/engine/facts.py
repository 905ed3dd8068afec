"""Facts of the other groups, joined into the documents that checks are written over."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from muniment.compliance.model import Entity
from muniment.contracts.catalog import AssetFact
from muniment.contracts.classification import ColumnLabel, ReidentificationFact
from muniment.contracts.identity import AccountFact
from muniment.contracts.scans import ScanFact
from muniment.contracts.sources import SourceFact
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import LabelState

CERTAIN_FROM = 0.8
"""A label counts as found when a person confirmed it or its confidence is at least this."""

MOST_LABELS = 2_000
"""Labels of one asset that a check sees: bounds the cost of a loop in an expression."""

PRIVILEGED_ROLES = frozenset({"administrator", "compliance_officer", "steward", "engineer"})

_TEST_PLACE = re.compile(
    r"(?:^|[^a-z])(?:test|tests|testing|tst|qa|uat|dev|development|stage|staging|sandbox|playground)(?:[^a-z]|$)"
)

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")

Document = Mapping[str, Any]

ASSET: Final[Document] = {
    "ref": "",
    "source": "",
    "schema": "",
    "name": "",
    "kind": "table",
    "domain": None,
    "owner": None,
    "description": "",
    "certified": False,
    "tags": [],
    "rows": None,
    "columns": 0,
    "public_grants": [],
    "retention_days": None,
    "purpose": None,
    "quality_score": None,
    "failed_checks": [],
    "open_incidents": 0,
    "upstream": 0,
    "downstream": 0,
    "lineage_complete": None,
    "age_days": 0.0,
    "analysed_days_ago": None,
    "copy_of": None,
    "reidentification": None,
    "risk_columns": [],
    "environment": "production",
    "sensitivity": 0,
    "personal": False,
    "special": False,
    "labels": [],
    "categories": [],
    "suggested": 0,
    "confirmed": 0,
    "source_kind": "",
    "source_sensitive": False,
}

LABEL: Final[Document] = {
    "id": "",
    "title": "",
    "category": "",
    "sensitivity": 0,
    "confidence": 1.0,
    "state": "suggested",
    "tier": "rule",
    "personal": False,
    "special": False,
    "certain": True,
}

COLUMN: Final[Document] = {
    "name": "",
    "words": [],
    "ref": "",
    "labels": [],
    "categories": [],
    "details": [],
    "sensitivity": 0,
    "personal": False,
    "special": False,
}

SOURCE: Final[Document] = {
    "name": "",
    "kind": "",
    "domain": None,
    "owner": None,
    "sensitive": False,
    "health": "healthy",
    "credential_age_days": None,
    "has_secret": False,
    "uses_tls": None,
    "age_days": 0.0,
}

SCAN: Final[Document] = {
    "source": "",
    "last_success_days_ago": None,
    "last_state": None,
    "failed_assets": 0,
    "scheduled": False,
    "runs": 0,
}

ACCOUNT: Final[Document] = {
    "name": "",
    "kind": "user",
    "roles": [],
    "privileged": False,
    "active": True,
    "last_seen_days_ago": None,
    "age_days": 0.0,
    "password_age_days": None,
    "tokens": 0,
    "tokens_without_expiry": 0,
}

AUDIT: Final[Document] = {
    "events": 0,
    "unsealed": 0,
    "oldest_unsealed_minutes": 0.0,
    "checkpoints": 0,
    "last_verified_days_ago": None,
    "last_verified_ok": None,
}

WAIVER: Final[Document] = {
    "check": "",
    "subject": "",
    "state": "active",
    "owner": "",
    "owner_active": True,
    "granted_by": "",
    "reason_length": 0,
    "expires_in_days": 30.0,
    "total_days": 30.0,
}

ESTATE: Final[Document] = {
    "share": {},
    "overdue_findings": 0,
    "unassigned_findings": 0,
    "administrators": 1,
    "active_frameworks": 0,
}

DEFAULTS: Final[Mapping[Entity, Mapping[str, Document]]] = {
    Entity.ASSET: {"asset": ASSET},
    Entity.COLUMN: {"column": COLUMN, "asset": ASSET},
    Entity.LABEL: {"label": LABEL, "column": COLUMN, "asset": ASSET},
    Entity.SOURCE: {"source": SOURCE, "scan": SCAN},
    Entity.SCAN: {"scan": SCAN, "source": SOURCE},
    Entity.ACCOUNT: {"account": ACCOUNT},
    Entity.AUDIT: {"audit": AUDIT},
    Entity.WAIVER: {"waiver": WAIVER},
    Entity.ESTATE: {"estate": ESTATE},
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to be judged: its address, whose it is, and what is known of it."""

    entity: Entity
    ref: str
    document: Document
    asset: AssetRef | None = None
    source: str | None = None
    domain: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class AuditFact:
    events: int
    unsealed: int
    oldest_unsealed_at: datetime | None
    checkpoints: int
    last_verified_at: datetime | None
    last_verified_ok: bool | None


@dataclass(frozen=True, slots=True)
class WaiverFact:
    id: str
    check: str
    subject: str
    state: str
    owner: str
    granted_by: str
    reason: str
    granted_at: datetime
    expires_at: datetime
    domain: str | None


@dataclass(frozen=True, slots=True)
class EstateFact:
    """Aggregates over what was judged: the share of subjects that uphold each check, and more."""

    share: Mapping[str, float]
    overdue_findings: int
    unassigned_findings: int
    administrators: int
    active_frameworks: int


def asset_subjects(
    facts: Sequence[AssetFact],
    labels: Mapping[AssetRef, Sequence[ColumnLabel]],
    risks: Mapping[AssetRef, ReidentificationFact],
    sources: Mapping[str, SourceFact],
    now: datetime,
) -> Iterator[Subject]:
    """The assets with their labelled columns and each label, every one a subject of its own."""
    for fact in facts:
        found = list(labels.get(fact.asset, ()))[:MOST_LABELS]
        source = sources.get(fact.asset.source)
        domain = fact.domain or (source.domain if source else None)
        owner = fact.owner or (source.owner if source else None)
        asset = _asset_document(fact, found, risks.get(fact.asset), source, now)

        def subject(
            entity: Entity,
            ref: str,
            document: Document,
            fact: AssetFact = fact,
            domain: str | None = domain,
            owner: str | None = owner,
        ) -> Subject:
            return Subject(entity, ref, document, fact.asset, fact.asset.source, domain, owner)

        yield subject(Entity.ASSET, str(fact.asset), {"asset": asset})
        for name, on_column in _by_column(found).items():
            ref = str(fact.asset.child(name))
            documents = [_label_document(label) for label in on_column]
            column = _column_document(name, ref, documents)
            yield subject(Entity.COLUMN, ref, {"column": column, "asset": asset})
            for document in documents:
                yield subject(
                    Entity.LABEL,
                    f"{ref}#{document['id']}",
                    {"label": document, "column": column, "asset": asset},
                )


def source_subjects(
    sources: Sequence[SourceFact], scans: Sequence[ScanFact], now: datetime
) -> Iterator[Subject]:
    """Every source with its scanning: once as a source, once as what is scanned."""
    by_source = {scan.source: scan for scan in scans}
    for fact in sources:
        source = {
            "name": fact.source,
            "kind": fact.kind,
            "domain": fact.domain,
            "owner": fact.owner,
            "sensitive": fact.sensitive,
            "health": fact.health.value,
            "credential_age_days": fact.credential_age_days,
            "has_secret": fact.has_secret,
            "uses_tls": fact.uses_tls,
            "age_days": _days(fact.created_at, now),
        }
        scan = _scan_document(fact.source, by_source.get(fact.source), now)
        for entity in (Entity.SOURCE, Entity.SCAN):
            yield Subject(
                entity,
                str(AssetRef(fact.source)),
                {"source": source, "scan": scan},
                source=fact.source,
                domain=fact.domain,
                owner=fact.owner,
            )


def account_subjects(accounts: Sequence[AccountFact], now: datetime) -> Iterator[Subject]:
    for fact in accounts:
        roles = sorted({grant.role for grant in fact.roles})
        document = {
            "name": fact.name,
            "kind": fact.kind.value,
            "roles": roles,
            "privileged": not PRIVILEGED_ROLES.isdisjoint(roles),
            "active": fact.active,
            "last_seen_days_ago": _days(fact.last_seen_at, now) if fact.last_seen_at else None,
            "age_days": _days(fact.created_at, now),
            "password_age_days": fact.password_age_days,
            "tokens": fact.tokens,
            "tokens_without_expiry": fact.tokens_without_expiry,
        }
        yield Subject(Entity.ACCOUNT, f"account:{fact.name}", {"account": document})


def audit_subject(fact: AuditFact, now: datetime) -> Subject:
    oldest = fact.oldest_unsealed_at
    document = {
        "events": fact.events,
        "unsealed": fact.unsealed,
        "oldest_unsealed_minutes": _days(oldest, now) * 1440 if oldest else 0.0,
        "checkpoints": fact.checkpoints,
        "last_verified_days_ago": _days(fact.last_verified_at, now)
        if fact.last_verified_at
        else None,
        "last_verified_ok": fact.last_verified_ok,
    }
    return Subject(Entity.AUDIT, "audit-trail", {"audit": document})


def waiver_subjects(
    waivers: Sequence[WaiverFact], accounts: Sequence[AccountFact], now: datetime
) -> Iterator[Subject]:
    active = {account.name for account in accounts if account.active}
    for fact in waivers:
        document = {
            "check": fact.check,
            "subject": fact.subject,
            "state": fact.state,
            "owner": fact.owner,
            "owner_active": fact.owner in active,
            "granted_by": fact.granted_by,
            "reason_length": len(fact.reason.strip()),
            "expires_in_days": -_days(fact.expires_at, now),
            "total_days": _days(fact.granted_at, fact.expires_at),
        }
        yield Subject(
            Entity.WAIVER,
            f"waiver:{fact.id}",
            {"waiver": document},
            domain=fact.domain,
            owner=fact.owner,
        )


def estate_subject(fact: EstateFact) -> Subject:
    document = {
        "share": dict(fact.share),
        "overdue_findings": fact.overdue_findings,
        "unassigned_findings": fact.unassigned_findings,
        "administrators": fact.administrators,
        "active_frameworks": fact.active_frameworks,
    }
    return Subject(Entity.ESTATE, "estate", {"estate": document})


def environment_of(ref: AssetRef) -> str:
    """``test`` when the source, schema or folder says so by its name, else ``production``."""
    places = (ref.source, *ref.path[:-1])
    return "test" if any(_TEST_PLACE.search(place.lower()) for place in places) else "production"


def words_of(name: str) -> list[str]:
    """The lower-case words of a column name: ``AgentNotes2`` is agent, notes."""
    return [word.lower() for word in _WORD.findall(name)]


def is_certain(label: ColumnLabel) -> bool:
    return label.state is LabelState.CONFIRMED or (
        label.state is LabelState.SUGGESTED and label.confidence >= CERTAIN_FROM
    )


def _asset_document(
    fact: AssetFact,
    labels: Sequence[ColumnLabel],
    risk: ReidentificationFact | None,
    source: SourceFact | None,
    now: datetime,
) -> Document:
    certain = [label for label in labels if is_certain(label)]
    return {
        "ref": str(fact.asset),
        "source": fact.asset.source,
        "schema": ".".join(fact.asset.path[:-1]),
        "name": fact.asset.name,
        "kind": fact.kind.value,
        "domain": fact.domain,
        "owner": fact.owner,
        "description": (fact.description or "")[:500],
        "certified": fact.certified,
        "tags": list(fact.tags),
        "rows": fact.rows,
        "columns": fact.columns,
        "public_grants": list(fact.public_grants),
        "retention_days": fact.retention_days,
        "purpose": fact.purpose,
        "quality_score": fact.quality_score,
        "failed_checks": list(fact.failed_checks),
        "open_incidents": fact.open_incidents,
        "upstream": fact.upstream,
        "downstream": fact.downstream,
        "lineage_complete": fact.lineage_complete,
        "age_days": _days(fact.first_seen_at, now),
        "analysed_days_ago": _days(fact.last_scanned_at, now) if fact.last_scanned_at else None,
        "copy_of": str(fact.copy_of) if fact.copy_of else None,
        "reidentification": risk.level if risk else None,
        "risk_columns": list(risk.columns) if risk else [],
        "environment": environment_of(fact.asset),
        "sensitivity": max((int(label.sensitivity) for label in certain), default=0),
        "personal": any(label.personal for label in certain),
        "special": any(label.special for label in certain),
        "labels": sorted({label.label for label in certain}),
        "categories": sorted({label.category for label in certain}),
        "suggested": sum(label.state is LabelState.SUGGESTED for label in labels),
        "confirmed": sum(label.state is LabelState.CONFIRMED for label in labels),
        "source_kind": source.kind if source else "",
        "source_sensitive": source.sensitive if source else False,
    }


def _label_document(label: ColumnLabel) -> Document:
    return {
        "id": label.label,
        "title": label.title,
        "category": label.category,
        "sensitivity": int(label.sensitivity),
        "confidence": float(label.confidence),
        "state": label.state.value,
        "tier": label.tier.value,
        "personal": label.personal,
        "special": label.special,
        "certain": is_certain(label),
    }


def _column_document(name: str, ref: str, labels: Sequence[Document]) -> Document:
    certain = [label for label in labels if label["certain"]]
    return {
        "name": name,
        "words": words_of(name),
        "ref": ref,
        "labels": sorted(label["id"] for label in certain),
        "categories": sorted({label["category"] for label in certain}),
        "details": list(labels),
        "sensitivity": max((label["sensitivity"] for label in certain), default=0),
        "personal": any(label["personal"] for label in certain),
        "special": any(label["special"] for label in certain),
    }


def _by_column(labels: Sequence[ColumnLabel]) -> Mapping[str, list[ColumnLabel]]:
    columns: dict[str, list[ColumnLabel]] = {}
    for label in labels:
        columns.setdefault(label.column, []).append(label)
    return columns


def _scan_document(source: str, fact: ScanFact | None, now: datetime) -> Document:
    if fact is None:
        return {**SCAN, "source": source}
    return {
        "source": source,
        "last_success_days_ago": _days(fact.last_success_at, now) if fact.last_success_at else None,
        "last_state": fact.last_state.value if fact.last_state else None,
        "failed_assets": fact.failed_assets,
        "scheduled": fact.scheduled,
        "runs": fact.runs,
    }


def _days(since: datetime, until: datetime) -> float:
    return round((until - since).total_seconds() / 86_400, 4)
