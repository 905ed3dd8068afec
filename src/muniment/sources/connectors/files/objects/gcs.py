"""Google Cloud Storage."""

import json
from typing import TYPE_CHECKING

from obstore.store import GCSStore

from muniment.contracts.connectors import Bounds
from muniment.kernel.errors import Invalid
from muniment.sources.connectors.bucket_settings import GcsSettings
from muniment.sources.connectors.files.objects import limits
from muniment.sources.connectors.files.objects.place import Place

if TYPE_CHECKING:  # exists for the type checker only
    from obstore.store import GCSConfig

OWN = "https://storage.googleapis.com"
NO_IDENTITY = (
    "The machine that scans has no credentials of its own for Google Cloud. Give the key of a"
    " service account, or run it where one is attached."
)


def place_of(given: GcsSettings, bounds: Bounds) -> Place:
    """Invalid when the key of the service account does not fit."""
    config: GCSConfig = {"base_url": given.endpoint or OWN, "skip_signature": given.anonymous}
    key = given.secret("service_account_json")
    if key and not given.anonymous:
        config["service_account_key"] = _checked(key)
    elif given.endpoint and not given.anonymous:
        raise Invalid(
            "An endpoint of your own is not sent the identity of the machine that scans. Give the"
            " key of a service account, or switch «Anonymous» on."
        )
    return Place(
        client=GCSStore(
            given.bucket,
            config=config,
            client_options=limits.client_options(given, bounds),
            retry_config=limits.retries(bounds),
        ),
        endpoint=given.endpoint or OWN,
        container=given.bucket,
        prefix=given.prefix,
        to_list=f"storage.objects.list on gs://{given.bucket}",
        to_read=f"storage.objects.get on gs://{given.bucket}",
        policy=(
            f"gcloud storage buckets add-iam-policy-binding 'gs://{given.bucket}'"
            " --member='serviceAccount:ACCOUNT' --role='roles/storage.objectViewer'"
        ),
        own_identity=NO_IDENTITY,
        anonymous=given.anonymous,
        machine=not key and not given.anonymous,
    )


def _checked(key: str) -> str:
    try:
        told = json.loads(key)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not {"client_email", "private_key"} <= set(told):
        raise Invalid("The service account key is not the JSON file that Google gives out.")
    return key
