"""Writes the OpenAPI document: ``python -m muniment.api.document > openapi.json``."""

import json
import sys
from contextlib import AbstractAsyncContextManager

from muniment.api.app import create_app
from muniment.composition.product import Product


def _never_opened() -> AbstractAsyncContextManager[Product]:
    raise RuntimeError("The document needs no running product.")


def document() -> str:
    """The document as text, the same for the same code."""
    return json.dumps(create_app(_never_opened).openapi(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
