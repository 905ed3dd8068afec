"""/taxonomy — the kinds of data and how carefully each is handled."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import reading
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.classification.model import Taxonomy
from muniment.classification.service.classifiers import ClassifierService
from muniment.kernel.values import Sensitivity

Classifiers = Annotated[ClassifierService, reading(lambda unit: unit.classification.classifiers)]
router = APIRouter(prefix="/taxonomy", tags=["classification"])


class LevelOut(BaseModel):
    """A sensitivity level."""

    sensitivity: str
    rank: int = Field(description="0 is public, 3 is restricted.")
    title: str
    description: str
    handling: str


class CategoryOut(BaseModel):
    """A kind of data; ``parent`` absent at the top."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    title: str
    description: str
    sensitivity: str
    parent: str | None


class TaxonomyOut(BaseModel):
    """The taxonomy that is in force."""

    id: str
    title: str
    version: int
    levels: list[LevelOut]
    categories: list[CategoryOut]


def _level(sensitivity: Sensitivity, title: str, description: str, handling: str) -> LevelOut:
    return LevelOut(
        sensitivity=sensitivity.word,
        rank=int(sensitivity),
        title=title,
        description=description,
        handling=handling,
    )


def _shown(taxonomy: Taxonomy) -> TaxonomyOut:
    return TaxonomyOut(
        id=taxonomy.id,
        title=taxonomy.title,
        version=taxonomy.version,
        levels=[_level(x.sensitivity, x.title, x.description, x.handling) for x in taxonomy.levels],
        categories=[
            CategoryOut(
                id=x.id,
                title=x.title,
                description=x.description,
                sensitivity=x.sensitivity.word,
                parent=x.parent,
            )
            for x in taxonomy.categories
        ],
    )


@router.get("", dependencies=[permit("classification.read")], responses=may_fail())
async def get_taxonomy(classifiers: Classifiers) -> TaxonomyOut:
    """The sensitivity levels and the categories of labels, as a tree."""
    return _shown(classifiers.taxonomy())
