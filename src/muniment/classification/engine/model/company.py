"""What stands beside a column: a number is likelier a latitude next to a longitude."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from muniment.classification.engine.model.network import Matrix, Model, softmax
from muniment.classification.model import Found

COMPANY_ODDS: Final = 2.5
"""What a certain companion adds to the log-odds of a label."""
_NEAR: Final = 2
_ANYWHERE: Final = 60
COMPANY: Final[Mapping[str, tuple[Sequence[str], int]]] = {
    "geo.latitude": (("geo.longitude",), _NEAR),
    "geo.longitude": (("geo.latitude",), _NEAR),
    "person.first_name": (("person.last_name",), _NEAR),
    "person.last_name": (("person.first_name",), _NEAR),
    "person.age": (("person.gender", "person.marital_status", "person.ethnicity"), _ANYWHERE),
    "geo.city": (("us.state", "geo.country", "geo.country_code", "us.zip"), _NEAR + 1),
    "us.state": (("geo.city", "us.zip"), _NEAR + 1),
    "us.zip": (("us.state", "geo.city"), _NEAR + 1),
}
"""Labels that come together, and how many columns apart at most."""


def in_company(
    shares: Matrix, model: Model, places: Sequence[int], labels: Sequence[Sequence[Found]]
) -> Matrix:
    """The shares with regard to what stands beside: a latitude is likelier next to a longitude."""
    raised = np.log(np.maximum(shares, 1e-9))
    for label, (others, reach) in COMPANY.items():
        if label not in model.labels:
            continue
        mine = model.labels.index(label)
        for row, at in enumerate(places):
            beside = max(
                (
                    _share_of(other, labels[place], model, shares, places, place)
                    for place in range(max(0, at - reach), min(len(labels), at + reach + 1))
                    for other in others
                    if place != at
                ),
                default=0.0,
            )
            raised[row, mine] += COMPANY_ODDS * beside
    return softmax(raised)


def _share_of(
    other: str,
    found: Sequence[Found],
    model: Model,
    shares: Matrix,
    places: Sequence[int],
    place: int,
) -> float:
    """How likely the column at a place holds a label, by the rules or else by the model."""
    said = next((each.confidence for each in found if each.label == other), 0.0)
    if said or place not in places or other not in model.labels:
        return said
    return float(shares[places.index(place), model.labels.index(other)])
