"""The assistant's settings, its key, what would be sent, and what it has cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from muniment.classification.assistant.settings import AssistantSettings, key_from_environment
from muniment.classification.assistant.tables import AssistantRow, CallRow
from muniment.classification.engine.assistant.candidates import candidates
from muniment.classification.engine.assistant.columns import Doubt, open_columns, views
from muniment.classification.engine.assistant.limits import Spent
from muniment.classification.engine.assistant.prompt import Asked, Request, build
from muniment.classification.model import Classifier
from muniment.classification.repository.assistant import AssistantRepository, DayUse
from muniment.classification.service.classifiers import ClassifierFilter, ClassifierService
from muniment.classification.tables import LabelRow
from muniment.contracts.catalog import ProfileReader
from muniment.contracts.classification import AssistantChanged
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Invalid, NotFound, StaleVersion
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.principal import Principal
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import LabelState, Tier
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import EVERYTHING, Visibility
from muniment.platform.vault import SealedSecret, Vault

BOUND_TO = "classification.assistant"
KEPT = timedelta(days=90)
AROUND = 60
"""Names of other columns that candidates are narrowed by."""


@dataclass(frozen=True, slots=True)
class AssistantState:
    """The settings in force, where their key comes from, and how the endpoint is doing."""

    settings: AssistantSettings
    version: int
    key: str
    """``stored``, ``environment`` or ``none``."""
    updated_by: str | None
    updated_at: datetime | None
    rests_until: datetime | None
    last_problem: str | None


@dataclass(frozen=True, slots=True)
class Usage:
    """What today came to, what waits, and the days before."""

    today: Spent
    waiting: int
    rests_until: datetime | None
    resting: bool
    days: Sequence[DayUse]


@dataclass(frozen=True, slots=True)
class Table:
    """An asset as it is asked about: its open columns and what else stands around them."""

    asset: AssetRef
    columns: int
    names: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    rejected: Mapping[str, frozenset[str]]
    questions: Mapping[str, str]
    """By column: the digest of the question that was answered last."""

    @property
    def title(self) -> str:
        return ".".join(self.asset.path) or self.asset.name


@dataclass(frozen=True, slots=True)
class AssistantService:
    stored: AssistantRepository
    classifiers: ClassifierService
    profiles: ProfileReader
    vault: Vault
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def state(self) -> AssistantState:
        """What holds now; the defaults, which ask nothing, when nothing was ever set."""
        row = await self.stored.the_one()
        if row is None:
            return AssistantState(AssistantSettings(), 0, "none", None, None, None, None)
        settings = AssistantSettings.model_validate(row.settings)
        key = "environment" if settings.key_from else "stored" if row.sealed_key else "none"
        return AssistantState(
            settings,
            row.version,
            key,
            row.updated_by,
            row.updated_at,
            row.rests_until,
            row.last_problem,
        )

    async def save(
        self, settings: AssistantSettings, *, expected: int | None = None
    ) -> AssistantState:
        """Put settings in force; StaleVersion when somebody else was faster.

        A stored key goes to the address it was entered for: another address forgets it.
        """
        row = await self.stored.the_one(lock=True)
        version = 0 if row is None else row.version
        if expected is not None and expected != version:
            raise StaleVersion("The settings were changed since they were read. Read them again.")
        before = _settings_of(row)
        changed = tuple(
            name
            for name in AssistantSettings.model_fields
            if getattr(before, name) != getattr(settings, name)
        )
        if not changed:
            return await self.state()
        moved = before.base_url != settings.base_url
        fresh = {"failures": 0, "rests_until": None, "last_problem": None} if moved else {}
        if moved:
            fresh["sealed_key"] = None
        await self._keep(row, settings, fresh)
        await self._tell(settings, changed)
        return await self.state()

    async def keep_key(self, key: str) -> None:
        """Seal a key for the present address; it is opened by who asks, and never shown."""
        row = await self.stored.the_one(lock=True)
        settings = _settings_of(row)
        if not settings.base_url:
            raise Invalid("Enter the base address before the key: the key belongs to it.")
        sealed = self.vault.seal(key.encode(), bound_to=_bound(settings))
        await self._keep(row, settings, {"sealed_key": sealed.model_dump(), "failures": 0})
        await self._tell(settings, ("key",))

    async def forget_key(self) -> None:
        row = await self.stored.the_one(lock=True)
        if row is not None and row.sealed_key is not None:
            settings = _settings_of(row)
            await self._keep(row, settings, {"sealed_key": None})
            await self._tell(settings, ("key",))

    async def key(self) -> str | None:
        """The key in clear, for who asks the endpoint; None where it needs none."""
        row = await self.stored.the_one()
        settings = _settings_of(row)
        if settings.key_from is not None:
            return key_from_environment(settings.key_from)
        if row is None or row.sealed_key is None:
            return None
        sealed = SealedSecret.model_validate(row.sealed_key)
        return self.vault.open(sealed, bound_to=_bound(settings)).decode()

    async def preview(self, asset: AssetRef, seen: Visibility) -> tuple[Request, ...]:
        """The very requests that would be made about all open columns of an asset."""
        settings = (await self.state()).settings
        table = await self.table(asset, seen)
        known = await self.library()
        return requests(table, table.doubts, known, settings)

    async def table(self, asset: AssetRef, seen: Visibility = EVERYTHING) -> Table:
        """An asset with its open columns. NotFound when it was not scanned or may not be seen."""
        row = await self.stored.asset(str(asset), seen)
        if row is None:
            raise NotFound("There is no such asset, or it was not scanned yet.", asset=str(asset))
        profile = await self.profiles.profile_of(str(asset))
        columns = views(profile) if profile is not None else []
        known: dict[str, dict[str, float]] = {}
        rejected: dict[str, set[str]] = {}
        for label in await self.stored.labels_of(str(asset)):
            if label.state == LabelState.REJECTED:
                rejected.setdefault(label.column_name, set()).add(label.label)
            elif label.present and not _own(label):
                sure = 1.0 if label.state == LabelState.CONFIRMED else label.confidence
                known.setdefault(label.column_name, {})[label.label] = sure
        answers = await self.stored.answers_of(str(asset))
        return Table(
            asset=asset,
            columns=row.columns,
            names=tuple(column.name for column in columns),
            doubts=tuple(open_columns(columns, known)),
            rejected={name: frozenset(labels) for name, labels in rejected.items()},
            questions={name: answer.question for name, answer in answers.items()},
        )

    async def library(self) -> Mapping[str, Classifier]:
        """All classifiers in use, those of the organisation included."""
        return {each.id: each for each in await self.classifiers.all(ClassifierFilter())}

    async def ask_about(self, asset: AssetRef, seen: Visibility) -> UUID:
        """Let an asset wait for a worker that asks about it; the id of the task."""
        state = await self.state()
        if not state.settings.enabled:
            raise Invalid("The assistant is off. Turn it on in the settings first.")
        if not state.settings.asks_about(asset.source):
            raise Invalid("The settings do not let the assistant be asked about this source.")
        await self.table(asset, seen)
        task = new_id()
        await self.stored.add_task(self._task(task, asset=str(asset)))
        return task

    async def on_run_finished(self, run_id: UUID, source: str) -> bool:
        """Let a run wait, when the assistant is on for its source. Safe to repeat."""
        settings = (await self.state()).settings
        if not (settings.enabled and settings.asks_about(source)):
            return False
        return await self.stored.add_task(self._task(new_id(), run_id=run_id))

    async def usage(self, days: int = 14) -> Usage:
        now = self.clock.now()
        row = await self.stored.the_one()
        rests = None if row is None else row.rests_until
        return Usage(
            today=await self.stored.spent(since=midnight(now)),
            waiting=await self.stored.waiting(),
            rests_until=rests,
            resting=rests is not None and rests > now,
            days=await self.stored.days(midnight(now) - timedelta(days=days - 1)),
        )

    async def calls(self, seen: Visibility, query: PageQuery) -> Page[CallRow]:
        """Calls about assets that the caller may see, the latest first."""
        return await self.stored.calls(seen, query)

    async def forget_old(self) -> None:
        """Calls are kept for ninety days."""
        await self.stored.forget(self.clock.now() - KEPT)

    def _task(
        self, task: UUID, *, run_id: UUID | None = None, asset: str | None = None
    ) -> dict[str, Any]:
        return {
            "id": task,
            "run_id": run_id,
            "asset": asset,
            "asked_by": self.caller.name,
            "created_at": self.clock.now(),
            "columns": 0,
            "labelled": 0,
        }

    async def _keep(
        self, row: AssistantRow | None, settings: AssistantSettings, fresh: Mapping[str, Any]
    ) -> None:
        await self.stored.keep(
            {
                "settings": settings.model_dump(mode="json"),
                "version": 1 if row is None else row.version + 1,
                "updated_by": self.caller.name,
                "updated_at": self.clock.now(),
                "failures": 0 if row is None else row.failures,
                **fresh,
            }
        )

    async def _tell(self, settings: AssistantSettings, changed: tuple[str, ...]) -> None:
        await self.outbox.publish(
            AssistantChanged(
                fields=changed,
                enabled=settings.enabled,
                samples=settings.samples > 0,
                actor=self.caller.name,
            )
        )


def requests(
    table: Table,
    doubts: Sequence[Doubt],
    known: Mapping[str, Classifier],
    settings: AssistantSettings,
) -> tuple[Request, ...]:
    """Requests about some open columns of a table, none larger than the settings say."""
    asked = [each for doubt in doubts if (each := _asked(table, doubt, known)).labels]
    titles = {name: classifier.title for name, classifier in known.items()}
    size = settings.columns_per_call
    return tuple(
        build(
            table.title,
            [name for name in table.names if name not in {e.doubt.column.name for e in part}],
            part,
            titles,
            samples=settings.samples_of(table.asset.source),
        )
        for part in (asked[at : at + size] for at in range(0, len(asked), size))
    )


def _asked(table: Table, doubt: Doubt, known: Mapping[str, Classifier]) -> Asked:
    name = doubt.column.name
    never = table.rejected.get(name, frozenset())
    allowed = [classifier for label, classifier in known.items() if label not in never]
    beside = [other for other in table.names if other != name][:AROUND]
    return Asked(doubt, candidates(doubt, table.title, beside, allowed))


def _own(label: LabelRow) -> bool:
    """What the assistant itself suggested does not change the question it was asked."""
    return label.tier == Tier.ASSISTANT and label.state == LabelState.SUGGESTED


def midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _settings_of(row: AssistantRow | None) -> AssistantSettings:
    return AssistantSettings() if row is None else AssistantSettings.model_validate(row.settings)


def _bound(settings: AssistantSettings) -> str:
    return f"{BOUND_TO}/{settings.base_url}"
