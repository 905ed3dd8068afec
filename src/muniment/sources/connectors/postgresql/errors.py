"""What PostgreSQL's failures mean to the person who must act."""

import re

from muniment.kernel.errors import (
    Cancelled,
    LimitExceeded,
    SourceAuthenticationFailed,
    SourceDataUnreadable,
    SourceError,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceTimeout,
    SourceUnreachable,
)

Failure = type[SourceError]

_BY_STATE: dict[str, tuple[Failure, str]] = {
    "28P01": (SourceAuthenticationFailed, "The user or the password is wrong. Check both."),
    "28000": (
        SourceAuthenticationFailed,
        "The server does not let this user in from here. Check pg_hba.conf and the TLS setting.",
    ),
    "3D000": (SourceUnreachable, "The database does not exist. Check its name."),
    "42501": (SourcePermissionMissing, "The account lacks a permission for this object."),
    "42P01": (SourceObjectGone, "The table is not there any more. Scan the source again."),
    "3F000": (SourceObjectGone, "The schema is not there any more. Scan the source again."),
    "42703": (SourceObjectGone, "A column is not there any more. Scan the source again."),
    "42704": (SourceObjectGone, "The object is not there any more. Scan the source again."),
    "55P03": (
        SourceTimeout,
        "The table is locked by somebody else. Try again when the other work is done.",
    ),
    "57014": (
        SourceTimeout,
        "The statement ran into its time limit. Raise it, or read smaller parts.",
    ),
    "53300": (SourceUnreachable, "The server has no connection left. Lower the concurrency."),
    "57P01": (SourceUnreachable, "The server is shutting down. Try again later."),
    "57P02": (SourceUnreachable, "The server crashed and restarts. Try again later."),
    "57P03": (SourceUnreachable, "The server is starting up. Try again in a moment."),
    "54000": (LimitExceeded, "A limit of the server was reached."),
}
_BY_CLASS: dict[str, tuple[Failure, str]] = {
    "08": (SourceUnreachable, "The connection to the server was lost. Try again."),
    "22": (SourceDataUnreadable, "A value could not be turned into its type on the server."),
    "28": (SourceAuthenticationFailed, "The server refused the credentials. Check them."),
    "53": (SourceUnreachable, "The server lacks resources (memory, disk or connections)."),
    "54": (LimitExceeded, "A limit of the server was reached."),
    "57": (SourceUnreachable, "An operator stopped the connection. Try again later."),
    "58": (SourceDataUnreadable, "The server could not read its own files. Ask its operator."),
    "XX": (SourceDataUnreadable, "The server reports damaged data. Ask its operator."),
}
_WORDS: tuple[tuple[str, str], ...] = (
    (r"password authentication failed|no password supplied|SCRAM|fe_sendauth", "28P01"),
    (r"no pg_hba\.conf entry|role \".*\" does not exist|is not permitted to log in", "28000"),
    (r"database \".*\" does not exist", "3D000"),
    (r"permission denied", "42501"),
    (r"canceling statement due to lock timeout", "55P03"),
    (r"canceling statement due to", "57014"),
    (r"(relation|table|view) .* does not exist|could not open relation", "42P01"),
    (r"column .* does not exist", "42703"),
    (r"starting up|not yet accepting", "57P03"),
    (r"shutting down|terminating connection", "57P01"),
    (r"too many clients|remaining connection slots|too many connections", "53300"),
    (r"server closed the connection|connection.*(lost|reset|closed)|no connection", "08006"),
    (r"invalid byte sequence|invalid input|out of range|division by zero", "22000"),
)
_CONNECTING: tuple[tuple[str, Failure, str], ...] = (
    (
        r"translate host name|failed to resolve|Name or service|No address|nodename nor servname",
        SourceUnreachable,
        "The host name cannot be resolved. Check its spelling and the DNS of this machine.",
    ),
    (
        r"Connection refused",
        SourceUnreachable,
        "Nothing listens at this host and port. Check both, and that the server runs.",
    ),
    (
        r"No such file or directory",
        SourceUnreachable,
        "There is no socket at this path. Check the folder and the port, and that the server runs.",
    ),
    (
        r"timeout expired|timed out|Connection timeout",
        SourceUnreachable,
        "The host does not answer. Check the address and any firewall between.",
    ),
    (
        r"No route to host|Network is unreachable",
        SourceUnreachable,
        "There is no network path to the host. Check the address and the network.",
    ),
    (
        r"server does not support SSL",
        SourceUnreachable,
        "The server does not speak TLS. Turn it on there, or choose sslmode prefer.",
    ),
    (
        r"certificate|SSL error|sslrootcert|root\.crt",
        SourceUnreachable,
        "The TLS handshake failed. Check the certificate, its name and the root certificate.",
    ),
)


def explain(state: str | None, text: str, **context: object) -> SourceError:
    """The error that a SQLSTATE (or, lacking one, the server's words) stands for.

    The server's own words are not repeated: they may hold values.
    """
    state = state or _state_of(text)
    if state is None:
        return SourceError("The server reported a failure of a kind that is not known.", **context)
    known = _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
    failure, sentence = known or (SourceError, f"The server reported failure {state}.")
    return failure(sentence, sqlstate=state, **context)


def explain_connecting(text: str, *, used_password: bool, **context: object) -> SourceError:
    """Why no connection came about; libpq gives words and no code at this stage."""
    state = _state_of(text)
    if state is not None:
        return explain(state, text, **context)
    for pattern, failure, sentence in _CONNECTING:
        if re.search(pattern, text, re.IGNORECASE):
            return failure(sentence, **context)
    if used_password:
        return explain("28000", text, **context)
    return SourceUnreachable("The server cannot be reached. Check host, port and TLS.", **context)


def cancelled() -> Cancelled:
    return Cancelled("The reading of the source was cancelled.")


def _state_of(text: str) -> str | None:
    for pattern, state in _WORDS:
        if re.search(pattern, text, re.IGNORECASE):
            return state
    return None
