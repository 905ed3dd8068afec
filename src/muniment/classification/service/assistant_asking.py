"""What a worker needs to ask the assistant: the next task, what may be spent, what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from muniment.classification.assistant.settings import AssistantSettings
from muniment.classification.assistant.tables import AnswerRow, CallRow
from muniment.classification.engine.assistant.answers import Answer, Outcome, counted
from muniment.classification.engine.assistant.limits import Spent, price, rests_until
from muniment.classification.engine.assistant.prompt import Request, question_of
from muniment.classification.engine.header import normalised
from muniment.classification.labelling import look_alike
from muniment.classification.model import Classifier, review_weight
from muniment.classification.repository.assistant import AssistantRepository
from muniment.classification.repository.labels import LabelRepository
from muniment.classification.service.assistant import AssistantService, Table, midnight
from muniment.classification.service.labels import LabelService
from muniment.classification.tables import LabelRow
from muniment.contracts.classification import AssistantAsked
from muniment.kernel.clock import Clock
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import LabelState, Sensitivity, Tier
from muniment.platform.chat import Said

TAKEN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Work:
    """A task that was taken, with the settings and the key in force."""

    task: UUID
    assets: tuple[AssetRef, ...]
    of_run: bool
    settings: AssistantSettings
    key: str | None


@dataclass(frozen=True, slots=True)
class AskingService:
    assistant: AssistantService
    stored: AssistantRepository
    labels: LabelService
    label_rows: LabelRepository
    outbox: Outbox
    clock: Clock

    async def take(self) -> Work | None:
        """The next task; None where there is none, the assistant is off, or its endpoint rests."""
        now = self.clock.now()
        state = await self.assistant.state()
        if not state.settings.enabled or (state.rests_until and state.rests_until > now):
            return None
        task = await self.stored.take(now, TAKEN)
        if task is None:
            return None
        names = [task.asset] if task.asset else await self.stored.assets_of(task.run_id or task.id)
        refs = [AssetRef.parse(name) for name in names]
        return Work(
            task=task.id,
            assets=tuple(ref for ref in refs if state.settings.asks_about(ref.source)),
            of_run=task.asset is None,
            settings=state.settings,
            key=await self.assistant.key(),
        )

    async def refusal(self, work: Work, table: Table, request: Request) -> str | None:
        """Why a request may not be made now: a budget, or somebody turned the assistant off."""
        now = self.clock.now()
        settings = (await self.assistant.state()).settings
        if not settings.enabled:
            return "The assistant was turned off."
        if request.samples and not settings.samples_of(table.asset.source):
            return "Samples are not allowed any more."
        await self.stored.still_taken(work.task, now + TAKEN)
        tokens = request.tokens
        more = Spent(
            1,
            tokens,
            price(
                tokens,
                0,
                per_1k_in=settings.price_per_1k_prompt,
                per_1k_out=settings.price_per_1k_completion,
            ),
        )
        of_run = settings.per_run.refusal(
            await self.stored.spent(task=work.task), more, of="of this run"
        )
        return of_run or settings.per_day.refusal(
            await self.stored.spent(since=midnight(now)), more, of="of this day"
        )

    async def record(
        self,
        work: Work,
        table: Table,
        request: Request,
        known: Mapping[str, Classifier],
        *,
        said: Said | None,
        answers: Sequence[Answer],
        problem: str | None,
        outcome: str,
    ) -> int:
        """Keep a call, its answers and the labels they give; how many columns have one now.

        A call without an answer counts towards leaving the endpoint alone.
        """
        settings, now = work.settings, self.clock.now()
        prompt, completion = (said.prompt_tokens, said.completion_tokens) if said else (0, 0)
        if said is not None and not prompt:
            prompt = request.tokens  # an endpoint that tells no usage is not free of charge
        cost = price(
            prompt,
            completion,
            per_1k_in=settings.price_per_1k_prompt,
            per_1k_out=settings.price_per_1k_completion,
        )
        labelled, abstained, refused = counted(answers)
        model = said.model if said else settings.model
        self.stored.add_call(
            CallRow(
                id=new_id(),
                task_id=work.task,
                asset=str(table.asset),
                model=model,
                at=now,
                milliseconds=said.milliseconds if said else 0,
                tries=said.tries if said else settings.retries + 1,
                columns=len(request.columns),
                labelled=labelled,
                abstained=abstained,
                refused=refused,
                samples=request.samples,
                outcome=outcome,
                problem=problem,
                prompt_tokens=prompt,
                completion_tokens=completion,
                cost=cost,
            )
        )
        await self._remember_health(problem)
        rows = [self._answer(work, table, request, each, model, known) for each in answers]
        await self.stored.keep_answers(rows)
        await self.outbox.publish(
            AssistantAsked(
                asset=table.asset,
                columns=tuple(each.doubt.column.name for each in request.columns),
                labelled=labelled,
                model=model,
                endpoint=urlsplit(settings.base_url).hostname or "",
                samples=request.samples,
                outcome=outcome,
                tokens=prompt + completion,
                cost=cost,
            )
        )
        return await self.apply(table.asset, known)

    async def apply(self, asset: AssetRef, known: Mapping[str, Classifier]) -> int:
        """Bring labels in step with kept answers; decisions of people stay. Safe to repeat."""
        answers = await self.stored.answers_of(str(asset))
        given = [a for a in answers.values() if a.outcome == Outcome.LABELLED]
        if not given:
            return 0
        labels = await self.label_rows.labels_of(str(asset))
        before = {(row.column_name, row.label): row for row in labels}
        certain = {row.column_name for row in labels if row.present and _settled(row)}
        rows = [
            row
            for answer in given
            if answer.column_name not in certain and answer.label is not None
            if (classifier := known.get(answer.label)) is not None
            if (row := self._label(answer, before, classifier)) is not None
        ]
        for row in rows:
            await self.label_rows.write([row])
        if rows:
            await self.labels.tell([str(asset)])
        return len(given)

    async def end(self, work: Work, said: str) -> None:
        await self.stored.end_task(work.task, self.clock.now(), said)

    async def _remember_health(self, problem: str | None) -> None:
        row = await self.stored.the_one(lock=True)
        if row is None:
            return
        row.failures = 0 if problem is None else row.failures + 1
        row.rests_until = rests_until(row.failures, self.clock.now())
        row.last_problem = problem

    def _answer(
        self,
        work: Work,
        table: Table,
        request: Request,
        answer: Answer,
        model: str,
        known: Mapping[str, Classifier],
    ) -> dict[str, Any]:
        doubt, settings = answer.asked.doubt, work.settings
        samples = settings.samples_of(table.asset.source)
        classifier = known.get(answer.label or "")
        return {
            "asset": str(table.asset),
            "column_name": doubt.column.name,
            "question": question_of(doubt, table.title, settings.model, samples=samples),
            "outcome": answer.outcome.value,
            "label": answer.label,
            "confidence": answer.confidence,
            "evidence": {
                "mode": "assistant",
                "says": _says(answer, model),
                "model": model,
                "said": answer.said,
                "support": answer.support.value,
                "matched": answer.agreed.matched,
                "tested": answer.agreed.known,
                "offered": len(answer.asked.labels),
                "sent": "samples" if request.samples else "shapes",
                "examples": []
                if classifier is None or classifier.category == "secret"
                else list(doubt.column.shapes[:3]),
            },
            "answered_at": self.clock.now(),
        }

    def _label(
        self,
        answer: AnswerRow,
        before: Mapping[tuple[str, str], LabelRow],
        classifier: Classifier,
    ) -> dict[str, Any] | None:
        """The row to be written; None where nothing is to be changed."""
        row = before.get((answer.column_name, classifier.id))
        if row is None or not row.present:
            return None if row is not None and _decided(row) else self._new(answer, row, classifier)
        if _decided(row) or row.tier == Tier.ASSISTANT or "assistant" in row.evidence:
            return None
        # what another tier suggests keeps its tier; the assistant's word stands beside its evidence
        sure = max(row.confidence, answer.confidence)
        return {
            **{column.key: getattr(row, column.key) for column in LabelRow.__table__.columns},
            "confidence": sure,
            "weight": review_weight(sure, Sensitivity(row.sensitivity)),
            "evidence": {**row.evidence, "assistant": answer.evidence},
            "updated_at": self.clock.now(),
        }

    def _new(
        self, answer: AnswerRow, row: LabelRow | None, classifier: Classifier
    ) -> dict[str, Any]:
        now = self.clock.now()
        header, signature = normalised(answer.column_name), "assistant"
        return {
            "id": new_id() if row is None else row.id,
            "asset": answer.asset,
            "column_name": answer.column_name,
            "label": classifier.id,
            "title": classifier.title,
            "category": classifier.category,
            "sensitivity": int(classifier.sensitivity),
            "personal": classifier.personal,
            "special": classifier.special,
            "tier": Tier.ASSISTANT.value,
            "state": LabelState.SUGGESTED.value,
            "confidence": answer.confidence,
            "evidence": answer.evidence,
            "classifier_version": classifier.version,
            "header": header,
            "signature": signature,
            "look_alike": look_alike(classifier.id, header, signature),
            "weight": review_weight(answer.confidence, classifier.sensitivity),
            "present": True,
            "note": None,
            "reason": None,
            "decided_by": None,
            "decided_at": None,
            "decided_confidence": None,
            "run_id": None,
            "created_at": now,
            "updated_at": now,
            "version": 1,
        }


def _decided(row: LabelRow) -> bool:
    return row.state != LabelState.SUGGESTED or row.decided_by is not None


def _settled(row: LabelRow) -> bool:
    """Whether a person has said what the column holds."""
    return row.state == LabelState.CONFIRMED


def _says(answer: Answer, model: str) -> str:
    agreed = answer.agreed
    beside = (
        f"; {agreed.matched} of {agreed.known} known values agree"
        if agreed.known
        else "; no values are known here to check it by"
    )
    return f"{model} chose it out of {len(answer.asked.labels)} labels{beside}"
