"""The demo: people, interviews, grades and reviews, put into an empty database.

Answers and levels of coaches come of the reference cases of the evals, grades of the grader over
the replies recorded there. No model is called. `service/demo_plan.py` says who does what.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from mock_interviewer.core.interview import Mode, Turn, TurnKind
from mock_interviewer.core.questions import Question
from mock_interviewer.core.resources import package_file
from mock_interviewer.core.transcript import Role as Speaker
from mock_interviewer.errors import ConfigurationError, ReplyMissingError
from mock_interviewer.evaluation.cases import Case, load_cases
from mock_interviewer.evaluation.recordings import recorded
from mock_interviewer.evaluation.suite import SUITES, Suite, suite_cases
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing import flow
from mock_interviewer.interviewing.lines import in_turn, load_lines
from mock_interviewer.service import passwords
from mock_interviewer.service.access import Person, Role
from mock_interviewer.service.accounts import key_of
from mock_interviewer.service.demo_plan import (
    CANDIDATES,
    COACHES,
    EACH,
    GROUPS,
    SEED,
    PlannedInterview,
    given_questions,
    group_of,
    plan,
    seen_levels,
)
from mock_interviewer.service.demo_reviews import DemoReviews
from mock_interviewer.service.grading import Regrading, graded
from mock_interviewer.service.program import Program
from mock_interviewer.storage.accounts import AccountStore
from mock_interviewer.storage.dating import date_assignment, date_interview
from mock_interviewer.storage.records import StoredAnswer

SHOWN, BESIDE = "strong", "embedded"
"""The suites whose recordings give the grades, and those of what is graded again."""
NO_GRADE = "in the demo, no reply of a model is recorded for this answer"


@dataclass
class Demo:
    """What is in the database now."""

    people: dict[str, Person]
    interviews: dict[tuple[int, int], str] = field(default_factory=dict)
    """Ids by place in `CANDIDATES` and number of the candidate's interview, from 0."""
    graded: int = 0
    """Answers with a grade."""
    ungraded: int = 0


def fill(program: Program, password: str, now: datetime, each: int = EACH) -> Demo:
    """Make the demo in an empty database; everybody logs in with `password`.

    `each`: interviews of each candidate. Raises `ConfigurationError` where the evals are not found.
    """
    check_evals()
    suite, beside = Suite(SUITES / f"{SHOWN}.yaml"), Suite(SUITES / f"{BESIDE}.yaml")
    cases = [case for case in suite_cases(suite) if _in_bank(case, program)]
    unrecorded = [case for case in load_cases(suite.dev) if _in_bank(case, program)]
    demo = Demo(_people(program, password))
    maker = _Maker(program, demo, suite.grader(recorded(suite.model, suite.recordings)), now)
    assignments = [maker.give(cases, group) for group in range(len(GROUPS))]
    for planned in plan(cases, unrecorded, now, each):
        maker.make(planned, assignments[group_of(planned.candidate)])
    maker.leave_open(assignments)
    chat = recorded(beside.model, beside.recordings)
    maker.grade_again(beside.grader(chat))
    program.accounts_on = True  # which the program looked up when there was nobody yet
    return demo


def check_evals(folder: Path = SUITES) -> None:
    """Raise `ConfigurationError` unless the answers and recordings are here."""
    if not (folder / f"{SHOWN}.yaml").is_file():
        raise ConfigurationError(
            "The demo is made from the reference answers and recordings in the folder `evals` of "
            "the project's source, which is not part of an installed package. Run this in a "
            "checkout of the project; `make demo` does."
        )


