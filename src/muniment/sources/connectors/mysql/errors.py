"""What MySQL's and MariaDB's failures mean to the person who must act."""

import re
import socket
import ssl

import pymysql

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

_REFUSED = "The user or the password is wrong, or this machine may not sign in. Check them."
_DENIED = "The account lacks a permission for this object."
_GONE = "The table is not there any more. Scan the source again."
_COLUMN_GONE = "A column is not there any more. Scan the source again."
_BROKEN_VIEW = "The view refers to what is not there any more. Repair or drop it."
_TIME = "The statement ran into its time limit. Raise it, or read smaller parts."
_LOCKED = "The table is locked by somebody else. Try again when the other work is done."
_LOST = "The connection to the server was lost. Try again."
_FULL = "The server has no connection left. Lower the concurrency."
_STOPPING = "The server is shutting down. Try again later."
_DAMAGED = "The server reports damaged data. Ask its operator."
_SILENT = "The server stopped answering. Check its load and the network, then try again."
_TLS = "The TLS handshake failed. Check the certificate, its name and the root certificate."

_BY_NUMBER: dict[int, tuple[Failure, str]] = {
    1044: (SourcePermissionMissing, "The account may not use this database. Check its grants."),
    1045: (SourceAuthenticationFailed, _REFUSED),
    1698: (SourceAuthenticationFailed, _REFUSED),
    1130: (
        SourceAuthenticationFailed,
        "The server lets nobody in from this machine. Check the account's host part.",
    ),
    1129: (
        SourceUnreachable,
        "The server blocks this machine after too many failures. Run FLUSH HOSTS there.",
    ),
    1251: (SourceAuthenticationFailed, "The account's way of signing in is not supported here."),
    1524: (SourceAuthenticationFailed, "The account's way of signing in is not supported here."),
    1862: (SourceAuthenticationFailed, "The password has expired. Set a new one on the server."),
    1820: (SourceAuthenticationFailed, "The password has expired. Set a new one on the server."),
    3118: (SourceAuthenticationFailed, "The account is locked. Unlock it on the server."),
    4151: (SourceAuthenticationFailed, "The account is locked. Unlock it on the server."),
    3159: (SourceUnreachable, "The server asks for TLS. Choose the TLS mode require."),
    1049: (SourceUnreachable, "The database does not exist. Check its name."),
    1142: (SourcePermissionMissing, _DENIED),
    1143: (SourcePermissionMissing, _DENIED),
    1227: (SourcePermissionMissing, _DENIED),
    1370: (SourcePermissionMissing, _DENIED),
    1449: (SourcePermissionMissing, "The account that defined this view is not there any more."),
    1146: (SourceObjectGone, _GONE),
    1051: (SourceObjectGone, _GONE),
    1932: (SourceObjectGone, "The table is not in its storage engine any more."),
    1054: (SourceObjectGone, _COLUMN_GONE),
    1735: (
        SourceObjectGone,
        "A partition of the table is not there any more. Scan the source again.",
    ),
    1356: (SourceDataUnreadable, _BROKEN_VIEW),
    1969: (SourceTimeout, _TIME),
    3024: (SourceTimeout, _TIME),
    1317: (SourceTimeout, "The statement was stopped on the server. Try again."),
    1205: (SourceTimeout, _LOCKED),
    1213: (SourceTimeout, _LOCKED),
    1040: (SourceUnreachable, _FULL),
    1203: (SourceUnreachable, _FULL),
    1226: (SourceUnreachable, "The account has used up what the server allows it."),
    1053: (SourceUnreachable, _STOPPING),
    1927: (SourceUnreachable, "An operator stopped the connection. Try again later."),
    2006: (SourceUnreachable, _LOST),
    2013: (SourceUnreachable, _LOST),
    2014: (SourceUnreachable, _LOST),
    1153: (LimitExceeded, "A row is longer than the server's max_allowed_packet."),
    1301: (LimitExceeded, "A value is longer than the server's max_allowed_packet."),
    1104: (LimitExceeded, "The server's max_join_size forbids the reading."),
    1021: (SourceUnreachable, "The server's disk is full."),
    1037: (SourceUnreachable, "The server is out of memory."),
    1194: (SourceDataUnreadable, _DAMAGED),
    1195: (SourceDataUnreadable, _DAMAGED),
    1034: (SourceDataUnreadable, _DAMAGED),
    1712: (SourceDataUnreadable, _DAMAGED),
    1690: (SourceDataUnreadable, "A value could not be turned into its type on the server."),
}


def explain(error: BaseException, **context: object) -> SourceError:
    """The error that a failure of the driver stands for.

    The server's own words are not repeated: they may hold values.
    """
    number = number_of(error)
    if isinstance(error, TimeoutError) or (number == 2013 and "timed out" in str(error)):
        return SourceTimeout(_SILENT, **context)
    if isinstance(error, ssl.SSLError):
        return SourceUnreachable(_TLS, **context)
    if isinstance(error, OSError | ValueError):  # a file that was closed under a reader
        return SourceUnreachable(_LOST, **context)
    if number in _BY_NUMBER:
        failure, sentence = _BY_NUMBER[number]
        return failure(sentence, code=number, **context)
    if number:
        return SourceError(f"The server reported failure {number}.", code=number, **context)
    return SourceError("The server reported a failure of a kind that is not known.", **context)


def explain_connecting(error: BaseException, host: str) -> SourceError:
    """Why no connection came about."""
    if number_of(error) in _BY_NUMBER and number_of(error) not in (2006, 2013):
        return explain(error, host=host)
    cause = getattr(error, "original_exception", None) or error.__cause__ or error
    text = f"{cause} {error}"
    if isinstance(cause, ssl.SSLError):
        return SourceUnreachable(_TLS, host=host)
    if re.search(r"SSL connection requested|doesn't support SSL|does not support SSL", text):
        return SourceUnreachable(
            "The server does not speak TLS. Turn it on there, or choose the TLS mode prefer.",
            host=host,
        )
    for kinds, sentence in _CONNECTING:
        if isinstance(cause, kinds):
            return SourceUnreachable(sentence, host=host)
    if re.search(r"authentication|plugin", text, re.IGNORECASE):
        return SourceAuthenticationFailed(
            "The account's way of signing in is not supported here.", host=host
        )
    return SourceUnreachable("The server cannot be reached. Check host, port and TLS.", host=host)


_CONNECTING: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (socket.gaierror, UnicodeError),
        "The host name cannot be resolved. Check its spelling and the DNS of this machine.",
    ),
    (
        (ConnectionRefusedError,),
        "Nothing listens at this host and port. Check both, and that the server runs.",
    ),
    (
        (FileNotFoundError, PermissionError),
        "There is no socket at this path that may be used. Check it, and that the server runs.",
    ),
    (
        (TimeoutError,),
        "The host does not answer. Check the address and any firewall between.",
    ),
    ((OSError,), "There is no network path to the host. Check the address and the network."),
)


def number_of(error: BaseException) -> int:
    """The server's or the driver's number for a failure; 0 when it has none."""
    given = error.args[0] if isinstance(error, pymysql.Error) and error.args else 0
    return given if isinstance(given, int) else 0


def cancelled() -> Cancelled:
    return Cancelled("The reading of the source was cancelled.")
