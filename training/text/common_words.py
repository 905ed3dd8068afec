"""Builds the list of common English words with their part of speech and how common they are.

Run where textblob and symspellpy are installed (both MIT; the lexicon is Brill's, MIT as well). Only
the list is kept; neither is needed to run Muniment.
"""

from importlib.resources import files
from pathlib import Path

TARGET = Path(__file__).parents[2] / "src/muniment/classification/engine/text/common_words.txt"
MOST = 24_000
BANDS = (300, 3_000, 9_000)
"""Ranks at which a word stops being counted as everyday, usual, known."""
CLASSES = {
    "NN": "n", "NNS": "n", "VB": "v", "VBD": "v", "VBG": "v", "VBN": "v", "VBP": "v", "VBZ": "v",
    "JJ": "j", "JJR": "j", "JJS": "j", "RB": "r", "RBR": "r", "RBS": "r", "MD": "f", "DT": "f",
    "IN": "f", "CC": "f", "TO": "f", "PRP": "f", "PRP$": "f", "WDT": "f", "WP": "f", "WRB": "f",
    "PDT": "f", "EX": "f", "RP": "f", "UH": "u", "CD": "c",
}  # fmt: skip


def main() -> None:
    """Write words that a dictionary of tagged English knows in lower case, commonest first."""
    lexicon: dict[str, str] = {}
    for line in (files("textblob.en") / "en-lexicon.txt").read_text("utf-8").splitlines():
        word, _, tag = line.partition(" ")
        if tag in CLASSES and word.isalpha() and word.islower() and word.isascii():
            lexicon[word] = CLASSES[tag]
    lines: list[str] = []
    counted = files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    for rank, line in enumerate(counted.read_text("utf-8-sig").splitlines()):
        word = line.split(" ")[0]
        if word in lexicon and len(lines) < MOST and (len(word) > 1 or word in "ai"):
            band = sum(rank >= limit for limit in BANDS)
            lines.append(f"{word} {lexicon[word]}{band}")
    head = "# Common English words: part of speech, how rare (0-3). textblob (Brill) and symspellpy, MIT"
    TARGET.write_text("\n".join([head, *sorted(lines)]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
