"""What a cloud answers, as errors that say what to do; its own words may hold secrets."""

import re

from obstore.exceptions import (
    BaseError,
    InvalidPathError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)

from muniment.kernel.errors import (
    SourceAuthenticationFailed,
    SourceDataUnreadable,
    SourceError,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceTimeout,
    SourceUnreachable,
)
from muniment.sources.connectors.files.failures import GONE, REPLACED
from muniment.sources.connectors.files.objects.place import Place

STATUS = re.compile(r"status code: (\d{3})")
CODE = re.compile(r"<Code>(\w{1,60})</Code>|\"reason\":\s*\"(\w{1,60})\"")
REGION = re.compile(r"<Region>([\w-]{1,40})</Region>|expecting '([\w-]{1,40})'")
ODD_NAME = (
    "It holds objects whose keys cannot be addressed: an empty part (//), a part . or .., or a"
    " control character. Rename them."
)
NO_ROLE = (
    "The role cannot be assumed. It takes an access key (given here, or in the surroundings of the"
    " machine that scans), a trust policy that allows sts:AssumeRole to its owner, the external ID"
    " if the role asks for one, and a way to the regional STS endpoint."
)
NO_BUCKET = frozenset({"NoSuchBucket", "ContainerNotFound", "InvalidBucketName"})
EXPIRED = frozenset({"ExpiredToken", "TokenRefreshRequired"})
CLOCK = frozenset({"RequestTimeTooSkewed"})
SIGN_IN = frozenset(
    (
        *("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "InvalidSecurity"),
        *("AuthenticationFailed", "InvalidAuthenticationInfo", "NoAuthenticationInformation"),
        *("AuthenticationRequired", "InvalidClientTokenId", "authError", "InvalidClaim"),
    )
)
BARRED = frozenset({"AuthorizationFailure"})
"""Azure says the same of wrong keys and of its firewall."""
ELSEWHERE = frozenset(
    ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException")
)


def told(
    error: BaseError | OSError | ValueError, place: Place, *, listing: bool = False
) -> SourceError:
    """The failure of a call; ``listing`` when it was not about one object."""
    words = str(error)
    found = STATUS.search(words)
    status = int(found[1]) if found else None
    named = CODE.search(words)
    code = next((each for each in named.groups() if each), "") if named else ""
    if isinstance(error, InvalidPathError | ValueError):
        return SourceDataUnreadable(ODD_NAME)
    if isinstance(error, PreconditionError):
        return SourceObjectGone(REPLACED)
    if code in NO_BUCKET or (listing and status == 404):
        return SourceUnreachable(
            f"There is no '{place.container}' at {place.host}. Check its name and its region."
        )
    if isinstance(error, FileNotFoundError):
        return SourceObjectGone(GONE)
    if code in ELSEWHERE or status in (301, 307):
        return _elsewhere(words, place)
    if (refused := _refused(error, status, code, words, place)) is not None:
        return refused
    if isinstance(error, PermissionDeniedError) or status == 403:
        wanted = place.to_list if listing else place.to_read
        return SourcePermissionMissing(f"The account lacks the permission {wanted}.", grant=wanted)
    return _unanswered(words, status, place)


def _refused(
    error: Exception, status: int | None, code: str, words: str, place: Place
) -> SourceError | None:
    if "credential provider" in words:
        return SourceAuthenticationFailed(NO_ROLE)
    if "169.254." in words or "metadata.google" in words or "/oauth2/token" in words[:400]:
        return SourceAuthenticationFailed(place.own_identity)
    if code in EXPIRED:
        return SourceAuthenticationFailed("The temporary credentials have expired. Store new ones.")
    if code in CLOCK:
        return SourceAuthenticationFailed(
            "The clock of the machine that scans is wrong, so its signatures are refused. Set it."
        )
    if place.anonymous and status in (401, 403, 409):
        return SourceAuthenticationFailed(
            "Without credentials it is refused: the data, or the list of it, is not public."
            " Give credentials."
        )
    if code in BARRED:
        return SourcePermissionMissing(
            f"The store refuses it: the credentials are wrong, or lack the permission"
            f" {place.to_list}, or its network rules bar the machine that scans.",
            grant=place.to_list,
        )
    if code in SIGN_IN or status == 401 or isinstance(error, UnauthenticatedError):
        return SourceAuthenticationFailed(
            "The store refused the credentials. Check them, and store them again."
        )
    return None


def _elsewhere(words: str, place: Place) -> SourceError:
    region = REGION.search(words)
    named = next((each for each in region.groups() if each), "") if region else ""
    where = f"It is in {named}: set that region." if named else "Set the region it is in."
    return SourceUnreachable(f"'{place.container}' is in another region. {where}")


def _unanswered(words: str, status: int | None, place: Place) -> SourceError:
    lower = words.lower()
    if status in (429, 503):
        return SourceTimeout("The store asks to slow down. Try again later, with fewer scans.")
    if status is not None:
        return SourceUnreachable(f"The store at {place.host} answered with the status {status}.")
    if "kind: timeout" in lower or "timedout" in lower:
        return SourceTimeout(f"The store at {place.host} does not answer. Try again later.")
    if "certificate" in lower or "unknownissuer" in lower:
        return SourceUnreachable(
            f"The certificate of {place.host} cannot be verified. Name its root certificate in"
            " the source's settings."
        )
    if "dns error" in lower or "failed to lookup" in lower:
        return SourceUnreachable(f"The name {place.host} cannot be resolved. Check the endpoint.")
    return SourceUnreachable(
        f"{place.host} does not serve on port {place.port}. Check the endpoint and the network."
    )
