"""Principals with any grants and scopes, for laws about access."""

from hypothesis import strategies as st

from muniment.kernel.ids import new_id
from muniment.kernel.principal import ANY_DOMAIN, Principal, PrincipalKind, RoleGrant
from muniment.platform.policy.roles import PERMISSIONS, ROLES

DOMAINS = ("sales", "hr", "Sales", "", 'it\'s "quoted"', "🙂")
"""Names that differ little, and names that must not be mistaken for something else."""

permissions = st.sampled_from(sorted(PERMISSIONS))
domains = st.none() | st.sampled_from((*DOMAINS, ANY_DOMAIN))
grants = st.builds(
    RoleGrant,
    st.sampled_from([*ROLES, "no-such-role"]),
    st.sampled_from((*DOMAINS, ANY_DOMAIN)),
)
principals = st.builds(
    Principal,
    id=st.just(new_id()),
    name=st.just("somebody"),
    kind=st.sampled_from(PrincipalKind),
    roles=st.lists(grants, max_size=4).map(tuple),
    scopes=st.none() | st.frozensets(permissions, max_size=4),
)


def holds(principal: Principal, permission: str, domain: str | None) -> bool:
    """The rule in plain Python: a grant covers it, and so does the token's scope."""
    granted = any(
        permission in ROLES.get(grant.role, ())
        and (grant.domain == ANY_DOMAIN or (bool(domain) and grant.domain == domain))
        for grant in principal.roles
    )
    return granted and (principal.scopes is None or permission in principal.scopes)
