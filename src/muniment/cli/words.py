"""Foreign words in a terminal: names of the data are shown as they are and command nothing."""

import re

from rich.markup import escape

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str | None) -> str:
    """One line for Rich to print: no markup, no control character, no change of direction."""
    return "" if text is None else escape(_CONTROL.sub(_picture, text))


def plain_lines(text: str | None) -> str:
    """The same for what may have several lines, such as statements to be run."""
    return "\n".join(plain(line) for line in (text or "").splitlines())


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"
