"""The labels of an asset, as the classification group told them, become a read model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.assets.recordset import fields_of, recordset
from muniment.catalog.tables import ASSET, COLUMN, NOW_XID
from muniment.contracts.classification import ColumnLabel
from muniment.kernel.paths import split_path
from muniment.kernel.refs import AssetRef


def label_entry(label: ColumnLabel) -> dict[str, Any]:
    return {
        "label": label.label,
        "title": label.title,
        "category": label.category,
        "sensitivity": label.sensitivity.word,
        "confidence": label.confidence,
        "state": label.state.value,
        "tier": label.tier.value,
        "personal": label.personal,
        "special": label.special,
        "path": split_path(label.column)[1],
    }


@dataclass(frozen=True, slots=True)
class LabelKeeper:
    """Takes over whole sets, so repeating or skipping a delivery does no harm."""

    session: AsyncSession

    async def keep(self, asset: AssetRef, labels: Sequence[ColumnLabel]) -> None:
        """Make the labels of an asset's columns exactly these. Unknown assets are ignored.

        What is told of a path inside of documents stands at the column that holds them.
        """
        asset_id = await self.session.scalar(sa.select(ASSET.c.id).where(ASSET.c.ref == str(asset)))
        if asset_id is None:
            return
        by_column: dict[str, list[ColumnLabel]] = {}
        for label in labels:
            by_column.setdefault(split_path(label.column)[0], []).append(label)
        rows = [
            {
                "name": column,
                "labels": [label_entry(label) for label in _strongest_first(found)],
                "sensitivity": max(int(label.sensitivity) for label in found),
            }
            for column, found in by_column.items()
        ]
        given = recordset(rows, "given", fields_of(COLUMN, "name", "labels", "sensitivity"))
        await self.session.execute(
            sa.update(COLUMN)
            .where(
                COLUMN.c.asset_id == asset_id,
                COLUMN.c.name.not_in(list(by_column)),
                COLUMN.c.labels != sa.literal([], COLUMN.c.labels.type),
            )
            .values(labels=[], sensitivity=None)
        )
        await self.session.execute(
            sa.update(COLUMN)
            .where(COLUMN.c.asset_id == asset_id, COLUMN.c.name == given.c.name)
            .values(labels=given.c.labels, sensitivity=given.c.sensitivity)
        )
        await self.session.execute(
            sa.update(ASSET)
            .where(ASSET.c.id == asset_id)
            .values(
                labels=sorted({label.label for label in labels}),
                sensitivity=max((int(label.sensitivity) for label in labels), default=None),
                changed_xid=NOW_XID,
            )
        )


def _strongest_first(labels: Sequence[ColumnLabel]) -> list[ColumnLabel]:
    return sorted(labels, key=lambda label: (-label.confidence, label.label, label.column))
