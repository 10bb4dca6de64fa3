"""`python -m grader`, and the same as a program of its own, `osr-grader`.

A shell completes words for programs only, so completion belongs to `osr-grader`.
"""

import sys

MODULE, PROGRAM = "python -m grader", "osr-grader"
COMPLETION = ("--install-completion", "--show-completion")


def main(name: str = PROGRAM) -> None:
    """Run the command line and exit."""
    try:
        from .cli import app
    except KeyboardInterrupt:  # so early that what would say so is not there yet
        print("error: interrupted", file=sys.stderr)
        sys.exit(130)
    app(prog_name=PROGRAM if sys.argv[1:] and sys.argv[1] in COMPLETION else name)


if __name__ == "__main__":
    main(MODULE)
