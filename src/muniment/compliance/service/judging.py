"""Judging: facts in, verdicts stored, findings opened, reopened and resolved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from muniment.compliance.audit.service import AuditTrail
from muniment.compliance.content import shipped_checks
from muniment.compliance.engine.facts import (
    EstateFact,
    Subject,
    WaiverFact,
    account_subjects,
    asset_subjects,
    audit_subject,
    estate_subject,
    source_subjects,
    waiver_subjects,
)
from muniment.compliance.engine.judge import CompiledCheck, Result, judge
from muniment.compliance.engine.reconcile import Changes, reconcile
from muniment.compliance.model import Entity, FindingState, Library, Waiver
from muniment.compliance.repository.findings import FindingRepository
from muniment.compliance.repository.results import ResultRepository, Stored
from muniment.compliance.repository.waivers import WaiverRepository
from muniment.compliance.service.scores import ScoreKeeper
from muniment.contracts.catalog import AssetReader, LineageReader
from muniment.contracts.classification import LabelReader, RiskReader
from muniment.contracts.compliance import FindingOpened, FindingResolved
from muniment.contracts.identity import AccountReader
from muniment.contracts.scans import ScanReader
from muniment.contracts.sources import SourceReader
from muniment.kernel.clock import Clock
from muniment.kernel.events import Event, Outbox
from muniment.kernel.refs import AssetRef
from muniment.platform.policy import EVERYTHING

OF_ASSETS = tuple(entity for entity in Entity if entity.of_assets)
OF_THE_REST = tuple(entity for entity in Entity if not entity.of_assets)


@dataclass(frozen=True, slots=True)
class Facts:
    """The ports that compliance asks for facts."""

    assets: AssetReader
    labels: LabelReader
    risks: RiskReader
    lineage: LineageReader
    sources: SourceReader
    scans: ScanReader
    accounts: AccountReader


@dataclass(frozen=True, slots=True)
class JudgeService:
    """Implements ``contracts.compliance.Judge``."""

    facts: Facts
    results: ResultRepository
    findings: FindingRepository
    waivers: WaiverRepository
    scores: ScoreKeeper
    trail: AuditTrail
    outbox: Outbox
    clock: Clock
    library: Library

    async def judge(self, assets: Sequence[AssetRef] | None, *, run_id: UUID | None) -> int:
        """Evaluate every active check for what changed (None: everything).

        Returns the number of open findings. Safe to repeat: the same facts change nothing.
        """
        if assets is None or assets:
            await self._judge_assets(assets, run_id)
        if assets is None:
            await self.judge_the_rest(run_id=run_id)
        return await self.findings.count_open()

    async def judge_with_downstream(self, assets: Sequence[AssetRef]) -> int:
        """Judge assets and everything that is made from them."""
        made = await self.facts.lineage.downstream(assets)
        return await self.judge(list(dict.fromkeys([*assets, *made])), run_id=None)

    async def judge_the_rest(self, *, run_id: UUID | None = None) -> None:
        """Sources, scans, accounts, waivers, the trail and the estate; then keep the scores."""
        now = self.clock.now()
        accounts = await self.facts.accounts.account_facts()
        sources = await self.facts.sources.source_facts()
        scans = await self.facts.scans.scan_facts()
        waivers = [_waiver_fact(waiver) for waiver in await self.waivers.active()]
        subjects = [
            *source_subjects(sources, scans, now),
            *account_subjects(accounts, now),
            *waiver_subjects(waivers, accounts, now),
            audit_subject(await self.trail.fact(), now),
        ]
        before_estate = [entity for entity in OF_THE_REST if entity is not Entity.ESTATE]
        await self._settle(subjects, None, before_estate, run_id)
        administrators = sum(
            account.active and any(grant.role == "administrator" for grant in account.roles)
            for account in accounts
        )
        estate = estate_subject(await self._estate(administrators))
        await self._settle([estate], None, [Entity.ESTATE], run_id)
        await self.scores.keep()

    async def _judge_assets(self, assets: Sequence[AssetRef] | None, run_id: UUID | None) -> None:
        facts = await self.facts.assets.asset_facts(assets)
        labels = await self.facts.labels.labels_of(assets)
        risks = await self.facts.risks.risks_of(assets)
        sources = {fact.source: fact for fact in await self.facts.sources.source_facts()}
        subjects = asset_subjects(facts, labels, risks, sources, self.clock.now())
        await self._settle(subjects, assets, OF_ASSETS, run_id)

    async def _settle(
        self,
        subjects: Iterable[Subject],
        assets: Sequence[AssetRef] | None,
        entities: Sequence[Entity],
        run_id: UUID | None,
    ) -> None:
        """Verdicts on the subjects replace what was stored of them; findings follow."""
        await self.results.lock()
        found = list(judge(await self._active_checks(), subjects))
        stored = await self.results.stored(assets=assets, entities=entities)
        now = self.clock.now()
        await self.results.write([each for each in found if _differs(each, stored)], now=now)
        present = {result.key for result in found}
        await self.results.forget([key for key in stored if key not in present])
        known = await self.findings.known(assets=assets, entities=entities)
        await self._carry_out(reconcile(found, known, await self.waivers.active_keys()), run_id)

    async def _carry_out(self, changes: Changes, run_id: UUID | None) -> None:
        now = self.clock.now()
        ids = await self.findings.add(changes.open, now=now, run_id=run_id)
        await self.findings.reopen(changes.reopen, now=now, run_id=run_id)
        await self.findings.refresh(changes.refresh, now=now)
        by_reason: dict[str, list[UUID]] = {}
        for known, reason in changes.resolve:
            by_reason.setdefault(reason, []).append(known.id)
        for reason, resolved in by_reason.items():
            await self.findings.resolve(resolved, resolution=reason, now=now)
        opened = [
            (id_, result)
            for id_, (result, state) in zip(ids, changes.open, strict=True)
            if state is FindingState.OPEN
        ]
        opened += [
            (known.id, result)
            for known, result, state in changes.reopen
            if state is FindingState.OPEN
        ]
        events: list[Event] = [self._opened(id_, result) for id_, result in opened]
        events += [
            FindingResolved(
                finding_id=known.id,
                check=known.check,
                subject_ref=known.subject,
                resolution=reason,
            )
            for known, reason in changes.resolve
        ]
        await self.outbox.publish(*events)

    def _opened(self, finding_id: UUID, result: Result) -> FindingOpened:
        return FindingOpened(
            finding_id=finding_id,
            check=result.check,
            severity=result.severity,
            subject_ref=result.subject,
            title=self.library.checks[result.check].title,
        )

    async def _active_checks(self) -> Sequence[CompiledCheck]:
        compiled = shipped_checks()
        return [compiled[check] for check in await self.scores.active_checks()]

    async def _estate(self, administrators: int) -> EstateFact:
        tallies = await self.results.tallies(EVERYTHING)
        late, unassigned = await self.findings.late_and_unassigned(now=self.clock.now())
        return EstateFact(
            share={
                check: tally.share for check, tally in tallies.items() if tally.share is not None
            },
            overdue_findings=late,
            unassigned_findings=unassigned,
            administrators=administrators,
            active_frameworks=len(await self.scores.active_frameworks()),
        )


def _differs(result: Result, stored: Mapping[tuple[str, str], Stored]) -> bool:
    before = stored.get(result.key)
    return before != Stored(result.verdict.value, result.domain, result.owner)


def _waiver_fact(waiver: Waiver) -> WaiverFact:
    return WaiverFact(
        id=str(waiver.id),
        check=waiver.check,
        subject=waiver.subject,
        state=waiver.state.value,
        owner=waiver.owner,
        granted_by=waiver.granted_by,
        reason=waiver.reason,
        granted_at=waiver.granted_at,
        expires_at=waiver.expires_at,
        domain=waiver.domain,
    )
