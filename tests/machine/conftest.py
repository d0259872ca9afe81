"""What kills and limits processes needs a system that forks them and knows such limits."""

import multiprocessing

collect_ignore = (
    []
    if "forkserver" in multiprocessing.get_all_start_methods()
    else [
        "test_disk.py",
        "test_embedded_killed.py",
        "test_killed_parts.py",
        "test_killed_role_plays.py",
        "test_kills.py",
    ]
)
