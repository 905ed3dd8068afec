"""The one decision function, in Cedar: roles by domain, and what sensitivity forbids."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

import cedarpy

from muniment.kernel.principal import ANY_DOMAIN, Principal
from muniment.kernel.values import Sensitivity
from muniment.platform.policy.roles import PERMISSIONS, ROLES
from muniment.platform.policy.visibility import EVERYTHING, Visibility


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it is allowed, and the names of the policies that decided."""

    allowed: bool
    because: tuple[str, ...]


class Decider:
    """Answers from the Cedar policies in ``packs/policies``; pure, so answers are remembered."""

    @cached_property
    def _text(self) -> str:
        return files("muniment.packs").joinpath("policies/access.cedar").read_text("utf-8")

    @cached_property
    def _policies(self) -> cedarpy.PolicySet:
        return cedarpy.PolicySet.from_str(self._text)

    @cached_property
    def _names(self) -> dict[str, str]:
        """Cedar numbers the policies in the order of the file; people know them by their @id."""
        given = re.findall(r'@id\("([^"]+)"\)', self._text)
        return {f"policy{index}": name for index, name in enumerate(given)}

    def decide(
        self,
        principal: Principal,
        permission: str,
        *,
        domain: str | None = None,
        sensitivity: Sensitivity = Sensitivity.PUBLIC,
    ) -> Decision:
        """May ``principal`` do this to something of that domain and sensitivity?"""
        return self._decide(principal, permission, domain, sensitivity)

    def visibility(self, principal: Principal, permission: str) -> Visibility | None:
        """The domains in which the permission is held; None when in none."""
        if self.decide(principal, permission, domain=None).allowed:
            return EVERYTHING
        domains = {grant.domain for grant in principal.roles if grant.domain != ANY_DOMAIN}
        held = frozenset(
            domain
            for domain in domains
            if self.decide(principal, permission, domain=domain).allowed
        )
        return Visibility(held) if held else None

    def roles_with(self, permission: str) -> Sequence[str]:
        """The roles that hold a permission, for the sentence that says whom to ask."""
        return [role for role, held in ROLES.items() if permission in held]

    @lru_cache(maxsize=4096)  # noqa: B019  # one decider lives as long as its process
    def _decide(
        self, principal: Principal, permission: str, domain: str | None, sensitivity: Sensitivity
    ) -> Decision:
        if permission not in PERMISSIONS:
            raise ValueError(f"{permission} is not a permission")
        answer = cedarpy.is_authorized(
            {
                "principal": {"type": "Account", "id": str(principal.id)},
                "action": {"type": "Action", "id": permission},
                "resource": {"type": "Thing", "id": "it"},
                "context": {},
            },
            self._policies,
            _entities(principal, domain, sensitivity),
        )
        because = tuple(self._names.get(each, each) for each in answer.diagnostics.reasons)
        return Decision(answer.allowed, because)


def _entities(
    principal: Principal, domain: str | None, sensitivity: Sensitivity
) -> list[dict[str, object]]:
    grants = [
        {"permission": permission, "domain": grant.domain}
        for grant in principal.roles
        for permission in sorted(ROLES.get(grant.role, frozenset()))
    ]
    who: dict[str, object] = {
        "grants": grants,
        "limited": principal.scopes is not None,
        "scopes": sorted(principal.scopes or ()),
    }
    what: dict[str, object] = {"domain": domain or "", "sensitivity": int(sensitivity)}
    return [
        _entity("Account", str(principal.id), who),
        _entity("Thing", "it", what),
        *(_entity("Action", name, {"name": name}) for name in sorted(PERMISSIONS)),
    ]


def _entity(kind: str, name: str, attributes: dict[str, object]) -> dict[str, object]:
    return {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": []}
