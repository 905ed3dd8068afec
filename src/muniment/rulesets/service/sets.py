"""Rule sets from draft to published version, and out of force again."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from muniment.contracts.rulesets import KnownIds, RuleSetPublished, RuleSetRetired
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, Invalid, NotFound, StaleVersion
from muniment.kernel.events import Outbox
from muniment.kernel.values import JsonObject
from muniment.platform.paging import Page, PageQuery
from muniment.rulesets.content import as_rule_set, shipped_defaults
from muniment.rulesets.engine.diff import Difference, differences
from muniment.rulesets.engine.validate import (
    RuleProblem,
    Vocabulary,
    Weight,
    read_body,
    validate,
)
from muniment.rulesets.model import (
    AppliesTo,
    Layer,
    RuleSet,
    RuleSetBody,
    RuleSetVersion,
    VersionState,
)
from muniment.rulesets.repository import RuleSetRepository

MANAGED_BY_COMPLIANCE = "compliance"
_OPEN_TO_PEOPLE = (Layer.BASE, Layer.OVERLAY)


@dataclass(frozen=True, slots=True)
class RuleSetService:
    """Implements ``contracts.rulesets.RuleSetWriter`` too."""

    repository: RuleSetRepository
    known: KnownIds
    outbox: Outbox
    clock: Clock
    actor: str

    async def page(
        self, query: PageQuery, *, layer: Layer | None = None, retired: bool = False
    ) -> Page[RuleSet]:
        """By name; the shipped defaults come with the first page."""
        page = await self.repository.page(layer, query, retired=retired)
        if query.cursor is None and layer in (None, Layer.DEFAULT):
            defaults = [as_rule_set(entry) for entry in shipped_defaults()]
            return page.model_copy(update={"items": [*defaults, *page.items]})
        return page

    async def get(self, name: str) -> RuleSet:
        for entry in shipped_defaults():
            if entry.name == name:
                return as_rule_set(entry)
        found = await self.repository.get(name)
        if found is None:
            raise _no_set(name)
        return found

    async def create(
        self,
        name: str,
        *,
        title: str,
        description: str,
        layer: Layer,
        position: int,
        applies_to: AppliesTo,
        body: JsonObject,
        note: str = "",
    ) -> RuleSet:
        """A new set with its first draft; nothing is in force until it is published."""
        if layer not in _OPEN_TO_PEOPLE:
            raise Invalid(
                f"Rule sets of the layer {layer.value} are kept by Muniment. "
                "Make a base or an overlay.",
                problems=[{"field": "layer", "message": "Choose base or overlay."}],
            )
        now = self.clock.now()
        rule_set = RuleSet(
            name=name,
            title=title,
            description=description,
            layer=layer,
            position=position,
            applies_to=applies_to,
            managed_by=None,
            retired=False,
            published=None,
            draft=1,
            version=1,
        )
        parsed = await self._parsed(body)
        taken = any(entry.name == name for entry in shipped_defaults())
        if taken or not await self.repository.add(rule_set, now):
            raise Conflict(f"There is a rule set named {name} already.", name=name)
        await self.repository.put_version(self._version(name, 1, parsed, note, now))
        return await self.get(name)

    async def change(self, name: str, values: Mapping[str, Any], *, version: int | None) -> RuleSet:
        """Change title, description, position or what it applies to."""
        await self._mine(name, version)
        stored = {
            key: value.model_dump(mode="json") if isinstance(value, AppliesTo) else value
            for key, value in values.items()
            if value is not None
        }
        await self.repository.change(name, stored, self.clock.now())
        return await self.get(name)

    async def save_draft(
        self, name: str, body: JsonObject, *, note: str = "", version: int | None = None
    ) -> RuleSetVersion:
        """Keep a body as the draft: a new one, or in place of the present draft."""
        known = await self._mine(name, version)
        parsed = await self._parsed(body)
        now = self.clock.now()
        number = known.draft or await self.repository.last_number(name) + 1
        made = self._version(name, number, parsed, note, now)
        await self.repository.put_version(made)
        await self.repository.change(name, {"draft": number}, now)
        return made

    async def discard_draft(self, name: str, *, version: int | None = None) -> RuleSet:
        known = await self._mine(name, version)
        if known.draft is None:
            raise Conflict("There is no draft to discard.", name=name)
        await self.repository.delete_draft(name, known.draft)
        await self.repository.change(name, {"draft": None}, self.clock.now())
        return await self.get(name)

    async def publish(self, name: str, *, version: int | None = None) -> RuleSet:
        """Put the draft in force; Invalid lists what is wrong with it."""
        known = await self._mine(name, version)
        if known.draft is None:
            raise Conflict("There is no draft to publish. Save one first.", name=name)
        draft = await self.get_version(name, known.draft)
        problems = await self.problems(draft.body, known.layer)
        errors = [each for each in problems if each.weight is Weight.ERROR]
        if errors:
            raise _refused(errors)
        await self._put_in_force(draft, retired=False)
        return await self.get(name)

    async def restore(self, name: str, number: int, *, version: int | None = None) -> RuleSet:
        """Publish the content of an older version again, as a new one."""
        await self._mine(name, version)
        older = await self.get_version(name, number)
        now = self.clock.now()
        latest = await self.repository.last_number(name)
        made = self._version(name, latest + 1, older.body, f"As version {number}.", now)
        await self._put_in_force(made, retired=False)
        return await self.get(name)

    async def retire(self, name: str, *, version: int | None = None) -> RuleSet:
        """Take a set out of force; its versions stay for the record."""
        await self._mine(name, version)
        await self._retire(name)
        return await self.get(name)

    async def get_version(self, name: str, number: int) -> RuleSetVersion:
        for entry in shipped_defaults():
            if entry.name == name and entry.version == number:
                return RuleSetVersion(
                    name=name,
                    number=number,
                    state=VersionState.PUBLISHED,
                    body=entry.body,
                    digest=digest_of(entry.body),
                    note="Shipped with Muniment.",
                    author="muniment",
                    created_at=None,
                    published_at=None,
                )
        found = await self.repository.version(name, number)
        if found is None:
            raise NotFound(f"The rule set {name} has no version {number}.", name=name)
        return found

    async def page_versions(self, name: str, query: PageQuery) -> Page[RuleSetVersion]:
        known = await self.get(name)
        if known.layer is Layer.DEFAULT:
            return Page(items=[await self.get_version(name, known.published or 1)])
        return await self.repository.page_versions(name, query)

    async def diff(self, name: str, before: int, after: int) -> Sequence[Difference]:
        old, new = await self.get_version(name, before), await self.get_version(name, after)
        return differences(old.body, new.body)

    async def validate(
        self, raw: JsonObject, layer: Layer
    ) -> tuple[RuleSetBody | None, Sequence[RuleProblem]]:
        """All problems of a body that somebody is writing; nothing is stored."""
        body, problems = read_body(raw)
        if body is None:
            return None, problems
        return body, await self.problems(body, layer)

    async def problems(self, body: RuleSetBody, layer: Layer) -> Sequence[RuleProblem]:
        words = Vocabulary(
            classifiers=tuple(await self.known.classifier_ids()),
            check_types=tuple(await self.known.check_types()),
        )
        return validate(body, layer, words)

    async def require(self, name: str, title: str, body: JsonObject, *, reason: str) -> int:
        """Publish a framework's rule set; the same content again changes nothing."""
        parsed, problems = await self.validate(body, Layer.FRAMEWORK)
        errors = [each for each in problems if each.weight is Weight.ERROR]
        if parsed is None or errors:
            raise _refused(errors)
        now = self.clock.now()
        known = await self.repository.get(name, lock=True)
        if known is None:
            rule_set = RuleSet(
                name=name,
                title=title,
                description=reason,
                layer=Layer.FRAMEWORK,
                position=0,
                applies_to=AppliesTo(),
                managed_by=MANAGED_BY_COMPLIANCE,
                retired=False,
                published=None,
                draft=None,
                version=1,
            )
            await self.repository.add(rule_set, now)
        elif known.published is not None:
            standing = await self.get_version(name, known.published)
            if standing.digest == digest_of(parsed) and not known.retired:
                return standing.number
            if standing.digest == digest_of(parsed):
                await self.repository.change(name, {"retired": False}, now)
                await self._tell_published(name, standing.number)
                return standing.number
        number = await self.repository.last_number(name) + 1
        await self._put_in_force(self._version(name, number, parsed, reason, now), retired=False)
        return number

    async def withdraw(self, names: Sequence[str]) -> None:
        """Retire rule sets published by ``require``; others and unknown names are left alone."""
        for name in names:
            known = await self.repository.get(name, lock=True)
            if known and known.managed_by == MANAGED_BY_COMPLIANCE and not known.retired:
                await self._retire(name)

    async def retire_orphans(self, source: str, registered: Collection[str]) -> None:
        """Retire sets of people's that name this source, and no other that is still there."""
        for name, applies in await self.repository.open_to_people():
            if applies.only_for(source, registered):
                await self._retire(name)

    async def _retire(self, name: str) -> None:
        await self.repository.change(name, {"retired": True}, self.clock.now())
        await self.outbox.publish(RuleSetRetired(name=name))

    async def _put_in_force(self, version: RuleSetVersion, *, retired: bool) -> None:
        now = self.clock.now()
        published = RuleSetVersion(
            name=version.name,
            number=version.number,
            state=VersionState.PUBLISHED,
            body=version.body,
            digest=version.digest,
            note=version.note,
            author=self.actor,
            created_at=version.created_at,
            published_at=now,
        )
        await self.repository.put_version(published)
        await self.repository.change(
            version.name, {"published": version.number, "draft": None, "retired": retired}, now
        )
        await self._tell_published(version.name, version.number)

    async def _tell_published(self, name: str, number: int) -> None:
        await self.outbox.publish(RuleSetPublished(name=name, version=number, author=self.actor))

    async def _mine(self, name: str, version: int | None) -> RuleSet:
        """The set, locked, if people may change it and nobody did meanwhile."""
        if any(entry.name == name for entry in shipped_defaults()):
            raise Conflict(
                "The shipped defaults cannot be changed. Make a base or an overlay over them.",
                name=name,
            )
        known = await self.repository.get(name, lock=True)
        if known is None:
            raise _no_set(name)
        if known.managed_by is not None:
            raise Conflict(
                f"This rule set is kept by {known.managed_by}. Make an overlay to decide "
                "otherwise, or change the framework.",
                name=name,
            )
        if version is not None and version != known.version:
            raise StaleVersion("The rule set was changed by somebody else. Load it again.")
        return known

    async def _parsed(self, body: JsonObject) -> RuleSetBody:
        """A draft may have open questions, but it must be readable."""
        parsed, problems = read_body(body)
        if parsed is None:
            raise _refused(problems)
        return parsed

    def _version(
        self, name: str, number: int, body: RuleSetBody, note: str, now: datetime
    ) -> RuleSetVersion:
        return RuleSetVersion(
            name=name,
            number=number,
            state=VersionState.DRAFT,
            body=body,
            digest=digest_of(body),
            note=note,
            author=self.actor,
            created_at=now,
            published_at=None,
        )


def digest_of(body: RuleSetBody) -> str:
    """SHA-256 of the content: the same content has the same digest."""
    plain = json.dumps(body.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _no_set(name: str) -> NotFound:
    return NotFound(f"There is no rule set named {name}.", name=name)


def _refused(problems: Sequence[RuleProblem]) -> Invalid:
    first = problems[0]
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    hint = f" {first.suggestion}" if first.suggestion else ""
    return Invalid(
        f"The rule set does not fit. {first.path}: {first.message}{hint}{more}",
        problems=[
            {
                "field": each.path,
                "message": f"{each.message} {each.suggestion}" if each.suggestion else each.message,
            }
            for each in problems
        ],
    )
