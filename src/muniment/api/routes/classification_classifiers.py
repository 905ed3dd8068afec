"""/classifiers — what is recognised and how; the organisation's own among them."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import reading, writing
from muniment.api.etags import IfMatch, expected_version, set_etag
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.classification.engine.exact import LONGEST, MOST, exact_match_of
from muniment.classification.entries import ClassifierEntry, ExactMatchEntry
from muniment.classification.model import Classifier
from muniment.classification.service.classifiers import ClassifierFilter, ClassifierService
from muniment.classification.trial import MOST_VALUES, check_entry, matching
from muniment.kernel.errors import Conflict, Invalid, NotFound, StaleVersion

Classifiers = Annotated[ClassifierService, reading(lambda unit: unit.classification.classifiers)]
ClassifiersToChange = Annotated[
    ClassifierService, writing(lambda unit: unit.classification.classifiers)
]
ClassifierId = Annotated[str, Path(pattern=r"^[a-z0-9_.]{3,80}$")]
router = APIRouter(prefix="/classifiers", tags=["classification"])


class ClassifierOut(BaseModel):
    """A classifier in a list."""

    id: str
    title: str
    category: str
    jurisdiction: str
    sensitivity: str
    personal: bool
    special: bool
    custom: bool
    version: int
    by: list[str] = Field(
        description="What it goes by: patterns, check digit, words, list, header."
    )


class HeaderOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    strong: list[str]
    weak: list[str]
    never: list[str]
    alone: bool


class ExamplesOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    hit: list[str]
    miss: list[str]
    headers: list[str]
    not_headers: list[str]


class ClassifierDetail(ClassifierOut):
    """A classifier with everything it goes by."""

    kinds: list[str]
    patterns: list[str]
    sure: list[str]
    plain: list[str]
    contains: list[str]
    validator: str | None
    dictionary: str | None
    words: list[str]
    strength: str
    min_share: float
    description: str | None
    header: HeaderOut
    context: list[str]
    examples: ExamplesOut
    entry: ClassifierEntry = Field(
        description="All of it, as it is saved: send it back changed to save the next version."
    )


class VersionOut(BaseModel):
    """A version of a custom classifier."""

    model_config = ConfigDict(from_attributes=True)
    version: int
    author: str
    note: str
    created_at: datetime


class ClassifierIn(BaseModel):
    """A classifier to be saved, with a word on why."""

    classifier: ClassifierEntry
    note: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$")


class ExactValuesIn(BaseModel):
    """Values that are to be matched exactly, such as the customers' numbers."""

    values: list[Annotated[str, Field(max_length=LONGEST)]] = Field(min_length=1, max_length=MOST)


class TrialIn(BaseModel):
    """A classifier to be tried on values; nothing is saved."""

    classifier: ClassifierEntry
    values: list[str] = Field(default_factory=list, max_length=MOST_VALUES)


class TrialOut(BaseModel):
    """Which of the values hit, in their order."""

    hits: list[bool]
    share: float


def _by(classifier: Classifier) -> list[str]:
    found = {
        "patterns": bool(classifier.patterns or classifier.sure or classifier.plain),
        "validator": classifier.validator is not None,
        "words": bool(classifier.words or classifier.dictionary),
        "list": classifier.exact_match is not None,
        "header": bool(classifier.header.strong),
        "labels": classifier.compose is not None,
    }
    return [name for name, used in found.items() if used]


def _plain(classifier: Classifier) -> dict[str, object]:
    return {
        "id": classifier.id,
        "title": classifier.title,
        "category": classifier.category,
        "jurisdiction": classifier.jurisdiction,
        "sensitivity": classifier.sensitivity.word,
        "personal": classifier.personal,
        "special": classifier.special,
        "custom": classifier.custom,
        "version": classifier.version,
        "by": _by(classifier),
    }


def _without_hashes(entry: ClassifierEntry) -> ClassifierEntry:
    """Whoever reads a classifier could try guesses on the hashes of its list: they stay here."""
    listed = entry.exact_match
    if listed is None:
        return entry
    return entry.model_copy(update={"exact_match": listed.withheld()})


