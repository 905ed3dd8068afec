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
DOCUMENT_BYTES = 64 << 20
"""A JSON file that is one document is held in memory, so it must not be larger."""
GZIP_RATIO = 400
GZIP_FREE_BYTES = 512 << 20
"""The ratio counts only above this many unpacked bytes."""
FOOTERS = 512
"""Of a data set with more Parquet files, the row count is extrapolated from these."""
HEADS = 8
"""Of a data set with more text files, the columns are learnt from these."""
