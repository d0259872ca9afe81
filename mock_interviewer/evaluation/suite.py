"""Suites: which cases are graded by what, in YAML under `evals/suites/`."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.prompts import check_folder, load_prompt, prompt_file
from mock_interviewer.core.questions import Question, load_bank
from mock_interviewer.core.rubric import RUBRIC, Rubric, load_rubric
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation import probing, robustness
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.evaluation.gates import Gates
from mock_interviewer.evaluation.variants import Variant
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.prober import Prober, make_prober, prompt_asked
from mock_interviewer.llm.catalogue import Strategy, load_catalogue
from mock_interviewer.llm.chat import ChatModel
from mock_interviewer.llm.recorded import RecordedChat

SUITES = Path("evals") / "suites"

SMOKE_CASES = 24
"""Some minutes on the embedded model."""


class _SuiteFile(Strict):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    cases: tuple[str, ...] = Field(min_length=1)
    dev: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    rubric: str | None = None
    banks: tuple[str, ...] = ()
    raters: str = ""
    prompts: str | None = None
    model: str = Field(min_length=1)
    strategy: Strategy
    trials: int = Field(default=1, ge=1)
    recordings: str
    embedding_baseline: str | None = None
    robustness: str | None = None
    bases: int | None = Field(default=None, ge=1)
    attacks_sampled: bool = False
    probes: tuple[str, ...] = ()
    smoke: tuple[str, ...] = ()
    gates: Gates | None = None


class Suite:
    """A suite with its paths, which in the file are relative to the file."""

    def __init__(self, path: Path) -> None:
        """Raises `DataFileError`."""
        file = datafile.load(_SuiteFile, path)

        def beside(name: str) -> Path:
            return (path.parent / name).resolve()

        self.id = file.id
        self.cases = [beside(name) for name in file.cases]
        self.dev = [beside(name) for name in file.dev]
        """What baselines may learn from: never the cases themselves."""
        self.only = file.only
        """Ids of the cases that are graded; none named: all."""
        self.path = path
        self.rubric_path = beside(file.rubric) if file.rubric else RUBRIC
        self.rubric: Rubric = load_rubric(self.rubric_path)
        self.prompt_folder = beside(file.prompts) if file.prompts else None
        """Prompts that take the place of the program's own of the same names."""
        if self.prompt_folder:
            check_folder(self.prompt_folder)
        self.banks = [beside(name) for name in file.banks]
        """Further question files, for the probes."""
        self.raters = file.raters
        """What to know of the raters; printed beside their agreement."""
        self.model = file.model
        self.strategy = file.strategy
        self.trials = file.trials
        self.recordings = beside(file.recordings)
        self.embedding_baseline = (
            beside(file.embedding_baseline) if file.embedding_baseline else None
        )
        """File of a baseline that reads the same embeddings as the grader."""
        self.robustness = beside(file.robustness) if file.robustness else None
        """Folder of bases and attacks."""
        if self.robustness and (strange := robustness.unknown_ratings(self.rubric)):
            raise DataFileError(
                f"{path}: robustness: its parts are those of a customer-service story; the rubric "
                f"has no {', '.join(strange)}"
            )
        self.bases = file.bases
        """How many of the bases are varied; None: all."""
        self.attacks_sampled = file.attacks_sampled
        """Whether each weak answer meets only one attack of each family."""

        self.probes = [beside(name) for name in file.probes]
        """Cases of which those that lack something are given a probe."""
        self.probe_only: tuple[str, ...] = ()
        """Ids of those that are; none named: all."""
        self.is_smoke = False
        self.smoke = file.smoke
        """Ids of the dev cases of a quick first look; none named: some are taken evenly."""
        self.gates = file.gates
        if file.gates:
            known = {criterion.id for criterion in self.rubric.criteria}
            strange = sorted(set(file.gates.floors) - known)
            if strange:
                raise DataFileError(f"{path}: gates: floors: no such ratings: {', '.join(strange)}")
            strange = sorted(set(file.gates.robustness_not_yet) - robustness.row_names())
            if strange:
                raise DataFileError(
                    f"{path}: gates: robustness_not_yet: no such rows: {', '.join(strange)}"
                )
            if file.gates.probes is not None and not file.probes:
                raise DataFileError(f"{path}: gates: probes: expected files of cases as `probes`")
            if file.gates.robustness and not self.robustness:
                raise DataFileError(f"{path}: gates: robustness: expected a folder `robustness`")
        self.baseline = beside(f"../baselines/{file.id}.jsonl")
        """Results that later runs are held against; `eval accept` writes them."""
        self.context = load_catalogue().find(file.model).context

    @property
    def file_name(self) -> str:
        """What its recordings' files are called by; a first look shares them with the whole."""
        return self.id.removesuffix("-smoke")

    def smoked(self) -> Suite:
        """A first look at some dev cases: their grades and probes, and of the gates coverage.

        Raises `DataFileError` if the suite names no dev cases.
        """
        if not self.dev:
            raise DataFileError(f"{self.path}: dev: --smoke takes its cases from there")
        known = load_cases(self.dev)
        even = known[:: max(1, len(known) // SMOKE_CASES)][:SMOKE_CASES]
        found = copy(self)
        found.id, found.is_smoke = f"{self.id}-smoke", True
        found.cases, found.dev = self.dev, []
        found.only = found.probe_only = self.smoke or tuple(case.id for case in even)
        found.probes = self.dev if self.probes else []
        found.trials, found.robustness, found.embedding_baseline = 1, None, None
        found.gates = Gates(coverage=self.gates.coverage if self.gates else 1.0)
        found.baseline = self.baseline.with_name(f"{found.id}.jsonl")
        return found

    def by(self, model: str, recordings: Path) -> Suite:
        """The same suite by another model, whose replies are kept in another folder."""
        found = copy(self)
        found.model, found.recordings = model, recordings
        found.context = load_catalogue().find(model).context
        found.embedding_baseline = None
        return found

    def variants(self, cases: Sequence[Case]) -> list[Variant]:
        """The variants for robustness, none without a folder. Raises `DataFileError`."""
        if not self.robustness:
            return []
        return robustness.make(self.robustness, cases, self.bases, sampled=self.attacks_sampled)

    def grader(self, chat: ChatModel) -> Grader:
        """A grader of this suite's rubric and strategy.

        Raises `DataFileError` if nothing is fitted for a strategy that needs it: another strategy
        would be measured in its place.
        """
        found = Grader(chat, self.rubric, self.strategy, self.context, self.prompt_folder)
        if found.strategy is not self.strategy:
            raise DataFileError(
                f"suite {self.id}: what is fitted for {self.model} belongs to another rubric or "
                "sentence prompt; `mock-interviewer calibrate --dev evals/training` fits it anew"
            )
        return found

    def prober(self, chat: ChatModel) -> Prober:
        """The prober that goes with the grader; nobody waits, so it takes the time it needs."""
        return make_prober(chat, self.grader(chat), self.context, math.inf, math.inf)

    def prompts(self) -> dict[str, str]:
        """Version and digest of every prompt that is asked, by its name."""
        known = dict(self.grader(RecordedChat(self.model)).ungraded("").stamp.prompts)
        for name in self._probe_prompts():
            prompt = load_prompt(name, self.prompt_folder)
            known[name] = f"{prompt.version} ({prompt.digest})"
        return known

    def _probe_prompts(self) -> list[str]:
        return [prompt_asked(self.strategy)] if self.probes else []

    @property
    def yardstick(self) -> str:
        """What a run of this suite is held to, as JSON: its gates, and how much is looked at."""
        return json.dumps(
            {
                "gates": self.gates.model_dump(mode="json") if self.gates else None,
                "trials": self.trials,
                "only": list(self.only),
                "robustness": self.robustness is not None,
                "bases": self.bases,
                "attacks_sampled": self.attacks_sampled,
                "probes": bool(self.probes),
            },
            sort_keys=True,
        )

    @property
    def rubric_file(self) -> str:
        """The rubric's name among the texts."""
        return f"rubrics/{self.rubric_path.name}"

    def texts(self) -> dict[str, str]:
        """The files whose words decide a grade, by name: the prompts asked, and the rubric."""
        names = [*self.grader(RecordedChat(self.model)).prompts, *self._probe_prompts()]
        files = {f"prompts/{name}.yaml": prompt_file(name, self.prompt_folder) for name in names}
        files[self.rubric_file] = self.rubric_path
        return {name: file.read_text(encoding="utf-8") for name, file in files.items()}

    def holed(self) -> list[tuple[Case, Question]]:
        """The answers that are given a probe. Raises `DataFileError`."""
        bank = load_bank(self.banks, [score.id for score in self.rubric.scores])
        found = probing.with_holes(
            rated_cases(self.probes, self.rubric), bank.questions, self.rubric
        )
        if not self.probe_only:
            return found
        return [(case, question) for case, question in found if case.id in self.probe_only]


def rated_cases(paths: Sequence[Path], rubric: Rubric) -> list[Case]:
    """Cases with a level, on its scale, for every criterion of the rubric. Raises `DataFileError`.

    Ratings that the rubric does not have are left alone: they may belong to another one.
    """
    cases = load_cases(paths)
    for criterion in rubric.criteria:
        unrated = [
            case.id
            for case in cases
            if any(criterion.id not in rater.ratings for rater in case.raters.values())
        ]
        if unrated:
            raise DataFileError(
                f"{', '.join(map(str, paths))}: {len(unrated)} of {len(cases)} cases "
                f"({unrated[0]} first) have no level for {criterion.id}, which the rubric "
                f"{rubric.id} has; let the raters rate it, null where it does not apply"
            )
        for case in cases:
            for name, rater in case.raters.items():
                level = rater.ratings[criterion.id]
                if level is not None and level not in criterion.scale:
                    raise DataFileError(
                        f"{case.id}: raters: {name}: {criterion.id}: expected one of "
                        f"{list(criterion.scale)} or null, got {level}"
                    )
    return cases


def suite_cases(suite: Suite) -> list[Case]:
    """The suite's cases. Raises `DataFileError`, also if those of `dev` are not of its rubric."""
    rated_cases(suite.dev, suite.rubric)
    cases = rated_cases(suite.cases, suite.rubric)
    if not suite.only:
        return cases
    unknown = set(suite.only) - {case.id for case in cases}
    if unknown:
        raise DataFileError(f"suite {suite.id}: only: no such cases: {', '.join(sorted(unknown))}")
    return [case for case in cases if case.id in suite.only]


def find_suites(name: str | None) -> list[Path]:
    """The file of this name or path, or all suites. Raises `DataFileError`."""
    if name is None:
        found = sorted(SUITES.glob("*.yaml"))
        if not found:
            raise DataFileError(f"{SUITES}: no suites here; run this in the project's folder")
        return found
    path = Path(name) if name.endswith((".yaml", ".yml")) else SUITES / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(file.stem for file in sorted(SUITES.glob("*.yaml"))) or "none"
        raise DataFileError(f"{path}: no such suite; there are: {known}")
    return [path]
