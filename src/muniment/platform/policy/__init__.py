"""Who may do what: one decision function for page, list, search, export and API."""

from muniment.platform.policy.visibility import Visibility

__all__ = ["Visibility"]
