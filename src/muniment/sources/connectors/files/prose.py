"""Documents of text as passages: pages of a PDF, paragraphs of the rest, each with its place."""

import html
import logging
import re
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from email import message_from_binary_file, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from itertools import islice
from typing import BinaryIO, Final, TypeAlias

from muniment.kernel.errors import LimitExceeded, SourceDataUnreadable
from muniment.sources.connectors.files import documents, limits, text
from muniment.sources.connectors.files.stores import DataFile

ENDINGS: Final = (".txt", ".html", ".htm", ".pdf", ".docx", ".eml")
COLUMNS: Final = (("place", "text", False), ("text", "text", False))
"""Where a passage stands, such as ``page 3``, and what it says."""
Passage: TypeAlias = tuple[str, str]
Stop: TypeAlias = Callable[[], None]

DAMAGED = "The document is cut short or damaged. Save it again."
LOCKED = "The document is protected by a password. Save it without, or exclude it."
SPACES = re.compile(r"[ \t\xa0]+")


def head(file: DataFile, stop: Stop) -> int:
    """How many passages there are, of the first few; raises when it is unreadable."""
    return sum(1 for _ in islice(passages(file, stop), limits.HEADS))


def rows(file: DataFile, stop: Stop, max_cell: int) -> Iterator[documents.Row]:
    """Passages as rows of the two columns."""
    for place, said in passages(file, stop):
        yield {"place": place, "text": said[:max_cell]}


def passages(file: DataFile, stop: Stop) -> Iterator[Passage]:
    """The passages of a document in order. LimitExceeded when it takes too long or is too large."""
    if file.size > limits.PROSE_BYTES:
        raise _too_large(f"{limits.PROSE_BYTES >> 20} MiB")
    ending = "." + file.name.lower().rpartition(".")[2]
    readers: dict[str, Callable[[DataFile], Iterator[Passage]]] = {
        ".pdf": _pdf,
        ".docx": _docx,
        ".eml": _mail,
        ".html": _page,
        ".htm": _page,
    }
    until = time.monotonic() + limits.PROSE_SECONDS
    weight = 0
    for place, said in readers.get(ending, _plain)(file):
        stop()
        weight += len(said)
        if weight > limits.PROSE_CHARACTERS:
            raise _too_large(f"{limits.PROSE_CHARACTERS:,} characters")
        if time.monotonic() > until:
            raise LimitExceeded(f"The document took longer than {limits.PROSE_SECONDS} s to read.")
        cleaned = SPACES.sub(" ", said.replace("\x00", "")).strip()
        if cleaned:
            yield place, cleaned


def _paragraphs(whole: str, name: str = "paragraph") -> Iterator[Passage]:
    blocks = (b for b in re.split(r"\n[ \t\r]*\n", whole.replace("\r\n", "\n")) if b.strip())
    for number, block in enumerate(blocks, 1):
        yield f"{name} {number}", block


def _decoded(raw: bytes) -> str:
    encoding = text.encoding_of(raw[: limits.HEAD_BYTES])
    return raw.decode(encoding, "replace")


def _raw(file: DataFile) -> bytes:
    with file.open() as stream:
        return stream.read(limits.PROSE_BYTES + 1)


def _plain(file: DataFile) -> Iterator[Passage]:
    yield from _paragraphs(_decoded(_raw(file)))


def _page(file: DataFile) -> Iterator[Passage]:
    yield from _paragraphs(text_of(_decoded(_raw(file))))


_BLOCKS = (
    "p div li h1 h2 h3 h4 h5 h6 tr table ul ol section article header footer blockquote pre dt dd"
    " title main nav"
)


