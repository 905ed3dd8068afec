"""What Classifications tells the other groups, and what they may ask of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol
from uuid import UUID

from muniment.kernel.events import Event
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, LabelState, Sensitivity, Tier


@dataclass(frozen=True, slots=True)
class ColumnLabel:
    """A label on a column: what it says, how sure, who says so."""

    column: str
    label: str
    """Classifier id, such as ``contact.email``."""
    title: str
    category: str
    """Such as ``contact``, ``government_id``, ``payment``, ``health``."""
    sensitivity: Sensitivity
    confidence: float
    state: LabelState
    tier: Tier
    personal: bool = False
    """Personal data in the sense of GDPR article 4(1)."""
    special: bool = False
    """A special category in the sense of GDPR article 9 (health, beliefs ...)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLabelled(Event):
    """An asset's labels changed; ``labels`` is the whole present set without rejected ones."""

    topic: ClassVar[str] = "classification.asset-labelled.v1"
    asset: AssetRef
    labels: tuple[ColumnLabel, ...]
    run_id: UUID | None = None

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDecided(Event):
    """A person confirmed, rejected or set a label."""

    topic: ClassVar[str] = "classification.label-decided.v1"
    asset: AssetRef
    column: str
    label: str
    state: LabelState
    actor: str
    reason: str | None = None

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierChanged(Event):
    topic: ClassVar[str] = "classification.classifier-changed.v1"
    classifier: str
    version: int
    actor: str

    @property
    def subject(self) -> str:
        return self.classifier


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingChanged(Event):
    """Whether the review queue may stop asking was switched, or from which agreement on."""

    topic: ClassVar[str] = "classification.asking-changed.v1"
    enabled: bool
    bar: float
    actor: str

    @property
    def subject(self) -> str:
        return "review-queue"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTrained(Event):
    """The model learned from decisions; whether it is good enough to take over."""

    topic: ClassVar[str] = "classification.model-trained.v1"
    version: int
    columns: int
    """Decided columns that it learned from."""
    passes: bool
    actor: str

    @property
    def subject(self) -> str:
        return "classification-model"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPromoted(Event):
    """Another version of the model is in force."""

    topic: ClassVar[str] = "classification.model-promoted.v1"
    before: int
    version: int
    """0 is the model as it was shipped."""
    back: bool
    """Whether it was in force before."""
    actor: str

    @property
    def subject(self) -> str:
        return "classification-model"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantChanged(Event):
    """What the assistant may do was changed; the key itself is in no event."""

    topic: ClassVar[str] = "classification.assistant-changed.v1"
    fields: tuple[str, ...]
    enabled: bool
    samples: bool
    """Whether raw values may be sent anywhere from now on."""
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantAsked(Event):
    """An endpoint was sent a question about columns of an asset."""

    topic: ClassVar[str] = "classification.assistant-asked.v1"
    asset: AssetRef
    columns: tuple[str, ...]
    labelled: int
    model: str
    endpoint: str
    """The host that was asked."""
    samples: bool
    """Whether raw values were sent."""
    outcome: str
    tokens: int
    cost: float

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDriftAcknowledged(Event):
    """A person has seen that a column does not hold any more what it held."""

    topic: ClassVar[str] = "classification.drift-acknowledged.v1"
    asset: AssetRef
    column: str
    label: str
    kind: str
    actor: str

    @property
    def subject(self) -> str:
        return str(self.asset)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsRevalued(Event):
    """Labels were judged anew from kept values, or what a version did was taken back."""

    topic: ClassVar[str] = "classification.labels-revalued.v1"
    classifier: str | None
    version: int | None
    assets: int
    changed: int
    undone: bool
    actor: str

    @property
    def subject(self) -> str:
        return self.classifier or "all classifiers"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecided(Event):
    """A person accepted or rejected a classifier that was mined from unlabelled columns."""

    topic: ClassVar[str] = "classification.proposal-decided.v1"
    proposal: UUID
    form: str
    accepted: bool
    classifier: str | None
    actor: str

    @property
    def subject(self) -> str:
        return self.classifier or str(self.proposal)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDecided(Event):
    """A draft of a classifier was published, or a draft or a revaluation was given up."""

    topic: ClassVar[str] = "classification.draft-decided.v1"
    revaluation_id: UUID
    classifier: str | None
    published: bool
    despite: str | None
    """Why it was published although its gate was shut."""
    actor: str

    @property
    def subject(self) -> str:
        return self.classifier or str(self.revaluation_id)


@dataclass(frozen=True, slots=True)
class ReidentificationFact:
    """How far the rows of an asset can be told apart without a name or a number in them."""

    level: str
    """``high``, ``medium`` or ``low``."""
    unique_share: float
    smallest: int
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReidentificationChanged(Event):
    """Columns taken together tell people apart more, or less, than at the last scan."""

    topic: ClassVar[str] = "classification.reidentification-changed.v1"
    asset: AssetRef
    level: str | None
    """None where nothing can be measured any more."""
    unique_share: float
    columns: tuple[str, ...]
    run_id: UUID | None = None

    @property
    def subject(self) -> str:
        return str(self.asset)


class RiskReader(Protocol):
    async def risks_of(
        self, assets: Sequence[AssetRef] | None
    ) -> Mapping[AssetRef, ReidentificationFact]:
        """By asset, where it was measured; None asks for the whole estate."""
        ...


class LabelReader(Protocol):
    async def labels_of(
        self, assets: Sequence[AssetRef] | None
    ) -> Mapping[AssetRef, Sequence[ColumnLabel]]:
        """Present labels (not the rejected ones) by asset; None asks for the whole estate."""
        ...


class ClassificationPlanner(Protocol):
    async def classify_params(
        self, classifiers: Sequence[str], min_confidence: float
    ) -> JsonObject:
        """Parameters of the ``classify`` analyzer: which classifiers, custom ones included."""
        ...


class LabelPublisher(Protocol):
    async def publish_labels(self, asset: AssetRef, result: JsonObject, *, run_id: UUID) -> int:
        """Store what the ``classify`` analyzer found; decisions of people stay. Safe to repeat.

        Returns the number of labels now present.
        """
        ...


class LabelInheritor(Protocol):
    async def inherit(self, source: str, *, run_id: UUID) -> int:
        """Give columns that are copies of others their labels, in a source and all made from it.

        Decisions of people stay. Safe to repeat; returns how many labels are inherited there now.
        """
        ...
