"""``muniment classify --text``: the entities of texts given as JSON lines, one answer a line."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import Progress, TextColumn

from muniment.classification.engine.text.tagger import find_entities
from muniment.kernel.errors import Invalid, MunimentError

LONGEST_LINE = 32 * 1024 * 1024
"""Bytes of a line that are read; a longer line is passed over and said."""


def classify_text(sources: Sequence[str], *, least: float) -> int:
    """Answer every line of the files, or of the standard input where there are none (or ``-``).

    Answers keep the order of the lines and are written as they are known. What cannot be read goes
    to the standard error with its line; the code is then 1, otherwise 0.
    """
    failed = False
    console = Console(stderr=True)
    shown = Progress(
        TextColumn("{task.description}"), TextColumn("{task.completed} texts"),
        console=console, disable=not console.is_terminal or sys.stdout.isatty(),
    )  # fmt: skip
    with shown:
        for source in sources or ("-",):
            task = shown.add_task(source, total=None)
            try:
                with _opened(source) as stream:
                    for number, line in _lines(stream):
                        failed = not _answered(source, number, line, least) or failed
                        shown.advance(task)
            except OSError as error:
                sys.stderr.write(f"{source}: The file cannot be read: {error.strerror}.\n")
                failed = True
    return 1 if failed else 0


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    if source == "-":
        yield sys.stdin.buffer
    else:
        with Path(source).open("rb") as stream:
            yield stream


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers; None for one that is too long. Memory is that of one line."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        whole = line.endswith(b"\n") or len(line) <= LONGEST_LINE
        while not whole:
            rest = stream.readline(LONGEST_LINE)
            whole = not rest or rest.endswith(b"\n")
            line = b""
        if line == b"":
            yield number, None
        elif line.strip():
            yield number, line


def _answered(source: str, number: int, line: bytes | None, least: float) -> bool:
    """Write the answer to a line, or say why there is none."""
    try:
        given = _parsed(line)
        found = find_entities(given["text"], least=least)
    except MunimentError as error:
        name = "standard input" if source == "-" else source
        sys.stderr.write(f"{name}, line {number}: {error.message}\n")
        return False
    entities = [
        {"label": e.label, "start": e.start, "end": e.end, "score": round(e.score, 4)}
        for e in found
    ]
    answer = {"id": given.get("id"), "entities": entities}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return True


def _parsed(line: bytes | None) -> dict[str, Any]:
    """The object of a line; Invalid says what is wrong without showing the text."""
    if line is None:
        raise Invalid(f"The line is longer than {LONGEST_LINE // 1_048_576} MB. Split the text.")
    try:
        given = json.loads(line)
    except UnicodeDecodeError as error:
        raise Invalid("The line is not UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise Invalid('The line is not JSON. Write {"id": ..., "text": "..."}.') from error
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise Invalid('The line has no text. Write {"id": ..., "text": "..."}.')
    return given
