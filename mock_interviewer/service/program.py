"""The running program: every part, put together once from the settings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection as DatabaseConnection

from mock_interviewer.core.drill_bank import load_drills
from mock_interviewer.core.prompts import check_folder
from mock_interviewer.core.questions import Aim, Bank, Question, load_bank
from mock_interviewer.core.rubric import Rubric, load_rubric
from mock_interviewer.core.scenario_bank import load_scenarios
from mock_interviewer.core.transcript import Line
from mock_interviewer.errors import ConfigurationError, ModelError
from mock_interviewer.interviewing.prober import ProbeStep, make_prober, warm_up
from mock_interviewer.llm.connect import connect
from mock_interviewer.llm.embedded import Stage
from mock_interviewer.service.desk import CoachDesk
from mock_interviewer.service.directory import Directory
from mock_interviewer.service.drill_practice import DrillPractice
from mock_interviewer.service.graders import Graders
from mock_interviewer.service.grading import Grading, GradingWorker, Regrading
from mock_interviewer.service.jobs import HEARTBEAT_SECONDS, Jobs
from mock_interviewer.service.limits import Act, Limits
from mock_interviewer.service.opening import open_store
from mock_interviewer.service.own_data import OwnData
from mock_interviewer.service.own_plan import OwnPlan
from mock_interviewer.service.practice import Practice
from mock_interviewer.service.reading import Reading
from mock_interviewer.service.retention import Retention
from mock_interviewer.service.role_play_grading import RolePlayGrading
from mock_interviewer.service.role_playing import RolePlaying
from mock_interviewer.service.worker import Watch, Worker
from mock_interviewer.settings import Settings
from mock_interviewer.storage.deletion import OnGone
from mock_interviewer.storage.drill_attempts import DrillAttempts
from mock_interviewer.storage.role_plays import RolePlays

log = logging.getLogger(__name__)

GRADES_AT_ONCE = 8
"""In the process that serves the pages: grading is waiting, but for the embedded model's."""


