"""How every submission of a batch is graded: the same for all of them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..errors import UsageError
from ..plan import Plan, choose_data, choose_tasks
from ..rubric import Rubric
from ..sandbox import choose_sandbox, is_bound

START_S = 600.0  # for starting workers, more than once on a busy machine


@dataclass(frozen=True)
class Settings:
    """The options of `grade` that a batch takes, as in `plan.Plan`.

    `pictures`: each grading gathers them too; they come beside the record, and no mark follows
    from them.
    """

    data: str
    hidden: Path | None = None
    tasks: tuple[str, ...] = ()
    train: str = "auto"
    sandbox: str = "auto"
    seed: int | None = None
    pictures: bool = False

    def plan(self, name: str) -> Plan:
        """The plan for one submission, which is opened already."""
        options = {key: value for key, value in self.__dict__.items() if key != "pictures"}
        return Plan(Path(name), **options)

    def to_json(self) -> str:
        """The settings for another process."""
        return json.dumps(asdict(self) | {"hidden": self.hidden and str(self.hidden)})

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """What `to_json` wrote."""
        read = json.loads(text)
        hidden = Path(read["hidden"]) if read["hidden"] else None
        return cls(**read | {"hidden": hidden, "tasks": tuple(read["tasks"])})

    @property
    def extra(self) -> str:
        """What a mark follows from besides submission, grader and data; "" for a usual batch."""
        given = {"tasks": self.tasks, "train": self.train, "seed": self.seed}
        usual = {"tasks": (), "train": "auto", "seed": None}
        return "" if given == usual else json.dumps(given)


def settle(settings: Settings, rubric: Rubric) -> Settings:
    """The settings with the profile that `auto` means here, checked before anything is graded.

    Raises:
        UsageError: an option cannot be used on this machine.
    """
    plan = settings.plan("")
    choose_tasks(plan, rubric)
    profile, _ = choose_data(plan)
    sandbox, _ = choose_sandbox(settings.sandbox)
    hidden = settings.hidden and settings.hidden.resolve()
    if hidden and sandbox.level == "bwrap" and is_bound(hidden):
        raise UsageError(f"--hidden {hidden}: the box can see its folder; keep it elsewhere")
    return replace(settings, data=profile, hidden=hidden)


def wall_limit_s(settings: Settings, rubric: Rubric) -> float:
    """How long one grading may take at the very most, were every limit inside it to fail."""
    model = rubric.training[settings.data].wall_s
    return START_S + rubric.waiting["all_s"] + 3 * model  # trained, and two sets predicted
