"""What a reading had to leave out."""

from dataclasses import dataclass, field

MOST_REMARKS = 50


@dataclass(slots=True)
class Tally:
    """Rows that were left out, because they cannot be decoded, and what is to be said of them."""

    skipped: int = 0
    remarks: list[str] = field(default_factory=list)

    def lose(self, part: str, rows: int) -> None:
        """A whole part of a file cannot be decoded."""
        self.skipped += rows
        self.tell(f"{part} cannot be decoded; {rows:,} rows are missing.")

    def tell(self, remark: str) -> None:
        if len(self.remarks) < MOST_REMARKS and remark not in self.remarks:
            self.remarks.append(remark)

    def clear(self) -> None:
        self.skipped = 0
        self.remarks.clear()
