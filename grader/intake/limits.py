"""What a submission may hold, however it is packed."""

MAX_FILE = 64 << 20
MAX_TOTAL = 128 << 20  # all that is taken
MAX_UNPACKED = 512 << 20  # all that an archive holds, also what is not taken
MAX_RATIO = 100  # of what an archive holds to its own size, from SMALL on
SMALL = 16 << 20
MAX_ENTRIES = 2000
MAX_DEPTH = 5  # folders below the top
MAX_NAME = 100  # bytes
