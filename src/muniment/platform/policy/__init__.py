"""Who may do what: one decision function for page, list, search, export and API."""

from muniment.platform.policy.decider import Decider, Decision
from muniment.platform.policy.visibility import EVERYTHING, Visibility

__all__ = ["EVERYTHING", "Decider", "Decision", "Visibility"]
