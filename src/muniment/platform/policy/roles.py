"""Which role holds which permissions: the one table, from which the Cedar actions are made."""

from collections.abc import Mapping

READS = frozenset(
    {
        "sources.read",
        "scans.read",
        "rulesets.read",
        "classification.read",
        "catalog.read",
        "quality.read",
        "compliance.read",
    }
)

_ANALYST = READS | {"catalog.samples"}
_STEWARD = _ANALYST | {"classification.decide", "catalog.annotate", "quality.manage", "scans.run"}
_ENGINEER = _STEWARD | {
    "sources.write",
    "scans.manage",
    "rulesets.write",
    "catalog.manage",
    "classification.manage",
}
_OFFICER = READS | {
    "classification.decide",
    "compliance.manage",
    "compliance.waive",
    "scans.approve",
    "audit.read",
}

ROLES: Mapping[str, frozenset[str]] = {
    "viewer": READS,
    "analyst": _ANALYST,
    "steward": _STEWARD,
    "engineer": _ENGINEER,
    "compliance_officer": _OFFICER,
    "auditor": READS | {"audit.read"},
    "administrator": _ENGINEER | _OFFICER | {"identity.read", "identity.manage", "settings.manage"},
}

PERMISSIONS: frozenset[str] = frozenset().union(*ROLES.values())

ROLE_TITLES: Mapping[str, str] = {
    "viewer": "Sees the catalogue, quality and compliance of a domain.",
    "analyst": "Also sees sample values that are not confidential.",
    "steward": "Also decides labels, annotates assets, looks after quality and starts scans.",
    "engineer": "Also connects sources, writes rule sets and manages scans.",
    "compliance_officer": "Assigns and waives findings, approves scans, reads the audit trail.",
    "auditor": "Reads everything, the audit trail included, and changes nothing.",
    "administrator": "May do everything, accounts and settings included.",
}
