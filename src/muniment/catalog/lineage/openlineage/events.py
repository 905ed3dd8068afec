"""Reading OpenLineage events as producers send them. Pure.

The format is OpenLineage 2-0-2 (``spec/OpenLineage.json`` of that project). Producers leave out
what the format asks for, so only what an answer needs is required here: names, and a moment.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from muniment.kernel.errors import Invalid

MOST_DATASETS = 5_000
LONGEST_NAME = 2_000
MOST_EVENTS = 10_000
_SPACE = " \t\r\n"


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no number of JSON")
    return number


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


class EventKind(StrEnum):
    RUN = "run"
    JOB = "job"
    DATASET = "dataset"


class EventType(StrEnum):
    START = "START"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    ABORT = "ABORT"
    FAIL = "FAIL"
    OTHER = "OTHER"


Facets = Mapping[str, Any]
Key = tuple[str, str]
"""A namespace and a name in it."""


@dataclass(frozen=True, slots=True)
class EventDataset:
    """A dataset as one event tells of it; its facets of every kind in one mapping."""

    namespace: str
    name: str
    facets: Facets = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return self.namespace, self.name


@dataclass(frozen=True, slots=True)
class PipelineEvent:
    """One event. ``raw`` is the text as it was sent, ``id`` the same for the same text."""

    id: UUID
    kind: EventKind
    at: datetime
    raw: str
    type: EventType | None = None
    run_id: UUID | None = None
    run_facets: Facets = field(default_factory=dict)
    job: Key | None = None
    job_facets: Facets = field(default_factory=dict)
    inputs: tuple[EventDataset, ...] = ()
    outputs: tuple[EventDataset, ...] = ()

    @property
    def datasets(self) -> Sequence[EventDataset]:
        return (*self.inputs, *self.outputs)


def read_event(raw: str) -> PipelineEvent:
    """The event that a text holds; Invalid, with the field that is wrong, when it is none."""
    try:
        body = _DECODER.decode(raw)
        body = _storable(body) if "\\u" in raw else body
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The event is not JSON: {_why(error)}.") from None
    return _event(body, raw)


def _why(error: Exception) -> str:
    """What is wrong, without a word of the text itself."""
    return str(getattr(error, "msg", "a number is too large, or it is nested too deep"))


def _storable(value: Any) -> Any:
    """The same with a mark in place of characters that PostgreSQL keeps in no JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(each) for name, each in value.items()}
    return value


def split_batch(text: str) -> Iterator[str]:
    """The events of a batch, each as the text that was sent: a JSON array, or one on each line."""
    at = _skip(text, 0)
    listed = text[at : at + 1] == "["
    at = _skip(text, at + 1) if listed else at
    found = 0
    while at < len(text) and not (listed and text[at] == "]"):
        try:
            _, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise Invalid(f"The batch is not JSON from event {found} on: {_why(error)}.") from None
        found += 1
        if found > MOST_EVENTS:
            raise Invalid(f"A batch may hold {MOST_EVENTS} events. Send it in parts.")
        yield text[at:end]
        at = _skip(text, end)
        if listed and at < len(text) and text[at] == ",":
            at = _skip(text, at + 1)
        elif listed and text[at : at + 1] != "]":
            raise Invalid(f"The batch is not JSON after event {found - 1}.")
    if listed and at >= len(text):
        raise Invalid("The batch ends before its list does.")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _event(body: object, raw: str) -> PipelineEvent:
    event = _object(body, "the event")
    identity = UUID(bytes=hashlib.sha256(raw.encode("utf-8", "surrogatepass")).digest()[:16])
    at = _moment(event.get("eventTime"))
    if event.get("run") is not None:
        run, job = _object(event["run"], "run"), _object(event.get("job"), "job")
        return PipelineEvent(
            identity,
            EventKind.RUN,
            at,
            raw,
            _type(event.get("eventType")),
            _run_id(run.get("runId")),
            _facets(run, "run"),
            _key(job, "job"),
            _facets(job, "job"),
            _datasets(event.get("inputs"), "inputs"),
            _datasets(event.get("outputs"), "outputs"),
        )
    if event.get("job") is not None:
        job = _object(event["job"], "job")
        return PipelineEvent(
            identity,
            EventKind.JOB,
            at,
            raw,
            job=_key(job, "job"),
            job_facets=_facets(job, "job"),
            inputs=_datasets(event.get("inputs"), "inputs"),
            outputs=_datasets(event.get("outputs"), "outputs"),
        )
    if event.get("dataset") is not None:
        dataset = _dataset(event["dataset"], "dataset")
        return PipelineEvent(identity, EventKind.DATASET, at, raw, outputs=(dataset,))
    raise Invalid("An event tells of a run with its job, of a job, or of a dataset: none is there.")


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Invalid(f"{where} must be an object.", field=where)
    return value


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Invalid(f"{where} must be a text that is not empty.", field=where)
    if len(value) > LONGEST_NAME or "\x00" in value or not _encodes(value):
        raise Invalid(f"{where} is too long, or holds characters that no name has.", field=where)
    return value


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _key(value: Mapping[str, Any], where: str) -> Key:
    return (
        _name(value.get("namespace"), f"{where}.namespace"),
        _name(value.get("name"), f"{where}.name"),
    )


def _facets(value: Mapping[str, Any], where: str, *names: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("facets", *names):
        if value.get(name) is not None:
            found |= _object(value[name], f"{where}.{name}")
    return found


def _dataset(value: object, where: str) -> EventDataset:
    dataset = _object(value, where)
    facets = _facets(dataset, where, "inputFacets", "outputFacets")
    return EventDataset(*_key(dataset, where), facets)


def _datasets(value: object, where: str) -> tuple[EventDataset, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MOST_DATASETS:
        raise Invalid(f"{where} must be a list of at most {MOST_DATASETS} datasets.", field=where)
    return tuple(_dataset(each, f"{where}[{at}]") for at, each in enumerate(value))


def _moment(value: object) -> datetime:
    """ISO 8601; without a zone it is taken as UTC, as Marquez does."""
    if not isinstance(value, str):
        raise Invalid("eventTime must be a moment such as 2026-01-31T12:00:00Z.", field="eventTime")
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f"eventTime is no moment such as 2026-01-31T12:00:00Z: {value[:40]!r}.",
            field="eventTime",
        ) from None


def _type(value: object) -> EventType | None:
    if value is None:
        return None
    try:
        return EventType(str(value).upper())
    except ValueError:
        known = ", ".join(EventType)
        raise Invalid(f"eventType is one of {known}.", field="eventType") from None


def _run_id(value: object) -> UUID:
    """A UUID; producers whose runs have other names get one made from the name."""
    name = _name(value, "run.runId")
    try:
        return UUID(name)
    except ValueError:
        return uuid5(NAMESPACE_URL, name)
