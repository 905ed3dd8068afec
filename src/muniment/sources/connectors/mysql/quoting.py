"""Names and texts inside statements; sessions run with an empty ``sql_mode``."""

from pymysql.converters import escape_string


def name(*parts: str) -> str:
    """A name in back ticks, each part by itself."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def text(value: str) -> str:
    """A text between quotes."""
    return f"'{escape_string(value)}'"


def account(user_at_host: str) -> str:
    """An account as GRANT wants it, out of ``current_user()``'s answer."""
    user, _, host = user_at_host.rpartition("@")
    return f"{text(user)}@{text(host)}" if host else text(user_at_host)
