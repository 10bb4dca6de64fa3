#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
export DEBIAN_FRONTEND=noninteractive

apt-get update
apt-get install -y --no-install-recommends python3 python3-venv util-linux
# With bubblewrap, student code gets a box of its own where the image allows it. Some do not, and
# grading works without: the record then says so.
apt-get install -y --no-install-recommends bubblewrap || echo "no bubblewrap: the level is plain"

python3 -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv
# PyTorch for the CPU alone: the other builds bring gigabytes that this image has no use for.
"$root/venv/bin/uv" pip install --python "$root/venv/bin/python" --torch-backend cpu \
    --constraint "$root/source/constraints.txt" --requirement "$root/source/requirements.txt"
# Compiled now, not at each submission.
"$root/venv/bin/python" -m compileall -q "$root/source/grader" "$root/source/datasets"
cd "$root/source" && "$root/venv/bin/python" -m grader --help >/dev/null