class Program:
    """Everything that a face needs."""

    def __init__(self, settings: Settings, *, prepares_model: bool = True) -> None:
        """Open the store and choose the model. Raises `ConfigurationError`, `DataFileError`.

        `prepares_model`: whether starting it fetches and starts the embedded model.
        """
        self.settings = settings
        self.prepares_model = prepares_model
        self.rubric: Rubric = load_rubric(settings.rubric)
        self.bank: Bank = load_bank(settings.banks, [score.id for score in self.rubric.scores])
        if settings.prompts:
            check_folder(settings.prompts)
        self.connection = connect(settings)
        self.graders = Graders(self.connection, self.rubric, settings)
        # On PostgreSQL it is the processes of `mock-interviewer worker` that grade.
        self.jobs = Jobs(settings.database_url) if settings.database else None
        self._watch: Watch | None = None
        if self.jobs is None:
            self.store = open_store(settings)
        else:
            self.store = open_store(settings, self.jobs.defer)
            self.jobs.prepare()
            self._watch = Watch(self.store, self.jobs)
        self.people = Directory(self.store, settings.login_hours)
        self.accounts_on: bool = self.people.accounts.any()
        on_gone: OnGone = self.jobs.cancel if self.jobs else _no_jobs
        self.own_data = OwnData(self.store, self.rubric, settings.price, on_gone)
        self._retention: Retention | None = None
        if settings.retention_days:
            self._retention = Retention(self.store, settings.retention_days, on_gone)
        self._reading_draft = threading.Lock()
        embedded = self.connection.embedded is not None
        self.worker = GradingWorker(
            self.store, self.graders.grader, at_once=1 if embedded else GRADES_AT_ONCE
        )
        self.practice = Practice(
            self.store,
            self.bank,
            _CurrentProber(self),
            message_characters=settings.message_characters,
            limits=Limits(
                open_interviews=settings.open_interviews,
                messages_a_minute=settings.messages_per_minute,
            ),
            on_question=self._read_ahead,
            on_draft=self._read_draft,
            on_finished_answer=self.worker.wake,
        )
        drills = load_drills([criterion.id for criterion in self.rubric.criteria])
        attempts = DrillAttempts(self.store.sessions)
        role_plays = RolePlays(self.store.sessions)
        self.role_play_grading = RolePlayGrading(role_plays, self.graders.grader)
        self.role_playing = RolePlaying(
            load_scenarios(),
            role_plays,
            grader=self.graders.grader,
            context=self.connection.entry.context,
            limits=self.practice.limits,
            seconds=settings.turn_seconds,
            on_finished=self.role_play_grading.wake,
        )
        self.own_plan = OwnPlan(
            self.store, attempts, self.rubric, drills.drills, self.role_playing.suggested
        )
        self.drills = DrillPractice(
            drills,
            attempts,
            self.rubric,
            grader=self.graders.grader,
            weakest=self.own_plan.weakest,
            limits=self.practice.limits,
            seconds=settings.turn_seconds,
        )
        self.desk = CoachDesk(
            self.store,
            self.people.access,
            self.rubric,
            self.bank,
            reply=self.practice.reply,
            wake=self.worker.wake,
            cases=settings.data / "cases.jsonl",
            price=settings.price,
        )
        self.reading = Reading(
            self.store,
            self.people.access,
            self.desk.reviewing,
            self.desk.self_rating,
            self.rubric,
            settings.price,
        )

    def _read_ahead(self, question: Question) -> None:
        """The embedded model reads the question while the candidate writes: a second saved."""
        embedded = self.connection.embedded
        if embedded is None or embedded.status.stage is not Stage.READY:
            return

        def read() -> None:
            try:
                self.graders.grader_now().read_ahead(question.text)
            except ModelError as error:
                log.info("Reading ahead did not work, which costs a second: %s", error)

        threading.Thread(target=read, name="reading-ahead", daemon=True).start()

    def _read_draft(self, text: str) -> None:
        """The embedded model reads what is written so far: most of the wait for a probe saved."""
        embedded = self.connection.embedded
        if embedded is None or embedded.status.stage is not Stage.READY:
            return
        if not self._reading_draft.acquire(blocking=False):
            return  # what is written by then is read with the next draft, or when it is sent

        def read() -> None:
            try:
                self.graders.grader_now().read_draft(text)
            except ModelError as error:
                log.info("Reading a draft did not work, which costs a few seconds: %s", error)
            finally:
                self._reading_draft.release()

        threading.Thread(target=read, name="reading-a-draft", daemon=True).start()

    def grade_again(self, interview_id: str) -> None:
        """Try the grades that could not be made once more. Raises `NotFoundError`, `LimitError`."""
        owner = self.practice.interview(interview_id).candidate_id
        self.practice.limits.count(Act.GRADE_AGAIN, owner)
        self.store.waiting.retry(interview_id)
        self.worker.wake()

    def start(self) -> None:
        """Start the model in the background, and the grading or, on PostgreSQL, its watch."""
        self._prepare_model()
        self._delete_old()
        self.role_play_grading.start()
        if self._watch is None:
            self.worker.start()
        else:
            self._watch.start()

    def grade(self, at_once: int | None = None, heartbeat: float = HEARTBEAT_SECONDS) -> None:
        """Grade whatever waits, until the process is told to stop.

        `at_once`: answers at the same time; without it 4, or 1 on the embedded model. Raises
        `ConfigurationError` where the web process grades by itself.
        """
        if self.jobs is None:
            raise ConfigurationError(
                "With SQLite, the program that serves the pages grades by itself, so that no "
                "worker is needed. Workers are for a PostgreSQL database: set "
                "MOCK_INTERVIEWER_DATABASE_URL to the one that the pages use."
            )
        self._prepare_model()
        self._delete_old()
        usual = 4 if self.connection.embedded is None else 1
        Worker(
            self.store,
            Grading(self.store, self.graders.grader),
            Regrading(self.store, self.graders.grader),
            self.jobs,
            at_once=at_once or usual,
            heartbeat=heartbeat,
        ).run()

    def _delete_old(self) -> None:
        if self._retention is not None:
            self._retention.start()

    def _prepare_model(self) -> None:
        embedded = self.connection.embedded
        if embedded is not None and self.prepares_model:
            embedded.prepare_in_background(warm_up(self.graders.grader_now()))

    def stop(self) -> None:
        """Stop what `start` started; what is in work is found again at the next start."""
        if self._watch is None:
            self.worker.stop()
        else:
            self._watch.stop()
        self.role_play_grading.stop()
        if self._retention is not None:
            self._retention.stop()
        if self.connection.embedded is not None:
            self.connection.embedded.close()
        self.store.close()


def _no_jobs(_connection: DatabaseConnection, _answer_ids: Sequence[int]) -> None:
    """With SQLite, what waits is read off the answers themselves."""


class _CurrentProber:
    """Probes in the way that goes with how the model grades, as far as that is known by now."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def probe(
        self, question: Question, lines: Sequence[Line], aims: Sequence[Aim]
    ) -> Iterator[ProbeStep]:
        """See `interviewing.prober.Prober`."""
        connection = self._program.connection
        grader = self._program.graders.grader_now()
        prober = make_prober(
            connection.model,
            grader,
            connection.entry.context,
            self._program.settings.first_token_seconds,
            self._program.settings.turn_seconds,
        )
        return prober.probe(question, lines, aims)