def _detail(classifier: Classifier) -> ClassifierDetail:
    return ClassifierDetail.model_validate(
        {
            **_plain(classifier),
            "kinds": sorted(kind.value for kind in classifier.kinds),
            "patterns": classifier.patterns,
            "sure": classifier.sure,
            "plain": classifier.plain,
            "contains": classifier.contains,
            "validator": classifier.validator,
            "dictionary": classifier.dictionary,
            "words": classifier.words,
            "strength": classifier.strength.value,
            "min_share": classifier.min_share,
            "description": classifier.description,
            "header": HeaderOut.model_validate(classifier.header),
            "context": classifier.context,
            "examples": ExamplesOut.model_validate(classifier.examples),
            "entry": _without_hashes(ClassifierEntry.of(classifier)),
        }
    )


@router.get("", dependencies=[permit("classification.read")], responses=may_fail())
async def list_classifiers(
    classifiers: Classifiers,
    q: Annotated[str | None, Query(max_length=200, description="Words of id or title.")] = None,
    category: str | None = None,
    jurisdiction: str | None = None,
    custom: bool | None = None,
) -> list[ClassifierOut]:
    """Every classifier, shipped or added, in the order of its id."""
    wanted = ClassifierFilter(words=q, category=category, jurisdiction=jurisdiction, custom=custom)
    return [ClassifierOut.model_validate(_plain(c)) for c in await classifiers.all(wanted)]


@router.post(
    "",
    status_code=201,
    dependencies=[permit("classification.manage")],
    responses=may_fail(Conflict),
)
async def create_classifier(
    body: ClassifierIn, classifiers: ClassifiersToChange, response: Response
) -> ClassifierDetail:
    """Add a classifier of your own; it must agree with its own examples."""
    made = await classifiers.create(body.classifier, note=body.note)
    set_etag(response, made.version)
    return _detail(made)


@router.post("/test", dependencies=[permit("classification.read")], responses=may_fail(Invalid))
async def test_classifier(body: TrialIn, classifiers: Classifiers) -> TrialOut:
    """Try a classifier on its examples and on values; nothing is saved."""
    entry = await classifiers.whole(body.classifier)
    await check_entry(entry)
    hits = await matching(entry.build(version=1, custom=True), body.values)
    return TrialOut(hits=hits, share=round(sum(hits) / len(hits), 4) if hits else 0.0)


@router.post(
    "/exact-match", dependencies=[permit("classification.manage")], responses=may_fail(Invalid)
)
def hash_exact_values(body: ExactValuesIn) -> ExactMatchEntry:
    """Turn values into a list of salted hashes for a classifier; nothing is saved here."""
    return ExactMatchEntry.model_validate(asdict(exact_match_of(body.values)))


@router.get(
    "/{classifier_id}", dependencies=[permit("classification.read")], responses=may_fail(NotFound)
)
async def get_classifier(
    classifier_id: ClassifierId, classifiers: Classifiers, response: Response
) -> ClassifierDetail:
    """One classifier with its patterns, words and examples."""
    found = await classifiers.classifier(classifier_id)
    set_etag(response, found.version)
    return _detail(found)


@router.get(
    "/{classifier_id}/versions",
    dependencies=[permit("classification.read")],
    responses=may_fail(NotFound),
)
async def list_classifier_versions(
    classifier_id: ClassifierId, classifiers: Classifiers
) -> list[VersionOut]:
    """The versions of a classifier of your own, the latest first."""
    return [VersionOut.model_validate(row) for row in await classifiers.versions(classifier_id)]


@router.put(
    "/{classifier_id}",
    dependencies=[permit("classification.manage")],
    responses=may_fail(NotFound, StaleVersion),
)
async def change_classifier(
    classifier_id: ClassifierId,
    body: ClassifierIn,
    classifiers: ClassifiersToChange,
    response: Response,
    if_match: IfMatch = None,
) -> ClassifierDetail:
    """Save the next version of a classifier of your own."""
    made = await classifiers.change(
        classifier_id, body.classifier, note=body.note, expected=expected_version(if_match)
    )
    set_etag(response, made.version)
    return _detail(made)


@router.post(
    "/{classifier_id}/retire",
    status_code=204,
    dependencies=[permit("classification.manage")],
    responses=may_fail(NotFound),
)
async def retire_classifier(classifier_id: ClassifierId, classifiers: ClassifiersToChange) -> None:
    """Stop looking for it in scans to come; its versions and labels stay."""
    await classifiers.retire(classifier_id)
