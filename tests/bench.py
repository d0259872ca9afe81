"""`make bench`: how fast the parts are, on the embedded model, written to docs/performance.md.

    python -m tests.bench [--quick] [--out docs/performance.md]
    python -m tests.bench --only recorded_suites    # prints, and writes nothing
    python -m tests.bench --only candidates_at_once --candidates 200 --minutes 10
    python -m tests.bench --only killed_workers --answers 1000 --kill-seconds 30

Machines differ and are noisy: where two things are compared they are measured in one run, in turn,
against the same server, and the ratio or difference is what counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import httpx2

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.core.questions import Kind, Question, load_bank
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.transcript import Line, Role
from mock_interviewer.grading import layout
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.prober import PROBE_TOKENS
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Request
from mock_interviewer.llm.connect import connect
from mock_interviewer.service.plan import Setup
from mock_interviewer.service.practice import Practice, Stage
from mock_interviewer.service.program import Program
from mock_interviewer.settings import load_settings
from mock_interviewer.storage.records import AnswerState
from tests.bench_load import candidates_at_once
from tests.bench_parts import REPOSITORY, Row, get, megabytes, ms, served, wait_until
from tests.bench_workers import killed_workers

Measure = Callable[[int, argparse.Namespace], Iterator[Row]]

TYPING_SECONDS = 60.0
LEAST_TYPING_SECONDS = 5.0
"""Nobody types 200 words faster; the server has read the question by then."""
TYPING_PAUSES = (10.0,) * 6
"""A minute for 200 words, which is quick; the page leaves drafts more often than this."""
ANSWER_WORDS = (160, 230)


def main() -> None:
    """Measure everything and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "performance.md")
    parser.add_argument("--only", choices=MEASURES, help="one of them")
    parser.add_argument("--candidates", type=int, default=40, help="at once, for the load")
    parser.add_argument("--minutes", type=float, default=1, help="of the load")
    parser.add_argument("--answers", type=int, default=200, help="queued for killed workers")
    parser.add_argument("--kill-seconds", type=float, default=10, help="from kill to kill")
    args = parser.parse_args()
    repeats = 3 if args.quick else 9
    rows: list[Row] = []
    for name in [name for name in MEASURES if args.only in (None, name)]:
        print(f"measuring: {name.replace('_', ' ')} ...", flush=True)
        found = list(MEASURES[name](repeats, args))
        for row in found:
            print(f"  {row.what}: {row.figure}", flush=True)
        rows += found
    if args.only:
        return
    args.out.parent.mkdir(exist_ok=True)
    args.out.write_text(_page(rows, repeats), encoding="utf-8")
    print(f"written to {args.out}")


def first_token(repeats: int) -> Iterator[Row]:
    """The interviewer's first token beside the raw server's, for one and the same request."""
    connection = connect(load_settings())
    embedded = connection.embedded
    assert embedded is not None, "the bench measures the embedded model; unset OPENAI_*"
    grader = Grader(connection.model, load_rubric(), Strategy.CHECKLIST)
    embedded.prepare(grader.warm_up())
    embedded.wait()
    question, lines = long_answers()[0]
    request = Request(
        grader.prompts["checklist"].render(
            question=question.text,
            answer=layout.plain(lines),
            ask="Ask one short question about how it ended.",
        ),
        PROBE_TOKENS,
    )
    chat = embedded._connected()
    url = str(chat._client.base_url) + "chat/completions"
    headers = {"Authorization": f"Bearer {chat._client.api_key}"}
    body = request.body(connection.model.name) | {"stream": True}
    next(iter(connection.model.stream(request)))  # so that both find the prompt read
    ours: list[float] = []
    raw: list[float] = []
    with httpx2.Client(timeout=60) as client:
        for _ in range(repeats):
            ours.append(_seconds_to_first(connection.model.stream(request)))
            raw.append(_seconds_to_first(_raw_pieces(client, url, headers, body)))
    embedded.close()
    difference = statistics.median(a - b for a, b in zip(ours, raw, strict=True))
    yield Row(
        "first token, through the program beside the raw server",
        f"{ms(statistics.median(ours))} beside {ms(statistics.median(raw))}, "
        f"median difference {ms(difference)}",
        "within 50 ms",
    )