class _Words(HTMLParser):
    """Gathers what a page shows: no scripts, no styles; a block is a paragraph."""

    BLOCKS = frozenset(_BLOCKS.split())
    HIDDEN = frozenset(("script", "style", "template", "noscript", "svg"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.HIDDEN:
            self._hidden.append(tag)
        elif tag in self.BLOCKS:
            self.pieces.append("\n\n")
        elif tag in ("br", "td", "th"):
            self.pieces.append("\n" if tag == "br" else " ")
        for name, value in attrs:
            if tag == "a" and name == "href" and (value or "").startswith(("mailto:", "tel:")):
                self.pieces.append(f" {html.unescape(value or '').partition(':')[2]} ")

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag == self._hidden[-1]:
            self._hidden.pop()
        elif tag in self.BLOCKS:
            self.pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(re.sub(r"\s+", " ", data))


def text_of(page: str) -> str:
    """What a page of HTML shows, with an empty line between its blocks."""
    words = _Words()
    words.feed(page)
    words.close()
    return "".join(words.pieces)


def _pdf(file: DataFile) -> Iterator[Passage]:
    import pypdf  # heavy: only where there is a PDF

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is said by the error

    with file.open() as stream:
        try:
            reader = pypdf.PdfReader(stream)
            if reader.is_encrypted and not reader.decrypt(""):
                raise SourceDataUnreadable(LOCKED)
            count = len(reader.pages)
        except SourceDataUnreadable:
            raise
        except Exception as error:  # the library raises anything on damaged files
            file.check()
            raise SourceDataUnreadable(DAMAGED) from error
        if count > limits.PROSE_PAGES:
            raise _too_large(f"{limits.PROSE_PAGES:,} pages")
        for number in range(count):
            yield f"page {number + 1}", _page_text(reader, number, file)


def _page_text(reader: "object", number: int, file: DataFile) -> str:
    try:
        return str(reader.pages[number].extract_text())  # type: ignore[attr-defined]  # late import
    except RecursionError:
        raise SourceDataUnreadable("A page is nested too deeply to be read.") from None
    except Exception as error:  # as above
        file.check()
        raise SourceDataUnreadable(DAMAGED) from error


def _docx(file: DataFile) -> Iterator[Passage]:
    import docx  # heavy: only where there is such a document

    with file.open() as stream:
        _check_parts(file, stream)
        stream.seek(0)
        try:
            document = docx.Document(stream)
            for number, block in enumerate(document.iter_inner_content(), 1):
                if hasattr(block, "rows"):
                    lines = (" ".join(cell.text for cell in row.cells) for row in block.rows)
                    yield f"paragraph {number}", "\n".join(lines)
                else:
                    yield f"paragraph {number}", block.text
        except LimitExceeded:
            raise
        except Exception as error:  # the library raises anything on damaged files
            file.check()
            raise SourceDataUnreadable(DAMAGED) from error


def _check_parts(file: DataFile, stream: BinaryIO) -> None:
    """Refuse a document that unpacks to too much, by what is in it, not by what it says."""
    total = 0
    try:
        with zipfile.ZipFile(stream) as archive:
            for part in archive.infolist():
                with archive.open(part) as inside:
                    while chunk := inside.read(1 << 20):
                        total += len(chunk)
                        if total > limits.PROSE_UNPACKED:
                            raise _too_large(f"{limits.PROSE_UNPACKED >> 20} MiB unpacked")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        file.check()
        raise SourceDataUnreadable(DAMAGED) from None


def _mail(file: DataFile) -> Iterator[Passage]:
    with file.open() as stream:
        message = message_from_binary_file(stream, policy=policy.default)
    heads = [
        f"{name}: {message[name]}" for name in ("From", "To", "Cc", "Subject") if message[name]
    ]
    if heads:
        yield "headers", "\n".join(heads)
    for number, part in enumerate(islice(message.walk(), limits.PROSE_PAGES), 1):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not part.get_filename():
            said = _content(part)
            name = f"part {number} paragraph"
            yield from _paragraphs(text_of(said) if kind == "text/html" else said, name)


def _content(part: EmailMessage) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # an unknown or wrong encoding
        raw = part.get_payload(decode=True)
        return raw.decode("latin-1") if isinstance(raw, bytes) else ""


def _too_large(bound: str) -> LimitExceeded:
    return LimitExceeded(
        f"The document has more than {bound}; it is not read.",
        remedy="Split it, or exclude it in the rule set.",
    )
