"""What can go wrong, worded for the person who must act.

A subclass fixes the HTTP status, a stable slug and whether trying again may help. The message is
a sentence without secrets or sampled values; facts go into the context.
"""

from typing import ClassVar


class MunimentError(Exception):
    """The root of every failure that Muniment names."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, **context: object) -> None:
        super().__init__(message)
        self.message = message
        self.context = context

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.context))


def _rebuild(kind: type[MunimentError], message: str, context: dict[str, object]) -> MunimentError:
    return kind(message, **context)


class Invalid(MunimentError):
    """What was given does not fit; ``problems`` in the context may list field by field."""

    status = 422
    slug = "invalid"
    title = "The input does not fit"


class NotFound(MunimentError):
    status = 404
    slug = "not-found"
    title = "Not found"


class Conflict(MunimentError):
    status = 409
    slug = "conflict"
    title = "In conflict with the present state"


class StaleVersion(MunimentError):
    """Somebody changed it since it was read (``If-Match`` failed)."""

    status = 412
    slug = "stale-version"
    title = "Changed by somebody else"


class Unauthenticated(MunimentError):
    status = 401
    slug = "unauthenticated"
    title = "Sign in first"


class Forbidden(MunimentError):
    status = 403
    slug = "forbidden"
    title = "Not permitted"


class TooLarge(MunimentError):
    status = 413
    slug = "too-large"
    title = "Too large"


class TooManyRequests(MunimentError):
    status = 429
    slug = "too-many-requests"
    title = "Too many requests"
    retryable = True


class Unavailable(MunimentError):
    """A part that Muniment needs (database, disk, port) cannot serve now."""

    status = 503
    slug = "unavailable"
    title = "Not available at the moment"
    retryable = True


class SourceError(MunimentError):
    """The root of everything a data source can do to us."""

    status = 502
    slug = "source-error"
    title = "The data source failed"


class SourceUnreachable(SourceError):
    """Name not resolved, host down, port closed, connection lost."""

    slug = "source-unreachable"
    title = "The data source cannot be reached"
    retryable = True


class SourceAuthenticationFailed(SourceError):
    slug = "source-authentication-failed"
    title = "The data source refused the credentials"


class SourcePermissionMissing(SourceError):
    """The account may not do what the scan needs; the context names the grant."""

    slug = "source-permission-missing"
    title = "A permission is missing on the data source"


class SourceTimeout(SourceError):
    slug = "source-timeout"
    title = "The data source took too long"
    retryable = True


class SourceObjectGone(SourceError):
    """The table or file was there when the scan began and is not any more."""

    slug = "source-object-gone"
    title = "The object vanished"


class SourceDataUnreadable(SourceError):
    """The object is there and its content cannot be decoded."""

    slug = "source-data-unreadable"
    title = "The data cannot be read"


class LimitExceeded(SourceError):
    """A bound on size, nesting, columns or time was reached."""

    slug = "limit-exceeded"
    title = "A limit was reached"


class Cancelled(MunimentError):
    status = 409
    slug = "cancelled"
    title = "Cancelled"
