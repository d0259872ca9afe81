"""How quick the coaches' queue is with ten thousand interviews in it.

    python -m tests.bench_queue [--interviews 10000] [--repeats 9]

Prints a line for each database, order and page; PostgreSQL where its server is installed.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import insert

from mock_interviewer.service.queue import Queue
from mock_interviewer.storage.account_tables import GroupRow, MembershipRow, UserRow
from mock_interviewer.storage.desk_tables import SummaryRow
from mock_interviewer.storage.queue import Filter, Sort
from mock_interviewer.storage.store import Store
from mock_interviewer.storage.tables import InterviewRow
from tests import postgres
from tests.desk import COACH, with_people

CANDIDATES = 200
GROUPS = 20
PAGE = 25


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--interviews", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=9)
    args = parser.parse_args()
    for kind, url in databases():
        store = Store(url)
        queue = Queue(store, with_people(store))
        fill(store, args.interviews)
        for line in measured(queue, args.interviews, args.repeats):
            print(f"{kind}: {line}", flush=True)
        store.close()


def measured(queue: Queue, interviews: int, repeats: int) -> Iterator[str]:
    """A line for each thing that is timed."""
    for sort in Sort:
        marks = walked(queue, sort)
        places = {"first": None, "middle": marks[len(marks) // 2], "last": marks[-1]}
        times = [
            f"{name} page {timed(partial(queue.page, COACH, Filter.ALL, sort, after), repeats)}"
            for name, after in places.items()
        ]
        pages = f"{interviews} interviews, {sort.value} first, {len(marks) + 1} pages"
        yield f"{pages}: {', '.join(times)}"
    for which in Filter:
        yield f"first page of {which.value}: {timed(partial(queue.page, COACH, which), repeats)}"
    yield f"all counts: {timed(partial(queue.counts, COACH), repeats)}"


def walked(queue: Queue, sort: Sort) -> list[str]:
    """Where each page but the first begins."""
    marks: list[str] = []
    after = None
    while after := queue.page(COACH, sort=sort, after=after, size=PAGE).after:
        marks.append(after)
    return marks


def timed(work: Callable[[], object], repeats: int) -> str:
    """The median time of it."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return f"{1000 * statistics.median(times):.1f} ms"


def fill(store: Store, interviews: int) -> None:
    """Interviews of many candidates in many groups; the coach is in two thirds of these."""
    rng, now = random.Random(1), datetime.now(UTC)  # noqa: S311
    with store.sessions.begin() as session:
        for number in range(GROUPS):
            name = f"bench {number}"
            session.add(GroupRow(id=100 + number, name=name, key=name, created_at=now))
        for number in range(CANDIDATES):
            name = f"c{number}"
            session.add(UserRow(id=name, name=name, key=name, role="candidate", created_at=now))
        session.flush()
        members = [(COACH.id, group) for group in range(GROUPS) if group % 3]
        members += [(f"c{number}", number % GROUPS) for number in range(CANDIDATES)]
        session.add_all(MembershipRow(group_id=100 + g, user_id=user) for user, g in members)
        ids = [f"{rng.getrandbits(120):030x}" for _ in range(interviews)]
        rows = [
            {
                "id": name,
                "candidate_id": f"c{rng.randrange(CANDIDATES)}",
                "created_at": now - timedelta(minutes=10 * place),
                "mode": "interview",
                "trade": "retail",
                "questions": [],
                "shared": rng.random() < 0.8,
            }
            for place, name in enumerate(ids)
        ]
        session.execute(insert(InterviewRow), rows)
        session.execute(
            insert(SummaryRow),
            [
                {
                    "interview_id": row["id"],
                    "candidate_id": row["candidate_id"],
                    "answered_at": row["created_at"],
                    "finished_at": row["created_at"],
                    "answers": 5,
                    "unsure": max(0, rng.randrange(-8, 12)),
                    "ungraded": int(rng.random() < 0.03),
                    "asked_at": row["created_at"] if rng.random() < 0.05 else None,
                    "assigned": rng.random() < 0.3,
                    "reviewed_at": now if rng.random() < 0.5 else None,
                }
                for row in rows
            ],
        )


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone after."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def databases() -> Iterator[tuple[str, str]]:
    """Empty databases of each kind."""
    with folder() as path:
        yield "SQLite", f"sqlite:///{path / 'interviews.sqlite3'}"
    if programs := postgres.installed():
        with postgres.serving(programs) as server:
            url = server.new_database()
            yield "PostgreSQL", url.replace("postgresql://", "postgresql+psycopg://")


if __name__ == "__main__":
    main()
