"""The packs that are shipped and the taxonomy; one that contradicts itself is refused."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import Field

from muniment.classification.entries import (
    ClassifierEntry,
    Strict,
    Word,
    Words,
    check_parts,
    contradictions,
    parsed,
    shared_words,
)
from muniment.classification.model import Category, Classifier, Level, Library, Taxonomy
from muniment.kernel.errors import Invalid
from muniment.kernel.values import Sensitivity


class Pack(Strict):
    """A file of classifiers; what it says for all of them, an entry may say for itself."""

    pack: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    version: int = Field(ge=1)
    title: str
    source: str | None = None
    jurisdiction: str = "ANY"
    context: Words = ()
    """Words of tables and columns that speak for every entry, as those of a country's language."""
    classifiers: tuple[ClassifierEntry, ...]

    def build(self, entry: ClassifierEntry) -> Classifier:
        """The classifier of an entry, with what the pack says for all."""
        return replace(
            entry.build(version=self.version),
            jurisdiction=self.jurisdiction if entry.jurisdiction == "ANY" else entry.jurisdiction,
            context=tuple(dict.fromkeys((*entry.context, *self.context))),
            source=entry.source or self.source,
            titles={"en": entry.title, **entry.titles},
        )


class LevelEntry(Strict):
    sensitivity: Word
    title: str
    description: str
    handling: str


class CategoryEntry(Strict):
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    description: str
    sensitivity: Word
    parent: str | None = None


class TaxonomyEntry(Strict):
    """The taxonomy as it is written."""

    taxonomy: str
    title: str
    version: int
    levels: tuple[LevelEntry, ...]
    categories: tuple[CategoryEntry, ...]


def read_pack(
    text: str, place: str, categories: Iterable[str], *, proven: bool = False
) -> list[Classifier]:
    """The classifiers of one pack. Invalid names the entry that contradicts its examples.

    ``proven`` packs were checked against their examples when they were built, which takes far
    longer than reading them.
    """
    pack = parsed(Pack, text, place)
    known = set(categories)
    read: list[Classifier] = []
    for entry in pack.classifiers:
        if entry.category not in known:
            raise Invalid(f"{place}: {entry.id}: the taxonomy has no category {entry.category}.")
        classifier = pack.build(entry)
        if not proven:
            check_parts(entry)
            _check_examples(classifier, place)
        read.append(classifier)
    return read


def _check_examples(classifier: Classifier, place: str) -> None:
    wrong = contradictions(classifier)
    if wrong:
        raise Invalid(f"{place}: {classifier.id} contradicts its examples: {'; '.join(wrong)}.")
    if classifier.by_content and not classifier.examples.hit:
        raise Invalid(f"{place}: {classifier.id} has no example that must hit.")


def pack_files() -> Sequence[tuple[str, Traversable]]:
    """The packs that are shipped, with their paths below ``packs/classifiers``."""
    return sorted(_packs_in(files("muniment.packs.classifiers"), ""), key=lambda pack: pack[0])


def _packs_in(folder: Traversable, path: str) -> Iterable[tuple[str, Traversable]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _packs_in(each, f"{path}{each.name}/")
        elif each.name.endswith(".yaml"):
            yield f"{path}{each.name}", each


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """The taxonomy that is shipped."""
    text = files("muniment.packs").joinpath("taxonomy.yaml").read_text(encoding="utf-8")
    entry = parsed(TaxonomyEntry, text, "taxonomy.yaml")
    ids = {category.id for category in entry.categories}
    for category in entry.categories:
        if category.parent is not None and category.parent not in ids:
            raise Invalid(f"taxonomy.yaml: {category.id} has an unknown parent {category.parent}.")
    return Taxonomy(
        id=entry.taxonomy,
        title=entry.title,
        version=entry.version,
        levels=tuple(
            Level(Sensitivity.of(x.sensitivity), x.title, x.description, x.handling)
            for x in entry.levels
        ),
        categories=tuple(
            Category(x.id, x.title, x.description, Sensitivity.of(x.sensitivity), x.parent)
            for x in entry.categories
        ),
    )


@lru_cache(maxsize=1)
def builtin() -> Library:
    """All classifiers that are shipped; a test proves each against its examples."""
    known = [category.id for category in taxonomy().categories]
    found: dict[str, Classifier] = {}
    digest = hashlib.sha256(repr(sorted(shared_words().items())).encode())
    for path, file in pack_files():
        text = file.read_text(encoding="utf-8")
        digest.update(text.encode())
        for classifier in read_pack(text, path, known, proven=True):
            if classifier.id in found:
                raise Invalid(f"{path}: {classifier.id} is defined twice.")
            found[classifier.id] = classifier
    return Library(found, digest.hexdigest()[:16])
