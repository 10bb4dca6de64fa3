"""Runs a job of a workflow on this machine, step by step, as GitHub's runner would.

Actions (`uses:`) are not run but must be known ones; what an upload would take is looked up.
Expressions are the few kinds that our workflows use; anything else is an error, not an empty text.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ACTIONS = ("actions/checkout@v4", "actions/setup-python@v5", "actions/upload-artifact@v4")
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
ANNOTATION = re.compile(r"^::(error|warning|notice)(?: ([^:]*))?::(.*)$", re.MULTILINE)


def load(path: Path) -> dict[str, Any]:
    """A workflow; YAML 1.1 reads its key `on` as true, which is put right."""
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in workflow.items()}


def steps(workflow: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every step of every job, with the job's name."""
    return [(name, step) for name, job in workflow["jobs"].items() for step in job["steps"]]


@dataclass
class Ran:
    """What a job did.

    Attributes:
        conclusions: `success`, `failure` or `skipped` by step, those of one name in order.
        log: what all steps printed.
        summary: the Markdown of all steps.
        outputs: of steps with an id.
        uploads: files by the artefact's name, relative to the workspace.
    """

    conclusions: list[tuple[str, str]] = field(default_factory=list)
    log: str = ""
    summary: str = ""
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    uploads: dict[str, list[str]] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        return all(how != "failure" for _, how in self.conclusions)

    @property
    def annotations(self) -> list[tuple[str, dict[str, str], str]]:
        """Level, properties such as `file` and `line`, and message."""
        return [
            (level, dict(pair.split("=", 1) for pair in properties.split(",") if pair), message)
            for level, properties, message in ANNOTATION.findall(self.log)
        ]


def run_job(
    job: Mapping[str, Any],
    workspace: Path,
    scratch: Path,
    environment: Mapping[str, str],
    contexts: Mapping[str, Any],
) -> Ran:
    """Run a job's steps in a workspace.

    Args:
        job: its part of the workflow.
        workspace: what a checkout would have made.
        scratch: an empty folder for the runner's own files.
        environment: the machine's; the runner's variables are added.
        contexts: `inputs`, `secrets`, `matrix`, ... as nested dicts.
    """
    ran = Ran()
    temporary = scratch / "temp"
    temporary.mkdir()
    given = {
        "github": {"workspace": str(workspace), "token": "a-token", "ref": "refs/heads/main"},
        "runner": {"temp": str(temporary)},
        "strategy": {"job-index": 0},
        **contexts,
    }
    for number, step in enumerate(job["steps"]):
        name = step.get("name") or step.get("uses") or step["run"].splitlines()[0]
        known = {**given, "steps": {key: {"outputs": v} for key, v in ran.outputs.items()}}
        if not ran.succeeded and step.get("if") != "always()":
            ran.conclusions.append((name, "skipped"))
        elif "uses" in step:
            _act(step, workspace, known, ran)
            ran.conclusions.append((name, "success"))
        else:
            files = {
                key: scratch / f"{number}.{key.lower()}"
                for key in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")
            }
            for file in files.values():
                file.touch()
            script = scratch / f"{number}.sh"
            script.write_text(resolve(step["run"], known), encoding="utf-8")
            done = subprocess.run(
                ["bash", "-e", str(script)],
                cwd=workspace / step.get("working-directory", "."),
                env={
                    **environment,
                    "CI": "true",
                    "GITHUB_ACTIONS": "true",
                    "GITHUB_WORKSPACE": str(workspace),
                    "GITHUB_REPOSITORY": "class/assignment",
                    "GITHUB_SHA": "0" * 40,
                    "GITHUB_REF": "refs/heads/main",
                    "RUNNER_TEMP": str(temporary),
                    **{key: str(file) for key, file in files.items()},
                    **{key: resolve(str(v), known) for key, v in step.get("env", {}).items()},
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=300,
                check=False,
            )
            ran.log += done.stdout
            ran.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
            if "id" in step:
                ran.outputs[step["id"]] = read_outputs(files["GITHUB_OUTPUT"].read_text("utf-8"))
            ran.conclusions.append((name, "failure" if done.returncode else "success"))
    return ran


def read_outputs(text: str) -> dict[str, str]:
    """A file of `name=value` lines, and `name<<END` blocks."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        if block := re.fullmatch(r"([\w-]+)<<(.+)", line):
            inside = []
            for following in lines:
                if following == block[2]:
                    break
                inside.append(following)
            found[block[1]] = "\n".join(inside)
        else:
            name, equals, value = line.partition("=")
            assert equals, f"no output: {line!r}"
            found[name] = value
    return found


def resolve(text: str, contexts: Mapping[str, Any]) -> str:
    """A text with its expressions worked out."""
    return EXPRESSION.sub(lambda found: _shown(_value(found[1], contexts)), text)


def _act(step: Mapping[str, Any], workspace: Path, contexts: Mapping[str, Any], ran: Ran) -> None:
    assert step["uses"] in ACTIONS, f"no action that the runner knows: {step['uses']}"
    options = {key: resolve(str(value), contexts) for key, value in step.get("with", {}).items()}
    if step["uses"].startswith("actions/upload-artifact@"):
        patterns = options["path"].split()
        found = [file for pattern in patterns for file in sorted(workspace.glob(pattern))]
        ran.uploads[options["name"]] = [str(file.relative_to(workspace)) for file in found]


def _value(expression: str, contexts: Mapping[str, Any]) -> Any:
    if " || " in expression:
        values = [_value(part.strip(), contexts) for part in expression.split(" || ")]
        return next((value for value in values if value), values[-1])
    if text := re.fullmatch(r"'([^']*)'", expression):
        return text[1]
    if call := re.fullmatch(r"fromJSON\((.*)\)", expression):
        return json.loads(_value(call[1], contexts))
    if call := re.fullmatch(r"format\('([^']*)', (.*)\)", expression):
        return call[1].format(_value(call[2], contexts))
    assert re.fullmatch(r"[\w-]+(\.[\w-]+)+", expression), f"no expression we know: {expression}"
    value: Any = contexts
    for key in expression.split("."):
        value = value.get(key, "") if isinstance(value, Mapping) else ""
    return value


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def fake_commands(folder: Path, scripts: Mapping[str, str]) -> str:
    """A PATH on which these commands come first, each a script of bash."""
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/usr/bin/env bash\n{script}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