def first_probe_word(repeats: int) -> Iterator[Row]:
    """From Send to the first word of a probe, answers of some 200 words never seen before."""
    answers = iter(long_answers())
    with started_program() as program:
        for how, pauses in (("typed", TYPING_PAUSES), ("pasted at once", ())):
            waits, words, unprobed = [], [], 0
            while len(waits) < repeats:
                question, lines = next(answers)
                interview_id = one_question(program, question)
                time.sleep(LEAST_TYPING_SECONDS)
                _type(program.practice, interview_id, lines[0].text, pauses)
                first = _seconds_to_words(program.practice, interview_id, lines[0].text)
                if program.practice.interview(interview_id).turns[-1].kind is TurnKind.PROBE:
                    waits.append(first)
                    words.append(len(lines[0].text.split()))
                else:
                    unprobed += 1
            yield Row(
                f"Send to the first word of a probe, {len(waits)} answers of "
                f"{min(words)}-{max(words)} words, {how}",
                f"median {statistics.median(waits):.1f} s, slowest {max(waits):.1f} s"
                f" ({unprobed} more had nothing missing)",
                "median at most 8 s",
            )


def _type(practice: Practice, interview_id: str, text: str, pauses: Sequence[float]) -> None:
    """Leave drafts as the page does while somebody types."""
    for number, pause in enumerate(pauses, start=1):
        practice.save_draft(interview_id, text[: len(text) * number // (len(pauses) + 1)])
        time.sleep(pause)


def _seconds_to_words(practice: Practice, interview_id: str, text: str) -> float:
    began, first = time.perf_counter(), 0.0
    practice.send(interview_id, 1, TurnKind.ANSWER, text)
    for speech in practice.reply(interview_id):
        if speech.stage is Stage.SPEAKING and not first:
            first = time.perf_counter() - began
    return first


def grading(repeats: int) -> Iterator[Row]:
    """Seconds and tokens of a grade, and how many of the tokens had to be computed."""
    with started_program() as program:
        grader = program.graders.grader()
        seconds, asked, computed = [], [], []
        for question, lines in long_answers()[:repeats]:
            began = time.perf_counter()
            usage = grader.grade(question.text, question.kind, lines).stamp.usage
            seconds.append(time.perf_counter() - began)
            asked.append(usage.prompt)
            computed.append(usage.prompt - usage.cached)
        yield Row(
            "one grade of a 200-word answer",
            f"median {statistics.median(seconds):.1f} s, slowest {max(seconds):.1f} s",
        )
        yield Row(
            "prompt tokens of one grade, asked and computed",
            f"{statistics.median(asked):,.0f} asked, {statistics.median(computed):,.0f} computed "
            f"({statistics.median(computed) / statistics.median(asked):.1%})",
        )


def ready_in_time(repeats: int) -> Iterator[Row]:
    """How often a grade is there when the next answer is sent, after a minute of typing."""
    ready = 0
    tries = min(repeats, 5)
    with started_program() as program:
        for question, lines in long_answers()[:tries]:
            interview_id = one_question(program, question)
            _answer_all(program.practice, interview_id, lines[0].text)
            time.sleep(TYPING_SECONDS)
            states = [answer.state for answer in program.store.answers(interview_id)]
            ready += states == [AnswerState.GRADED]
    yield Row(
        f"grade ready after {TYPING_SECONDS:.0f} s of typing",
        f"{ready} of {tries}",
        "95 %",
    )


def memory(repeats: int) -> Iterator[Row]:
    """Resident memory of the app, alone and with the embedded model."""
    alone = {
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "MOCK_INTERVIEWER_MODEL": "none",
        "MOCK_INTERVIEWER_STRATEGY": "checklist",
    }
    with served(alone, 7870) as process:
        yield Row("memory of the app alone", f"{megabytes(process):,.0f} MB", "under 400 MB")
    with served({}, 7871) as process:
        wait_until(lambda: b"The model is ready" in get("http://127.0.0.1:7871/model"))
        total = megabytes(process)
        yield Row("memory with the embedded model", f"{total:,.0f} MB", "under 2,500 MB")


def recorded_suites(repeats: int) -> Iterator[Row]:
    """The whole `eval run`, robustness and probes included, each time as a new process."""
    seconds = []
    for _ in range(max(2, repeats // 2)):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "mock_interviewer", "eval", "run"],
            cwd=REPOSITORY,
            check=True,
            capture_output=True,
        )
        seconds.append(time.perf_counter() - began)
    yield Row(
        "all recorded suites of the evals, each time as a new process",
        f"median {statistics.median(seconds):.1f} s, slowest {max(seconds):.1f} s",
        "under 60 s",
    )


def start(repeats: int) -> Iterator[Row]:
    """From `make run` to the first page, when everything is installed."""
    seconds = []
    for _ in range(min(repeats, 3)):
        began = time.perf_counter()
        process = subprocess.Popen(
            ["make", "run", "ARGS=--port 7872"],
            cwd=REPOSITORY,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(lambda: bool(get("http://127.0.0.1:7872/")))
        seconds.append(time.perf_counter() - began)
        os.killpg(process.pid, 15)
        process.wait()
        time.sleep(1)
    median = statistics.median(seconds)
    yield Row("a second `make run`, to the first page", f"median {median:.1f} s")


class started_program:
    """A program on a new database with the embedded model, ready."""

    def __enter__(self) -> Program:
        self._folder = tempfile.TemporaryDirectory()
        settings = load_settings({**os.environ, "MOCK_INTERVIEWER_DATA": self._folder.name})
        self._program = Program(settings)
        self._program.start()
        embedded = self._program.connection.embedded
        assert embedded is not None
        embedded.wait()
        return self._program

    def __exit__(self, *_: object) -> None:
        self._program.stop()
        self._folder.cleanup()


def long_answers() -> list[tuple[Question, list[Line]]]:
    """The bank's longest model answers to behavioural questions, without their last sentences."""
    low, high = ANSWER_WORDS
    found = []
    for question in load_bank().questions:
        words = len(question.model_answer.split())
        if question.kind is Kind.BEHAVIOURAL and low <= words <= high:
            text = question.model_answer.rsplit(". ", 2)[0] + "."
            found.append((question, [Line(role=Role.CANDIDATE, text=text)]))
    return found


def one_question(program: Program, question: Question) -> str:
    """An interview that consists of this question, asked."""
    interview_id = program.store.create_interview(
        candidate_id="bench", mode=Mode.INTERVIEW, trade=Setup().trade.value, questions=[question]
    )
    for _ in program.practice.reply(interview_id):
        pass
    return interview_id


def _answer_all(practice: Practice, interview_id: str, text: str) -> None:
    """Answer until the interview is finished."""
    for reply in (text, "That is all that I remember of it.", "There was nothing more."):
        number = len(practice.interview(interview_id).turns)
        practice.send(interview_id, number, TurnKind.ANSWER, reply)
        for _ in practice.reply(interview_id):
            pass
        if practice.interview(interview_id).turns[-1].kind is TurnKind.CLOSING:
            return


def _raw_pieces(
    client: httpx2.Client, url: str, headers: dict[str, str], body: dict[str, object]
) -> Iterator[str]:
    with client.stream("POST", url, headers=headers, json=body) as response:
        for line in response.iter_lines():
            if line.startswith("data: {"):
                choices = json.loads(line[6:])["choices"]
                if choices and choices[0]["delta"].get("content"):
                    yield choices[0]["delta"]["content"]


def _seconds_to_first(pieces: Iterator[str]) -> float:
    began = time.perf_counter()
    next(pieces)
    seconds = time.perf_counter() - began
    for _ in pieces:
        pass
    return seconds


def _page(rows: list[Row], repeats: int) -> str:
    table = "\n".join(f"| {row.what} | {row.figure} | {row.goal} |" for row in rows)
    return (
        "# Performance\n\n"
        f"Made by `make bench` on {date.today()}: {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, the embedded model, "
        f"{repeats} repetitions. Machines differ; run it on yours.\n\n"
        "| what | measured | goal |\n| --- | --- | --- |\n"
        f"{table}\n\n"
        "Many candidates, and many answers to grade, at once: [Load](load.md).\n"
    )


def _repeated(measure: Callable[[int], Iterator[Row]]) -> Measure:
    return lambda repeats, args: measure(repeats)


MEASURES: dict[str, Measure] = {
    **{
        measure.__name__: _repeated(measure)
        for measure in (
            first_token,
            first_probe_word,
            grading,
            ready_in_time,
            memory,
            recorded_suites,
            start,
        )
    },
    "candidates_at_once": lambda _, args: candidates_at_once(args.candidates, args.minutes),
    "killed_workers": lambda _, args: killed_workers(args.answers, args.kill_seconds),
}


if __name__ == "__main__":
    main()
