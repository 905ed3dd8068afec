"""Asks the assistant about open columns: beside the scans and within its budgets."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field

import structlog

from muniment.classification.engine.assistant.answers import Answer, read_answers
from muniment.classification.engine.assistant.columns import Doubt
from muniment.classification.engine.assistant.limits import quota
from muniment.classification.engine.assistant.prompt import Request, question_of
from muniment.classification.model import Classifier
from muniment.classification.service.assistant import Table, requests
from muniment.classification.service.assistant_asking import AskingService, Work
from muniment.kernel.errors import Invalid, NotFound, Unavailable
from muniment.kernel.refs import AssetRef
from muniment.platform.chat import Chat, EndpointFailed, Said

log = structlog.get_logger(__name__)

OpenAsking = Callable[[], AbstractAsyncContextManager[AskingService]]
IDLE_SECONDS = 15.0
ANSWER_TOKENS = 40
"""Tokens that the answer on one column may take."""


class _Stop(Exception):
    """Nothing more may be asked now; the text says why."""


@dataclass(slots=True)
class AssistantWorker:
    """Takes tasks one after another; several workers share them."""

    open_asking: OpenAsking
    idle_seconds: float = IDLE_SECONDS
    _told: asyncio.Event = field(default_factory=asyncio.Event)
    _next: float = 0.0

    def wake(self) -> None:
        """Something waits: look now."""
        self._told.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._told.clear()
            try:
                busy = await self.turn()
            except Unavailable as error:
                busy = False
                log.warning("assistant.waits", reason=error.message)
            except Exception:  # the worker's edge: the assistant must never stop the scans
                busy = False
                log.exception("assistant.failed")
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._told.wait(), self.idle_seconds)

    async def turn(self) -> bool:
        """Do one task; False when there was none that may be done."""
        async with self.open_asking() as asking:
            work = await asking.take()
            known = {} if work is None else await asking.assistant.library()
        if work is None:
            return False
        try:
            said = await self._work(work, known)
        except _Stop as stop:
            said = str(stop)
        async with self.open_asking() as asking:
            await asking.end(work, said)
        log.info("assistant.asked", task=str(work.task), said=said)
        return True

    async def _work(self, work: Work, known: Mapping[str, Classifier]) -> str:
        # ten megabytes that a worker does not carry where nothing is asked
        from muniment.platform.chat_client import client

        chosen = await self._choose(work, known)
        asked = labelled = 0
        async with client() as chat:
            for asset, columns in chosen.items():
                async with self.open_asking() as asking:
                    table = await asking.assistant.table(asset)
                doubts = [doubt for doubt in table.doubts if doubt.column.name in columns]
                batch = await asyncio.to_thread(requests, table, doubts, known, work.settings)
                for request in batch:
                    labelled += await self._ask(chat, work, table, request, known)
                    asked += len(request.columns)
        if not asked:
            return "No column was left to be asked about."
        return f"Asked about {asked} columns; {labelled} have a suggestion."

    async def _choose(
        self, work: Work, known: Mapping[str, Classifier]
    ) -> Mapping[AssetRef, frozenset[str]]:
        """The open columns worth most, as many as the settings allow of a run, by asset.

        Labels are brought in step with the answers that are known already.
        """
        fresh: list[tuple[float, AssetRef, str]] = []
        columns = 0
        for asset in work.assets:
            async with self.open_asking() as asking:
                await asking.apply(asset, known)
                try:
                    table = await asking.assistant.table(asset)
                except NotFound:
                    continue
            columns += table.columns
            fresh += [
                (-doubt.worth, asset, doubt.column.name)
                for doubt in table.doubts
                if _is_new(work, table, doubt)
            ]
        settings = work.settings
        share = settings.share_of_columns if work.of_run else 1.0
        chosen: dict[AssetRef, set[str]] = {}
        most = quota(columns, share=share, most=settings.columns_per_run)
        for _, asset, name in sorted(fresh)[:most]:
            chosen.setdefault(asset, set()).add(name)
        return {asset: frozenset(names) for asset, names in chosen.items()}

    async def _ask(
        self,
        chat: Chat,
        work: Work,
        table: Table,
        request: Request,
        known: Mapping[str, Classifier],
    ) -> int:
        """One request with its record; ``_Stop`` when nothing more is to be asked."""
        async with self.open_asking() as asking:
            why = await asking.refusal(work, table, request)
        if why is not None:
            raise _Stop(why)
        await self._keep_pace(work)
        said: Said | None = None
        answers: Sequence[Answer] = ()
        problem: str | None = None
        try:
            said = await chat.ask(
                work.settings.endpoint,
                work.key,
                request.messages,
                schema=request.schema,
                max_tokens=ANSWER_TOKENS * len(request.columns) + 100,
            )
            least = work.settings.min_confidence
            answers = read_answers(said.text, request, known, least=least)
        except (EndpointFailed, Invalid) as error:
            problem = error.message
        async with self.open_asking() as asking:
            labelled = await asking.record(
                work,
                table,
                request,
                known,
                said=said,
                answers=answers,
                problem=problem,
                outcome=_outcome(said, problem),
            )
            health = (await asking.assistant.state()).rests_until
        if health is not None:
            raise _Stop(f"The endpoint is left alone until {health:%H:%M} UTC: {problem}")
        return labelled

    async def _keep_pace(self, work: Work) -> None:
        """No more calls a minute than the settings say."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(self._next - loop.time(), 0))
        self._next = loop.time() + 60 / work.settings.calls_per_minute


def _is_new(work: Work, table: Table, doubt: Doubt) -> bool:
    settings = work.settings
    samples = settings.samples_of(table.asset.source)
    question = question_of(doubt, table.title, settings.model, samples=samples)
    return table.questions.get(doubt.column.name) != question


def _outcome(said: Said | None, problem: str | None) -> str:
    if problem is None:
        return "answered"
    return "failed" if said is None else "malformed"
