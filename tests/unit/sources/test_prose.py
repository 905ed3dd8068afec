"""Documents of text as passages with their places; what is damaged or too large says so."""

import zipfile
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import docx
import pytest

from muniment.kernel.errors import LimitExceeded, SourceDataUnreadable
from muniment.sources.connectors.files import limits, prose
from muniment.sources.connectors.files.local import LocalStore


def passages(folder: Path, name: str) -> list[tuple[str, str]]:
    return list(prose.passages(LocalStore(folder).file(name), lambda: None))


def pdf_of(*pages: str) -> bytes:
    """A small PDF with one line of text a page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET"
        parts.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * n} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        parts.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, offsets = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{part}\nendobj\n".encode()
    table = "".join(f"{at:010d} 00000 n \n" for at in offsets)
    size = len(parts) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\n"
    return out + f"{tail}startxref\n{len(out)}\n%%EOF".encode()


def test_each_kind_of_document_gives_its_passages(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One line\nand more.\n\n\nSecond.", "utf-8")
    (tmp_path / "b.html").write_text(
        "<style>p{}</style><script>var secret</script><p>Ask <b>Maria</b></p><p>x"
        "<a href='mailto:m@example.com'>mail</a>"
    )
    (tmp_path / "c.pdf").write_bytes(pdf_of("First page", "Second page"))
    letter = docx.Document()
    letter.add_paragraph("Dear John")
    letter.add_table(1, 2).cell(0, 1).text = "in a table"
    letter.save(str(tmp_path / "d.docx"))
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Anna <anna@example.com>", "Hi"
    mail.set_content("Hello\n\nBye\n")
    mail.add_alternative("<p>Hello</p>", subtype="html")
    (tmp_path / "e.eml").write_bytes(bytes(mail))

    assert passages(tmp_path, "a.txt") == [
        ("paragraph 1", "One line\nand more."),
        ("paragraph 2", "Second."),
    ]
    shown = [said for _, said in passages(tmp_path, "b.html")]
    assert shown[0] == "Ask Maria"
    assert "m@example.com" in shown[1]
    assert "secret" not in "".join(shown)
    assert passages(tmp_path, "c.pdf") == [("page 1", "First page"), ("page 2", "Second page")]
    assert [said for _, said in passages(tmp_path, "d.docx")] == ["Dear John", "in a table"]
    assert passages(tmp_path, "e.eml")[0] == (
        "headers",
        "From: Anna <anna@example.com>\nSubject: Hi",
    )
    assert {said for _, said in passages(tmp_path, "e.eml")[1:]} == {"Hello", "Bye"}


@pytest.mark.parametrize("name", ["broken.pdf", "broken.docx"])
def test_damaged_documents_say_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"%PDF-1.4 nothing of the kind")
    with pytest.raises(SourceDataUnreadable, match="damaged"):
        passages(tmp_path, name)


def test_a_document_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PROSE_UNPACKED", 1 << 20)
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (2 << 20))
    (tmp_path / "bomb.docx").write_bytes(bomb.getvalue())
    with pytest.raises(LimitExceeded):
        passages(tmp_path, "bomb.docx")
    monkeypatch.setattr(limits, "PROSE_PAGES", 1)
    (tmp_path / "long.pdf").write_bytes(pdf_of("one", "two"))
    with pytest.raises(LimitExceeded, match="pages"):
        passages(tmp_path, "long.pdf")
