"""What a submission may hold, however it is packed."""

MAX_FILE = 64 << 20
MAX_TOTAL = 128 << 20  # all that is taken
MAX_UNPACKED = 512 << 20  # all that an archive holds, also what is not taken
MAX_RATIO = 100  # of what an archive holds to its own size, from SMALL on
SMALL = 16 << 20
MAX_ENTRIES = 2000
MAX_HIDDEN = 20_000  # entries of no interest, as those of .git and of caches
MAX_DEPTH = 5  # folders below the top
MAX_NAME = 100  # bytes
MAX_NOTEBOOK = 20 << 20  # with its outputs, which are not kept
MAX_NOTEBOOKS = 40 << 20  # all that are there
MAX_VALUES = 1_000_000  # of JSON in a notebook: each takes a hundred times its bytes in memory
MAX_CELLS = 1000
MAX_CODE = 256 << 10  # characters of all code cells; the five modules of the reference have 15 kB
MAX_PARSED = 1 << 20  # characters: a cell with magics is parsed once for each of them
