"""Whether a scan may run at once, or waits for somebody to approve it."""

from dataclasses import dataclass

from muniment.compliance.repository.results import ResultRepository
from muniment.contracts.compliance import ScanVerdict

_KNOWN_CONTENT = {
    "purpose-of-special-category-data": "special-category data in {n} of its assets",
    "card-data-retention": "card numbers in {n} of its assets",
    "no-secrets-in-tables": "passwords or keys in {n} of its columns",
}


@dataclass(frozen=True, slots=True)
class ScanPolicyService:
    """Implements ``contracts.compliance.ScanPolicy``."""

    results: ResultRepository

    async def judge_scan(self, source: str, *, sensitive: bool) -> ScanVerdict:
        """A source marked sensitive waits; the approver is told what earlier scans found."""
        if not sensitive:
            return ScanVerdict(approval_needed=False)
        reasons = [f"The source {source} is marked as sensitive."]
        counts = await self.results.subjects_in_source(source, tuple(_KNOWN_CONTENT))
        reasons += [
            f"Earlier scans found {words.format(n=counts[check])}."
            for check, words in _KNOWN_CONTENT.items()
            if counts.get(check)
        ]
        return ScanVerdict(approval_needed=True, reasons=tuple(reasons))
