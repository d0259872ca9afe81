"""Suites of reference replies: lines of drills or replies in role-plays, and who reads them."""

from __future__ import annotations

import json
from copy import copy
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.prompts import check_folder, load_prompt, prompt_file
from mock_interviewer.core.rubric import RUBRIC, Rubric, load_rubric
from mock_interviewer.errors import DataFileError
from mock_interviewer.evaluation import reply_reading
from mock_interviewer.evaluation.gates import Gates
from mock_interviewer.evaluation.replies import SCALES, ReplyKind
from mock_interviewer.evaluation.reply_reading import Judged, Reader, items_grader
from mock_interviewer.grading.grader import Grader
from mock_interviewer.llm.chat import ChatModel
from mock_interviewer.llm.recorded import RecordedChat


class _ReplySuiteFile(Strict):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    replies: ReplyKind
    reader: Reader
    cases: tuple[str, ...] = Field(min_length=1)
    dev: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    model: str = Field(min_length=1)
    recordings: str
    raters: str = ""
    rubric: str | None = None
    prompts: str | None = None
    gates: Gates | None = None

    @model_validator(mode="after")
    def _cues_watch_role_plays(self) -> _ReplySuiteFile:
        if self.reader is Reader.CUES and self.replies is not ReplyKind.ROLE_PLAY:
            raise ValueError("reader: code alone reads role-plays only; expected prompt or items")
        return self


class ReplySuite:
    """A suite with its paths, which in the file are relative to the file."""

    def __init__(self, path: Path) -> None:
        """Raises `DataFileError`."""
        file = datafile.load(_ReplySuiteFile, path)

        def beside(name: str) -> Path:
            return (path.parent / name).resolve()

        self.path = path
        self.id = self.file_name = file.id
        self.kind, self.reader = file.replies, file.reader
        self.cases = [beside(name) for name in file.cases]
        self.dev = [beside(name) for name in file.dev]
        """Replies of a first look, and by which prompts are chosen."""
        self.only = file.only
        """Ids of the replies that are read; none named: all."""
        self.model = file.model
        self.recordings = beside(file.recordings)
        self.raters = file.raters
        """What to know of the raters; printed beside their agreement."""
        self.rubric_path = beside(file.rubric) if file.rubric else RUBRIC
        self.rubric: Rubric = load_rubric(self.rubric_path)
        self.prompt_folder = beside(file.prompts) if file.prompts else None
        if self.prompt_folder:
            check_folder(self.prompt_folder)
        self.scales = SCALES[self.kind]
        self.gates = file.gates
        known = {scale.id for scale in self.scales.criteria}
        if file.gates and (strange := sorted(set(file.gates.floors) - known)):
            raise DataFileError(f"{path}: gates: floors: no such ratings: {', '.join(strange)}")
        self.baseline = beside(f"../baselines/{file.id}.jsonl")

    def smoked(self) -> ReplySuite:
        """The dev replies in the place of the suite's own; of the gates only coverage is left.

        Raises `DataFileError` if the suite names none.
        """
        if not self.dev:
            raise DataFileError(f"{self.path}: dev: --smoke takes its replies from there")
        found = copy(self)
        found.id, found.cases, found.dev, found.only = f"{self.id}-smoke", self.dev, [], ()
        found.gates = Gates(coverage=self.gates.coverage if self.gates else 1.0)
        found.baseline = self.baseline.with_name(f"{found.id}.jsonl")
        return found

    def by(self, model: str, recordings: Path) -> ReplySuite:
        """The same suite by another model, whose replies are kept in another folder."""
        found = copy(self)
        found.model, found.recordings = model, recordings
        return found

    def judged(self, chat: ChatModel, reader: Reader | None = None) -> list[Judged]:
        """The replies, to be read by the suite's reader or another one. Raises `DataFileError`."""
        make = reply_reading.lines if self.kind is ReplyKind.DRILLS else reply_reading.replies
        found = make(self.cases, reader or self.reader, chat, self.rubric, self.prompt_folder)
        if strange := sorted(set(self.only) - {judged.id for judged in found}):
            raise DataFileError(f"{self.path}: only: no such replies: {', '.join(strange)}")
        return [judged for judged in found if not self.only or judged.id in self.only]

    def rated(self) -> list[Judged]:
        """The replies, all of them rated. Raises `DataFileError`."""
        found = self.judged(RecordedChat(self.model))
        if unrated := [case.id for case in found if not case.rated]:
            raise DataFileError(f"{self.path}: cases: {', '.join(unrated)}: no rater rated this")
        return found

    def prompts(self) -> dict[str, str]:
        """Version and digest of every prompt that is asked, by its name."""
        return {
            name: f"{prompt.version} ({prompt.digest})"
            for name in self._prompt_names()
            for prompt in (load_prompt(name, self.prompt_folder),)
        }

    @property
    def calibration(self) -> str:
        """What is fitted for the reader."""
        grader = self._grader()
        return grader.ungraded("").stamp.calibration if grader else "none needed"

    @property
    def rubric_file(self) -> str:
        """The rubric's name among the texts."""
        return f"rubrics/{self.rubric_path.name}"

    def texts(self) -> dict[str, str]:
        """The files whose words decide what is read, by name: the prompts asked, and the rubric."""
        files = {
            f"prompts/{name}.yaml": prompt_file(name, self.prompt_folder)
            for name in self._prompt_names()
        }
        files[self.rubric_file] = self.rubric_path
        return {name: file.read_text(encoding="utf-8") for name, file in files.items()}

    @property
    def yardstick(self) -> str:
        """What a run of this suite is held to, as JSON: its gates, and who reads."""
        gates = self.gates.model_dump(mode="json") if self.gates else None
        looked_at = {"reader": self.reader.value, "only": list(self.only)}
        return json.dumps({"gates": gates, **looked_at}, sort_keys=True)

    def _prompt_names(self) -> list[str]:
        if self.reader is Reader.CUES:
            return []
        if self.reader is Reader.PROMPT:
            return ["drill" if self.kind is ReplyKind.DRILLS else "observer"]
        grader = self._grader()
        return list(grader.prompts) if grader else ["checklist"]

    def _grader(self) -> Grader | None:
        if self.reader is not Reader.ITEMS or self.kind is ReplyKind.DRILLS:
            return None
        return items_grader(RecordedChat(self.model), self.rubric, self.prompt_folder)


def is_reply_suite(path: Path) -> bool:
    """Whether this suite's file is one of replies. Raises `DataFileError`."""
    data = datafile.read_yaml(path)
    return isinstance(data, dict) and "replies" in data
