"""Run `python -m solutions`."""

from solutions.cli import main

if __name__ == "__main__":
    main()
