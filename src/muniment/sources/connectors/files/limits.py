"""What a folder may hold before we refuse, so that no file can exhaust the machine."""

FILES = 200_000
COLUMNS = 5_000
NESTING = 32
HEAD_BYTES = 1 << 20
"""How much of a text file is looked at to learn its encoding, dialect and columns."""
HEAD_ROWS = 1_000
RECORD_BYTES = 16 << 20
"""A longer JSON record is skipped and counted."""
BLOCK_BYTES = 1 << 20
CSV_BLOCK_BYTES = 2 << 20
DOCUMENT_BYTES = 64 << 20
"""A JSON file that is one document is held in memory, so it must not be larger."""
UNPACK_RATIO = 400
UNPACK_FREE_BYTES = 512 << 20
"""The ratio counts only above this many unpacked bytes."""
FOOTERS = 512
"""Of a data set with more Parquet files, the row count is extrapolated from these."""
HEADS = 32
"""Of a data set with more text files, the columns are learnt from these."""
AVRO_BLOCK_BYTES = 64 << 20
AVRO_BLOCK_RECORDS = 4_000_000
LZMA_BYTES = 128 << 20
"""What undoing xz may take for its dictionary."""
SHEET_CELLS = 8_000_000
"""A sheet is held in memory, empty cells between filled ones too, so it must not be larger."""
WORKBOOK_BYTES = 512 << 20
"""Unpacked: what the parts of a workbook may weigh together."""
PROSE_BYTES = 64 << 20
"""A document of text that is larger is not read."""
PROSE_UNPACKED = 256 << 20
PROSE_PAGES = 5_000
PROSE_CHARACTERS = 50_000_000
PROSE_SECONDS = 120
"""How long a single document may take."""
