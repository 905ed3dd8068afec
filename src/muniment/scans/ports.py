"""What a scan needs of its surroundings: the other groups in one transaction, and a pool."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from muniment.contracts.catalog import (
    AssetPublisher,
    AssetReader,
    CatalogRegistrar,
    LineageDeriver,
    LineageReader,
    QualityPlanner,
    RelationFinder,
)
from muniment.contracts.classification import (
    ClassificationPlanner,
    LabelInheritor,
    LabelPublisher,
)
from muniment.contracts.compliance import Judge, ScanPolicy
from muniment.contracts.connectors import SourceConnection
from muniment.contracts.rulesets import RuleSetReader
from muniment.contracts.sources import ConnectionResolver, SnapshotKeeper, SourceReader
from muniment.kernel.clock import Clock
from muniment.kernel.errors import MunimentError
from muniment.kernel.events import Outbox
from muniment.platform.vault import Vault
from muniment.scans.jobs import Frame, Job, Word
from muniment.scans.model import WORKER_LOST

if TYPE_CHECKING:  # the commands that need no database start in half the time without it
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class ScanUnit:
    """One transaction, with everything in it that a step of a run asks or makes act."""

    session: "AsyncSession"
    outbox: Outbox
    clock: Clock
    vault: Vault
    sources: SourceReader
    connections: ConnectionResolver
    snapshots: SnapshotKeeper
    rules: RuleSetReader
    classification: ClassificationPlanner
    labels: LabelPublisher
    registrar: CatalogRegistrar
    quality: QualityPlanner
    assets: AssetReader
    publisher: AssetPublisher
    deriver: LineageDeriver
    relations: RelationFinder
    inheritor: LabelInheritor
    downstream: LineageReader
    policy: ScanPolicy
    judge: Judge


class AnswerTimer(Protocol):
    """Asks a source something cheap."""

    async def __call__(self, connection: SourceConnection) -> float | None:
        """Milliseconds until it answered; None when it did not."""
        ...


OpenUnit = Callable[[], AbstractAsyncContextManager[ScanUnit]]
"""Opens a unit of work as Muniment itself; its transaction is committed at the end."""


class ComputeLost(MunimentError):
    """The process that did the work died; the message says of what."""

    slug = WORKER_LOST
    title = "The worker process ended"
    retryable = True


OnFrame = Callable[[Frame], None]


@dataclass(slots=True)
class Reins:
    """A line to the process that runs a job; nobody hears it before and after."""

    _hold: Callable[[Word], None] | None = None

    def tell(self, word: Word) -> None:
        if self._hold is not None:
            self._hold(word)

    def hold(self, line: Callable[[Word], None] | None) -> None:
        """Where words go from now on; None lets go."""
        self._hold = line


class Compute(Protocol):
    """Runs jobs in processes of their own, some at a time."""

    async def run(
        self, job: Job, *, on_frame: OnFrame, within: timedelta, reins: Reins | None = None
    ) -> None:
        """Hand every frame to ``on_frame``; return at the end of the job.

        Raises SourceTimeout when it took too long and ComputeLost when its process died. When the
        caller is cancelled, the work on the source is stopped before this returns.
        """
        ...
