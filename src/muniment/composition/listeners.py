"""Who listens to whom: every group's subscribers on one bus, each in units of work of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

import muniment.catalog.quality.subscribers
import muniment.catalog.subscribers
import muniment.classification.assistant.subscribers
import muniment.classification.subscribers
import muniment.compliance.subscribers
import muniment.rulesets.subscribers
import muniment.scans.subscribers
from muniment.classification.subscribers import ClassificationListener
from muniment.composition.classification import build_classification_listener
from muniment.composition.product import Product
from muniment.composition.unit import Unit

T = TypeVar("T")
Opener = Callable[[], AbstractAsyncContextManager[T]]


def opener(product: Product, pick: Callable[[Unit], T]) -> Opener[T]:
    """Opens one service in a transaction of its own, acting as Muniment itself."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[T]:
        async with product.writing() as unit:
            yield pick(unit)

    return opened


def subscribe_all(product: Product) -> None:
    """Let every group hear what concerns it."""
    bus = product.bus
    muniment.catalog.subscribers.subscribe(bus, opener(product, lambda unit: unit.catalog.listener))
    muniment.catalog.quality.subscribers.subscribe(
        bus,
        opener(product, lambda unit: unit.quality.incidents),
        opener(product, lambda unit: unit.quality.references),
    )
    muniment.classification.subscribers.subscribe(bus, opener(product, _label_keeper))
    muniment.classification.assistant.subscribers.subscribe(
        bus, opener(product, lambda unit: unit.assistant.assistant)
    )
    muniment.compliance.subscribers.subscribe(
        bus, opener(product, lambda unit: unit.compliance.judge)
    )
    muniment.rulesets.subscribers.subscribe(
        bus, opener(product, lambda unit: unit.rulesets.listener)
    )
    muniment.scans.subscribers.subscribe(bus, opener(product, lambda unit: unit.scans.listener))


def _label_keeper(unit: Unit) -> ClassificationListener:
    return build_classification_listener(
        unit.classification, unit.inheritance, assets=unit.catalog.facts
    )
