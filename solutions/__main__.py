"""Run `python -m solutions`."""

from solutions.cli import app

if __name__ == "__main__":
    app(prog_name="python -m solutions")
