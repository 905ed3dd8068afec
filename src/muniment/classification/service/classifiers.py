"""Classifiers: those that are shipped and those the organisation adds, with their versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from muniment.classification.asked import digests, fingerprint, is_wanted
from muniment.classification.content import builtin, taxonomy
from muniment.classification.entries import ClassifierEntry
from muniment.classification.model import Classifier, Taxonomy
from muniment.classification.repository.classifiers import ClassifierRepository
from muniment.classification.repository.models import ModelRepository
from muniment.classification.tables import ClassifierVersionRow
from muniment.classification.trial import check_entry
from muniment.contracts.classification import ClassifierChanged
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, Invalid, NotFound, StaleVersion
from muniment.kernel.events import Outbox
from muniment.kernel.principal import Principal
from muniment.kernel.values import JsonObject, JsonValue
from muniment.platform.settings import Settings

OWN = "custom."


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierFilter:
    """What a list of classifiers is narrowed to."""

    words: str | None = None
    category: str | None = None
    jurisdiction: str | None = None
    custom: bool | None = None


def built(row: ClassifierVersionRow) -> Classifier:
    """A stored version as the engine takes it."""
    return ClassifierEntry.model_validate(row.body).build(version=row.version, custom=True)


@dataclass(frozen=True, slots=True)
class ClassifierService:
    """Implements ``contracts.classification.ClassificationPlanner``."""

    stored: ClassifierRepository
    models: ModelRepository
    outbox: Outbox
    clock: Clock
    caller: Principal
    settings: Settings

    async def classify_params(
        self, classifiers: Sequence[str], min_confidence: float
    ) -> JsonObject:
        """Parameters of a scan: which classifiers, custom ones included, and that marks are kept.

        Which classifiers values are marked with is noted, so that later ones can be told apart.
        """
        params = await self.params(classifiers, min_confidence)
        known = await self.in_force()
        chosen = {name: each for name, each in known.items() if is_wanted(name, classifiers)}
        asked = digests(chosen)
        made_by = fingerprint(asked)
        await self.stored.note_set(made_by, asked, self.clock.now())
        return {**params, "keep": True, "made_by": made_by}

    async def params(self, classifiers: Sequence[str], min_confidence: float) -> JsonObject:
        """The same for values at hand, of which nothing is kept."""
        own = await self.stored.current()
        params: dict[str, JsonValue] = {
            "classifiers": list(classifiers),
            "min_confidence": min_confidence,
            "custom": [{"entry": row.body, "version": row.version} for row in own],
            "cache_dir": str(self.settings.pattern_cache),
        }
        head = await self.models.head()
        return params if head is None else {**params, "model": head}

    async def in_force(self) -> Mapping[str, Classifier]:
        """By id: those shipped, and in their place those that the organisation changed."""
        own = {row.classifier: built(row) for row in await self.stored.current()}
        return {**builtin().classifiers, **own}

    def taxonomy(self) -> Taxonomy:
        return taxonomy()

    async def known_ids(self) -> Sequence[str]:
        """The ids of all classifiers in use, for rule sets that name them."""
        return [c.id for c in await self.all(ClassifierFilter())]

    async def all(self, wanted: ClassifierFilter) -> list[Classifier]:
        """Classifiers in the order of their ids."""
        found = [c for c in (await self.in_force()).values() if _fits(c, wanted)]
        return sorted(found, key=lambda c: c.id)

    async def classifier(self, name: str) -> Classifier:
        """One classifier by its id. NotFound when there is none."""
        row, rows = await self.stored.get(name), await self.stored.versions(name)
        shipped = builtin().classifiers.get(name)
        if row is not None and rows and not (row.retired and shipped is not None):
            return built(next(each for each in rows if each.version == row.current))
        if shipped is None:
            raise NotFound("There is no classifier with this id.", classifier=name)
        return shipped

    async def versions(self, name: str) -> Sequence[ClassifierVersionRow]:
        """The versions saved here, the latest first; none of one that is as it was shipped."""
        rows = await self.stored.versions(name)
        if not rows and name not in builtin().classifiers:
            raise NotFound("There is no classifier with this id.", classifier=name)
        return rows

    async def create(self, entry: ClassifierEntry, *, note: str) -> Classifier:
        """Add a classifier of the organisation, when it agrees with its own examples."""
        if not entry.id.startswith(OWN):
            raise Invalid(f"The id of a classifier of your own begins with “{OWN}”.")
        entry = await self.whole(entry)
        await self.check(entry)
        return await self._add(entry, 1, note=note)

    async def _add(self, entry: ClassifierEntry, version: int, *, note: str) -> Classifier:
        now = self.clock.now()
        row = {
            "id": entry.id,
            "title": entry.title,
            "current": version,
            "retired": False,
            "created_at": now,
            "updated_at": now,
        }
        if not await self.stored.add_once(row):
            raise Conflict("A classifier with this id exists already.", classifier=entry.id)
        return await self._keep(entry, version, note)

    async def change(
        self, name: str, entry: ClassifierEntry, *, note: str, expected: int | None
    ) -> Classifier:
        """Add the next version. StaleVersion when somebody else was faster."""
        if entry.id != name:
            raise Invalid("The id of a classifier cannot be changed.", classifier=name)
        entry = await self.whole(entry)
        await self.check(entry)
        row = await self.stored.locked(name)
        if row is None:
            raise NotFound("There is no custom classifier with this id.", classifier=name)
        if expected is not None and expected != row.current:
            raise StaleVersion("The classifier was changed since it was read. Read it again.")
        row.current, row.title, row.retired = row.current + 1, entry.title, False
        row.updated_at = self.clock.now()
        return await self._keep(entry, row.current, note)

    async def put(self, entry: ClassifierEntry, *, note: str, expected: int | None) -> Classifier:
        """The next version of a classifier: an own one, or one in the place of a shipped one.

        StaleVersion when another version is in force than the expected one.
        """
        now_in_force = (await self.in_force()).get(entry.id)
        if (None if now_in_force is None else now_in_force.version) != expected:
            raise StaleVersion("The classifier was changed since it was read. Read it again.")
        if await self.stored.get(entry.id) is not None:
            return await self.change(entry.id, entry, note=note, expected=None)
        return await self._add(entry, (expected or 0) + 1, note=note)

    async def body(self, name: str, version: int) -> ClassifierEntry:
        """A version as it was saved. NotFound when there is none."""
        for row in await self.stored.versions(name):
            if row.version == version:
                return ClassifierEntry.model_validate(row.body)
        shipped = builtin().classifiers.get(name)
        if shipped is not None and shipped.version == version:
            return ClassifierEntry.of(shipped)
        raise NotFound("The classifier has no such version.", classifier=name, version=version)

    async def retire(self, name: str) -> None:
        """Scans no longer look for it; its labels stay until a scan does not find them."""
        row = await self.stored.locked(name)
        if row is None:
            raise NotFound("There is no custom classifier with this id.", classifier=name)
        row.retired, row.updated_at = True, self.clock.now()
        await self._tell(name, row.current)

    async def whole(self, entry: ClassifierEntry) -> ClassifierEntry:
        """The entry with the hashes of its list, which answers withhold.

        Invalid when the version in force has no such list.
        """
        listed = entry.exact_match
        if listed is None or listed.digests:
            return entry
        known = (await self.in_force()).get(entry.id)
        kept = None if known is None else known.exact_match
        if kept is None or kept.salt != listed.salt:
            raise Invalid("The list of exact values came without its hashes; send the list again.")
        update = listed.model_copy(update={"digests": kept.digests, "count": kept.count})
        return entry.model_copy(update={"exact_match": update})

    async def check(self, entry: ClassifierEntry) -> None:
        """Refuse what cannot be a version: Invalid says why."""
        if not entry.id.startswith(OWN) and entry.id not in builtin().classifiers:
            raise Invalid(
                f"The id of a classifier of your own begins with “{OWN}”; one that is shipped "
                "keeps its id."
            )
        if "\\u0000" in entry.model_dump_json():
            raise Invalid("Texts of a classifier hold no NUL character.")
        known = {category.id for category in taxonomy().categories}
        if entry.category not in known:
            raise Invalid(
                f"The taxonomy has no category {entry.category}.", categories=sorted(known)
            )
        if entry.compose is not None:
            await self._check_parts_of(entry)
        await check_entry(entry)

    async def _check_parts_of(self, entry: ClassifierEntry) -> None:
        """Refuse a composition of labels that do not exist or are composed themselves."""
        rule = entry.build(version=1).compose
        in_force = {n: c for n, c in (await self.in_force()).items() if n != entry.id}
        for pattern in () if rule is None else rule.named:
            meant = [c for n, c in in_force.items() if fnmatchcase(n, pattern)]
            if not any(c.compose is None for c in meant):
                why = "is made of others itself" if meant else "does not exist"
                raise Invalid(
                    f"{entry.id} names {pattern}, which {why}. Name labels that look at values "
                    "or names; compositions do not rest on one another.",
                    label=pattern,
                )

    async def _keep(self, entry: ClassifierEntry, version: int, note: str) -> Classifier:
        body: dict[str, Any] = entry.model_dump(mode="json", exclude_defaults=True)
        row = ClassifierVersionRow(
            classifier=entry.id,
            version=version,
            body=body,
            author=self.caller.name,
            note=note,
            created_at=self.clock.now(),
        )
        self.stored.add_version(row)
        await self._tell(entry.id, version)
        return built(row)

    async def _tell(self, name: str, version: int) -> None:
        await self.outbox.publish(
            ClassifierChanged(classifier=name, version=version, actor=self.caller.name)
        )


def _fits(classifier: Classifier, wanted: ClassifierFilter) -> bool:
    text = f"{classifier.id} {classifier.title}".lower()
    return (
        (wanted.words is None or all(w in text for w in wanted.words.lower().split()))
        and wanted.category in (None, classifier.category)
        and wanted.jurisdiction in (None, classifier.jurisdiction)
        and wanted.custom in (None, classifier.custom)
    )
