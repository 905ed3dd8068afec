"""What the failures of any driver mean to the person who must act, as far as words tell."""

import re

from muniment.kernel.errors import (
    Cancelled,
    SourceAuthenticationFailed,
    SourceDataUnreadable,
    SourceError,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceTimeout,
    SourceUnreachable,
)

Failure = type[SourceError]
Words = tuple[tuple[str, Failure, str], ...]

_CONNECTING: Words = (
    (
        (
            r"password authentication failed|login failed|access denied for user"
            r"|authentication fail|invalid username|incorrect username|logon denied|ORA-01017"
            r"|ORA-28000|fe_sendauth|role \".*\" does not exist|no password supplied"
            r"|invalid credential|unauthorized"
        ),
        SourceAuthenticationFailed,
        "The user or the password is wrong, or this machine may not sign in. Check them.",
    ),
    (
        (
            r"database .*does not exist|unknown database|cannot open database|ORA-12514|ORA-12505"
            r"|unable to open database file"
        ),
        SourceUnreachable,
        "The database does not exist. Check its name.",
    ),
    (
        r"resolve|name or service|getaddrinfo|nodename nor servname|unknown host|no address",
        SourceUnreachable,
        "The host name cannot be resolved. Check its spelling and the DNS of this machine.",
    ),
    (
        r"refused|no listener|ORA-12541",
        SourceUnreachable,
        "Nothing listens at this host and port. Check both, and that the server runs.",
    ),
    (
        r"timed out|timeout|HYT00|ORA-12170",
        SourceUnreachable,
        "The host does not answer. Check the address and any firewall between.",
    ),
    (
        r"certificate|\bssl\b|\btls\b",
        SourceUnreachable,
        "The TLS handshake failed. Check the certificate and the URL's TLS options.",
    ),
)
_RUNNING: Words = (
    (
        (
            r"permission denied|insufficient privilege|ORA-01031|command denied|access denied"
            r"|not authori[sz]ed|permission was denied"
        ),
        SourcePermissionMissing,
        "The account lacks a permission for this object.",
    ),
    (
        (
            r"does not exist|doesn't exist|no such (table|column)|invalid object name|ORA-00942"
            r"|ORA-00904|unknown (column|table)|invalid column|not found|SQL0204N|undefined"
        ),
        SourceObjectGone,
        "The table or a column of it is not there any more. Scan the source again.",
    ),
    (
        (
            r"statement timeout|max_statement_time|maximum statement execution|canceling statement"
            r"|ORA-01013|DPY-4024|query execution was interrupted|exceeded.*time|timed out"
            r"|interrupted|operation cancel"
        ),
        SourceTimeout,
        "The statement ran into its time limit. Raise it, or read smaller parts.",
    ),
    (
        r"lock|deadlock|ORA-00054",
        SourceTimeout,
        "The table is locked by somebody else. Try again when the other work is done.",
    ),
    (
        r"lost|closed|reset|broken pipe|gone away|terminat|ORA-03113|ORA-03114|08S01|08006",
        SourceUnreachable,
        "The connection to the server was lost. Try again.",
    ),
    (
        r"too large|out of range|overflow|invalid (value|input|byte)|convert|malformed|ORA-017",
        SourceDataUnreadable,
        "A value could not be turned into its type.",
    ),
)


def explain(error: BaseException, **context: object) -> SourceError:
    """Why a statement failed; the server's own words are not repeated: they may hold values."""
    return _worded(_RUNNING, error, **context) or SourceError(
        "The database reported a failure of a kind that is not known.", **context
    )


def explain_connecting(error: BaseException, host: str | None) -> SourceError:
    """Why no connection came about."""
    return _worded(_CONNECTING, error, host=host) or SourceUnreachable(
        "The database cannot be reached. Check host, port, TLS and the connect arguments.",
        host=host,
    )


def _worded(words: Words, error: BaseException, **context: object) -> SourceError | None:
    text = str(getattr(error, "orig", None) or error)
    for pattern, failure, sentence in words:
        if re.search(pattern, text, re.IGNORECASE):
            return failure(sentence, **context)
    return None


def cancelled() -> Cancelled:
    return Cancelled("The reading of the source was cancelled.")
