"""The decision function, beside the same rule in plain Python."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.platform.principals import DOMAINS, domains, holds, permissions, principals

from muniment.kernel.principal import SYSTEM, Principal, PrincipalKind, RoleGrant
from muniment.kernel.values import Sensitivity
from muniment.platform.policy import EVERYTHING, Decider
from muniment.platform.policy.roles import PERMISSIONS, ROLE_TITLES, ROLES

DECIDER = Decider()
ANALYST = Principal(SYSTEM.id, "anna", PrincipalKind.USER, (RoleGrant("analyst", "sales"),))


@given(principals, permissions, domains)
def test_a_decision_is_that_of_the_grants(
    principal: Principal, permission: str, domain: str | None
) -> None:
    allowed = DECIDER.decide(principal, permission, domain=domain).allowed
    assert allowed == holds(principal, permission, domain)


@given(principals, permissions)
def test_what_is_visible_is_what_each_decision_allows(
    principal: Principal, permission: str
) -> None:
    visibility = DECIDER.visibility(principal, permission)
    for domain in (None, *DOMAINS):
        allowed = DECIDER.decide(principal, permission, domain=domain).allowed
        assert allowed == (visibility is not None and visibility.allows(domain))


@given(principals, permissions, domains, st.frozensets(permissions, max_size=4))
def test_a_scope_takes_away_and_never_gives(
    principal: Principal, permission: str, domain: str | None, scopes: frozenset[str]
) -> None:
    narrowed = replace(principal, scopes=scopes)
    whole = replace(principal, scopes=None)
    if DECIDER.decide(narrowed, permission, domain=domain).allowed:
        assert permission in scopes
        assert DECIDER.decide(whole, permission, domain=domain).allowed


@given(principals, domains, st.sampled_from(Sensitivity))
def test_confidential_samples_are_for_those_who_look_after_them(
    principal: Principal, domain: str | None, sensitivity: Sensitivity
) -> None:
    decision = DECIDER.decide(principal, "catalog.samples", domain=domain, sensitivity=sensitivity)
    looks_after = holds(replace(principal, scopes=None), "catalog.annotate", domain)
    expected = holds(principal, "catalog.samples", domain) and (
        sensitivity < Sensitivity.CONFIDENTIAL or looks_after
    )
    assert decision.allowed == expected


def test_looking_after_one_domain_shows_no_confidential_values_of_another() -> None:
    both = replace(ANALYST, roles=(*ANALYST.roles, RoleGrant("steward", "hr")))
    sales = DECIDER.decide(
        both, "catalog.samples", domain="sales", sensitivity=Sensitivity.RESTRICTED
    )
    hr = DECIDER.decide(both, "catalog.samples", domain="hr", sensitivity=Sensitivity.RESTRICTED)
    assert (sales.allowed, hr.allowed) == (False, True)


def test_a_decision_names_the_policy_that_made_it() -> None:
    scoped = replace(ANALYST, scopes=frozenset())
    assert DECIDER.decide(ANALYST, "catalog.read", domain="sales").because == (
        "granted-in-this-domain",
    )
    assert DECIDER.decide(scoped, "catalog.read", domain="sales").because == (
        "token-scope-does-not-cover-it",
    )
    assert DECIDER.visibility(SYSTEM, "audit.read") == EVERYTHING


def test_every_permission_belongs_to_the_administrator_and_every_role_has_words() -> None:
    assert ROLES["administrator"] == PERMISSIONS
    assert set(ROLE_TITLES) == set(ROLES)
    assert not any(right.endswith((".write", ".manage")) for right in ROLES["auditor"])
