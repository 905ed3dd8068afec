"""Names of other people's data in a terminal."""

from io import StringIO

from rich.console import Console
from rich.table import Table

from muniment.cli.words import plain, plain_lines


def shown(text: str) -> str:
    printed = StringIO()
    console = Console(file=printed, width=200)
    table = Table(box=None, show_header=False)
    table.add_row(text)
    console.print(table)
    return printed.getvalue()


def test_markup_and_control_characters_are_shown_and_not_obeyed() -> None:
    assert "[/] [bold]x [link=http://a]y" in shown(plain("[/] [bold]x [link=http://a]y"))
    assert "\x1b" not in shown(plain("\x1b[31mred\x1b]0;title\x07"))
    assert plain("a\nb\u202ec") == "a\u240ab\ufffdc"
    assert plain_lines("one;\ntwo;") == "one;\ntwo;"
    assert plain(None) == ""