class _Maker:
    """Puts one interview after the other into the database, with all that belongs to it."""

    def __init__(self, program: Program, demo: Demo, grader: Grader, now: datetime) -> None:
        self._program = program
        self._store = program.store
        self._desk = program.desk
        self._demo = demo
        self._grader = grader
        self._now = now
        self._coaches = [demo.people[name] for name in COACHES]
        self._candidates = [demo.people[name] for name in CANDIDATES]
        self._rng = random.Random(SEED)  # noqa: S311 - the same demo each time
        self._reviews = DemoReviews(self._desk.reviewing, program.rubric, self._coaches, self._rng)

    def give(self, cases: list[Case], group: int) -> str:
        """An assignment to the group of the coach; returns its id."""
        coach = self._coaches[group]
        name = list(GROUPS)[group]
        (group_id,) = (
            each.id for each in self._desk.assignments.groups(coach) if each.name == name
        )
        assignment = self._desk.assignments.give(
            coach,
            given_questions(cases, group),
            group_id=group_id,
            title=("Two questions for the first week", "Before the mock day")[group],
            due_at=self._now + timedelta(days=(-3, 6)[group]),
        )
        date_assignment(self._store.sessions, assignment.id, self._now - timedelta(days=25))
        self._desk.invitations.invite(coach, group_id, label="Demo: somebody new")
        return assignment.id

    def make(self, planned: PlannedInterview, assignment_id: str) -> None:
        """One interview, from its first turn to what coaches said of it."""
        store, person = self._store, self._candidates[planned.candidate]
        questions = [_question(case, self._program) for case in planned.cases]
        if planned.assigned:
            interview_id = self._desk.assignments.begin(person, assignment_id)
        else:
            interview_id = store.create_interview(
                candidate_id=person.id,
                mode=planned.mode,
                trade=planned.trade.value,
                questions=questions,
            )
        turns = _turns(planned)
        begun = len(store.interview(interview_id).turns)  # an assigned one has its first question
        store.append(interview_id, turns[begun:], flow.answers(turns))
        self._demo.interviews[planned.candidate, planned.place] = interview_id
        answers = store.answers(interview_id)
        for answer in answers:
            self._grade(answer)
        self._say(planned, person, interview_id, answers)
        for review in planned.reviews:
            self._reviews.make(review, planned, interview_id)
        looked_at = planned.held_at + timedelta(days=1)
        date_interview(store.sessions, interview_id, planned.held_at, looked_at)

    def leave_open(self, assignments: list[str]) -> None:
        """What is going on now: begun practice, a claim, the exercises of one coach."""
        for candidate in (3, 7):
            interview_id = self._desk.assignments.begin(
                self._candidates[candidate], assignments[group_of(candidate)]
            )
            then = self._now - timedelta(hours=5 + candidate)
            date_interview(self._store.sessions, interview_id, then, then)
        latest = self._demo.interviews.get((4, EACH - 1))
        if latest:
            self._desk.queue.claim(self._coaches[1], latest)
        for case in load_cases([package_file("calibration", "answers.jsonl")]):
            self._desk.calibrating.rate(self._coaches[1], case.id, self._reviews.seen(case, 1))

    def grade_again(self, grader: Grader) -> None:
        """Some interviews by another grader, beside the grades that are shown."""
        wanted = [(candidate, 2) for candidate in range(4)]
        ids = [self._demo.interviews[key] for key in wanted if key in self._demo.interviews]
        if ids:
            self._desk.regrades.ask(self._coaches[0], ids)
        regrading = Regrading(self._store, lambda: grader)
        while (waiting := regrading.next_waiting()) is not None:
            regrading.take(waiting)

    def _grade(self, answer: StoredAnswer) -> None:
        try:
            grade = graded(self._store, self._grader, answer)
        except ReplyMissingError:
            self._store.waiting.give_up(answer.id, NO_GRADE)
            self._demo.ungraded += 1
        else:
            self._store.waiting.save_grade(answer.id, grade)
            self._demo.graded += 1

    def _say(
        self,
        planned: PlannedInterview,
        person: Person,
        interview_id: str,
        answers: Sequence[StoredAnswer],
    ) -> None:
        """What the candidate says beside the answers: of themselves, and to the coaches."""
        rating = self._desk.self_rating
        for answer in answers if planned.rated else ():
            # People learn to see themselves: the later, the nearer to the raters.
            share = 0.8 - 0.15 * planned.place
            reference = planned.cases[answer.question].reference
            own = seen_levels(reference, self._program.rubric, self._rng, share, 0.8)
            rating.rate(person, interview_id, answer.id, own)
        if planned.seen:
            rating.see_grades(person, interview_id)
        if planned.agreed:
            self._store.set_may_become_case(interview_id, True)
        if planned.shared:
            self._program.people.groups.share(person, interview_id, True)
        if planned.asked:
            self._desk.queue.ask_for_a_look(person, interview_id)


def _people(program: Program, password: str) -> dict[str, Person]:
    store = AccountStore(program.store.sessions)
    digest = passwords.digest(password)  # once: it is slow on purpose
    people = {}
    for names, role in ((COACHES, Role.COACH), (CANDIDATES, Role.CANDIDATE)):
        for name in names:
            user = store.add(name=name, key=key_of(name), role=role.value, password_hash=digest)
            people[name] = Person(id=user.id, name=user.name, role=role)
    for group, members in GROUPS.items():
        program.people.groups.add(group)
        for name in members:
            program.people.groups.join(group, name)
    return people


def _in_bank(case: Case, program: Program) -> bool:
    return any(question.id == case.question_id for question in program.bank.questions)


def _question(case: Case, program: Program) -> Question:
    """The bank's question, in the words in which it was asked."""
    return program.bank.get(case.question_id).model_copy(update={"text": case.question})


def _turns(planned: PlannedInterview) -> list[Turn]:
    """The interview as it was held, to its end."""
    lines, turns = load_lines(), list[Turn]()

    def add(kind: TurnKind, text: str, place: int) -> None:
        turns.append(Turn(len(turns), kind, text, place))

    for place, case in enumerate(planned.cases):
        add(TurnKind.QUESTION, case.question, place)
        for line in case.transcript:
            spoke = line.role is Speaker.CANDIDATE
            add(TurnKind.ANSWER if spoke else TurnKind.PROBE, line.text, place)
        if planned.mode is Mode.PRACTICE:
            add(TurnKind.WRAP, in_turn(lines.wraps, place), place)
            add(TurnKind.NEXT, "", place)
    add(TurnKind.CLOSING, lines.closing.complete, len(planned.cases) - 1)
    return turns
