"""A process that adds grades until it is killed, and says of each that it is kept."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

from grader.gradebook import Gradebook
from tests.grader.gradebook.builders import make_grade, make_record

RECORD = make_record() | {"notes": ["x" * 20_000]}  # several pages of the file


def write(path: Path, students: int, said: Connection) -> None:
    """Add a grade for each student, twice over, from the first: as a batch that is resumed."""
    said.send("ready")
    with Gradebook(path) as book:
        for number in [*range(students), *range(students)]:
            book.add(make_grade(f"s{number:03}", record=RECORD))
            said.send(number)


def write_until_killed(path: Path, students: int, delay_s: float) -> list[int]:
    """Which students the writer said were kept, before it was killed that long after its start."""
    context = multiprocessing.get_context("forkserver")  # a fresh process in milliseconds
    context.set_forkserver_preload([__name__])
    hears, says = context.Pipe(duplex=False)
    process = context.Process(target=write, args=(path, students, says))
    process.start()
    says.close()
    assert hears.recv() == "ready"
    process.join(delay_s)
    process.kill()
    process.join()
    said = []
    try:
        while True:
            said.append(hears.recv())
    except EOFError:  # nor does half a message count
        hears.close()
    process.close()
    return said
