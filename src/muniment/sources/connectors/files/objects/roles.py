"""Roles of AWS that are assumed with other credentials, and renewed before they end."""

import hashlib
import hmac
import re
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from muniment.kernel.errors import SourceAuthenticationFailed, SourceUnreachable

if TYPE_CHECKING:  # exists for the type checker only
    from obstore.store import S3Credential

LASTS = timedelta(hours=1)
EARLY = timedelta(minutes=5)
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Keys:
    """Credentials of AWS."""

    name: str
    secret: str = field(repr=False)
    token: str | None = field(repr=False, default=None)
    ends: datetime | None = None

    def credential(self) -> "S3Credential":
        return {
            "access_key_id": self.name,
            "secret_access_key": self.secret,
            "token": self.token,
            "expires_at": self.ends,
        }


@dataclass(frozen=True, slots=True)
class Role:
    arn: str
    external_id: str | None
    region: str

    @property
    def host(self) -> str:
        domain = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"sts.{self.region}.{domain}"


class Assumed:
    """Temporary credentials of a role."""

    def __init__(self, role: Role, keys: Keys | None, seconds: float) -> None:
        self._role = role
        self._keys = keys
        self._seconds = seconds
        self._lock = threading.Lock()
        self._now: Keys | None = None

    def credential(self) -> "S3Credential":
        with self._lock:
            ends = self._now.ends if self._now is not None else None
            if self._now is None or ends is None or ends - EARLY < datetime.now(UTC):
                if self._keys is None:
                    raise SourceAuthenticationFailed(
                        "To assume a role, an access key is needed: give one, or put one into the"
                        " surroundings of the machine that scans."
                    )
                self._now = assume(self._role, self._keys, self._seconds)
            return self._now.credential()


def assume(role: Role, keys: Keys, seconds: float) -> Keys:
    """Ask for the role's credentials. SourceAuthenticationFailed when it may not be assumed."""
    request = signed(role, keys, datetime.now(UTC))
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310  # https
            words = answer.read(MOST_BYTES).decode("utf-8", "replace")
    except urllib.error.HTTPError:
        raise SourceAuthenticationFailed(
            f"The role {role.arn} may not be assumed. Its trust policy must allow"
            " sts:AssumeRole to the access key's owner, with the external ID if it asks for one."
        ) from None
    except OSError:
        raise SourceUnreachable(f"{role.host} cannot be reached to assume the role.") from None
    found = {
        name: match[1]
        for name in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
        if (match := re.search(f"<{name}>([^<]+)</{name}>", words)) is not None
    }
    if len(found) < 4:
        raise SourceAuthenticationFailed(f"{role.host} gave no credentials for the role.")
    return Keys(
        found["AccessKeyId"],
        found["SecretAccessKey"],
        found["SessionToken"],
        datetime.fromisoformat(found["Expiration"]),
    )


def signed(role: Role, keys: Keys, now: datetime) -> urllib.request.Request:
    """The request for a role's credentials, signed with version 4 of AWS's signatures."""
    wanted = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": role.arn,
        "RoleSessionName": "muniment",
        "DurationSeconds": str(int(LASTS.total_seconds())),
    }
    if role.external_id:
        wanted["ExternalId"] = role.external_id
    body = "&".join(f"{key}={quote(value, safe='-_.~')}" for key, value in sorted(wanted.items()))
    stamp, day = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}"
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": role.host,
        "x-amz-date": stamp,
    }
    if keys.token:
        headers["x-amz-security-token"] = keys.token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body.encode()).hexdigest()}"
    scope = f"{day}/{role.region}/sts/aws4_request"
    told = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{keys.secret}".encode()
    for part in (day, role.region, "sts", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, told.encode(), "sha256").hexdigest()
    headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={keys.name}/{scope}, SignedHeaders={names},"
        f" Signature={signature}"
    )
    return urllib.request.Request(  # https, to a host of AWS
        f"https://{role.host}/", data=body.encode(), headers=headers, method="POST"
    )
