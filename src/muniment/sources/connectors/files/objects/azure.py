"""Azure Blob Storage, and Data Lake Storage Gen2 through the same protocol."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.store import AzureStore

from muniment.contracts.connectors import Bounds
from muniment.kernel.errors import Invalid
from muniment.sources.connectors.bucket_settings import AzureSettings
from muniment.sources.connectors.files.objects import limits
from muniment.sources.connectors.files.objects.place import Place

if TYPE_CHECKING:  # exist for the type checker only
    from collections.abc import Callable

    from obstore.store import AzureConfig, AzureCredential

NO_IDENTITY = (
    "The machine that scans has no identity of its own in Azure. Give an account key, a SAS token"
    " or a service principal, or run it where a managed identity is attached."
)
CLOUDS = (".core.windows.net", ".core.chinacloudapi.cn", ".core.usgovcloudapi.net")


def place_of(given: AzureSettings, bounds: Bounds) -> Place:
    """Invalid when a connection string does not fit."""
    known = _connection(given.secret("connection_string"))
    account = given.account or known.get("AccountName", "")
    endpoint = given.endpoint or known.get("BlobEndpoint", "").rstrip("/")
    if not endpoint:
        suffix = known.get("EndpointSuffix", "core.windows.net")
        endpoint = f"https://{account}.blob.{suffix}"
    if endpoint.startswith("http://") and not given.allow_http:
        raise Invalid("The endpoint has no TLS. Use https://, or switch «Allow http» on.")
    credential = _credential(given, known)
    config: AzureConfig = {
        "account_name": account or "anonymous",
        "endpoint": endpoint,
        "skip_signature": given.anonymous,
        "use_emulator": False,
    }
    secret = given.secret("client_secret")
    if credential is None and secret and given.client_id and given.tenant_id:
        config |= {
            "client_id": given.client_id,
            "client_secret": secret,
            "tenant_id": given.tenant_id,
        }
    elif credential is None and not given.anonymous and not _is_own(endpoint):
        raise Invalid(
            "An endpoint of your own is not sent the identity of the machine that scans. Give an"
            " account key or a SAS token."
        )
    return Place(
        client=AzureStore(
            given.container,
            config=config,
            client_options=limits.client_options(given, bounds),
            retry_config=limits.retries(bounds),
            credential_provider=credential,
        ),
        endpoint=endpoint,
        container=given.container,
        prefix=given.prefix,
        to_list="Microsoft.Storage/storageAccounts/blobServices/containers/read (List)",
        to_read="Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read (Read)",
        policy=_grant(account, given.container),
        own_identity=NO_IDENTITY,
        anonymous=given.anonymous,
        machine=credential is None and not given.anonymous and not secret,
    )


def _is_own(endpoint: str) -> bool:
    return (urlsplit(endpoint).hostname or "").endswith(CLOUDS)


def _connection(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    pairs = (part.partition("=") for part in text.split(";") if part.strip())
    known = {name.strip(): value.strip() for name, _, value in pairs}
    if not {"AccountKey", "SharedAccessSignature"} & set(known):
        raise Invalid("The connection string holds no AccountKey and no SharedAccessSignature.")
    return known


def _credential(
    given: AzureSettings, known: dict[str, str]
) -> "Callable[[], AzureCredential] | None":
    """What signs the requests; None leaves it to a service principal or to the machine."""
    if given.anonymous:
        return None
    key = given.secret("account_key") or known.get("AccountKey")
    if key:
        return lambda: {"access_key": key, "expires_at": None}
    token = given.secret("sas_token") or known.get("SharedAccessSignature")
    if token:
        return lambda: {"sas_token": token.lstrip("?"), "expires_at": None}
    return None


def _grant(account: str, container: str) -> str:
    scope = (
        "/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.Storage"
        f"/storageAccounts/{account}/blobServices/default/containers/{container}"
    )
    return (
        "az role assignment create --assignee PRINCIPAL"
        f" --role 'Storage Blob Data Reader' --scope '{scope}'\n"
        "# or a SAS token of this container with the permissions read and list:\n"
        f"az storage container generate-sas --account-name '{account}' --name '{container}'"
        " --permissions rl --expiry YYYY-MM-DD --https-only"
    )
