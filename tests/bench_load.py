"""How many candidates one process holds: part of `tests.bench`."""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench_parts import REPOSITORY, Row, megabytes, ms, served
from tests.load.crowd import Found
from tests.load.paced_model import paced_model

PORT = 7873
SAMPLE_SECONDS = 2.0
ADDED_SECONDS = 0.150
"""The goal: the 95th percentile of what the program adds to the first token."""


@dataclass(frozen=True)
class Sample:
    """The measured process at one moment, and how busy the machine is."""

    at: float
    megabytes: float
    cpu: float
    """Seconds of processor time since its start."""
    load: float
    """How many processes on the machine want a processor, as a mean of the last minute."""


def candidates_at_once(candidates: int, minutes: float) -> Iterator[Row]:
    """So many candidates for so long at one process with SQLite and a model of a fixed pace."""
    with tempfile.TemporaryDirectory() as name, paced_model() as model_url:
        folder = Path(name)
        environment = {
            "OPENAI_BASE_URL": model_url,
            "MOCK_INTERVIEWER_MODEL": "paced",
            "MOCK_INTERVIEWER_STRATEGY": "levels",
        }
        with served(environment, PORT, folder) as process:
            samples = [_sample(process)]
            crowd = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.load.crowd"),
                    *(f"http://127.0.0.1:{PORT}", model_url),
                    *("--candidates", str(candidates), "--seconds", str(60 * minutes)),
                    *("--out", str(folder / "found.json")),
                ],
                cwd=REPOSITORY,
            )
            while crowd.poll() is None:
                time.sleep(SAMPLE_SECONDS)
                samples.append(_sample(process))
            generator = os.times().children_user + os.times().children_system
            found = Found(**json.loads((folder / "found.json").read_text()))
            faults = [*found.errors, *_told(folder / "log")]
            faults += differences(folder / "interviews.sqlite3", found)
        yield from _rows(candidates, minutes, found, faults, samples, generator)


def _rows(
    candidates: int,
    minutes: float,
    found: Found,
    faults: list[str],
    samples: list[Sample],
    generator: float,
) -> Iterator[Row]:
    seconds = samples[-1].at - samples[0].at
    for fault in faults[:20]:
        print(f"    {fault}", flush=True)
    turns = sum(len(texts) for texts in found.sent.values())
    yield Row(
        f"{candidates} candidates at once for {minutes:g} min, {len(found.sent)} interviews, "
        f"{turns:,} messages, {len(found.saves):,} drafts: errors, lost or doubled turns",
        str(len(faults)),
        "0",
    )
    direct = statistics.median(found.direct)
    added = [waited - direct for waited in found.first_words]
    yield Row(
        f"added to the first token, {len(added)} times",
        _percentiles(added),
        f"95 % under {ms(ADDED_SECONDS)}",
    )
    yield Row(
        f"the same past the program, {len(found.direct)} times",
        _percentiles([one - direct for one in found.direct]),
    )
    whole = statistics.median(found.direct_words)
    yield Row("added to the first whole word", _percentiles([w - whole for w in found.first_words]))
    yield Row("a draft, until the page knows that it is kept", _percentiles(found.saves))
    yield Row("the page of an interview, until it is shown", _percentiles(found.loads))
    if found.feedback:
        late = sum(1 for one in found.feedback if one == float("inf"))
        yield Row(
            f"feedback in practice mode, {len(found.feedback)} times",
            f"median {statistics.median(found.feedback):.1f} s, later than a minute: {late}",
        )
    start, end = samples[0], samples[-1]
    middle = samples[len(samples) // 2]
    grown = (end.megabytes - start.megabytes) / candidates
    yield Row(
        "memory at the start, in the middle, at the end",
        f"{start.megabytes:.0f}, {middle.megabytes:.0f}, {end.megabytes:.0f} MB; "
        f"{grown:.2f} MB an open interview; "
        f"{_slope(samples[len(samples) // 2 :]):+.2f} MB a minute in the second half",
        "flat",
    )
    yield Row(
        "processor time of the program, and of what plays the candidates",
        f"{(end.cpu - start.cpu) / seconds:.0%} of a core, {generator / seconds:.0%}; "
        f"load of the machine {statistics.mean(one.load for one in samples):.1f}",
    )


def _sample(process: subprocess.Popen[bytes]) -> Sample:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return Sample(
        time.monotonic(),
        megabytes(process),
        ticks / os.sysconf("SC_CLK_TCK"),
        os.getloadavg()[0],
    )


def _slope(samples: Sequence[Sample]) -> float:
    """Megabytes a minute, by least squares."""
    slope = statistics.linear_regression(
        [one.at for one in samples], [one.megabytes for one in samples]
    ).slope
    return slope * 60


def _percentiles(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return f"{len(seconds)} only"
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"median {ms(cuts[49])}, 95 % {ms(cuts[94])}, 99 % {ms(cuts[98])}"


def _told(log: Path) -> list[str]:
    """What the program has complained of."""
    words = ("WARNING", "ERROR", "Traceback", "Error:")
    lines = log.read_text(errors="replace").splitlines()
    return [f"log: {line}" for line in lines if any(word in line for word in words)]


def differences(database: Path, found: Found) -> list[str]:
    """Where the database and what was sent are not the same."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    kept: dict[str, list[str]] = {}
    for interview, text in connection.execute(
        "select interview_id, text from turns where kind = 'answer' order by interview_id, number"
    ):
        kept.setdefault(interview, []).append(text)
    drafts = dict(connection.execute("select id, draft from interviews"))
    connection.close()
    told = [
        f"{interview}: {len(texts)} messages were sent, {len(kept.get(interview, []))} are kept"
        for interview, texts in found.sent.items()
        if texts != kept.get(interview, [])
    ]
    return told + [
        f"{interview}: another draft is kept"
        for interview, draft in found.drafts.items()
        if drafts.get(interview) != draft
    ]
