"""The child process that runs llama.cpp's server: `python -m mock_interviewer.llm.embedded_server`.

It reads one line of JSON from standard input (`model`, `key`, `threads`, `context`), prints one
line with the address, and lives until its standard input closes; so it cannot outlive its parent,
however that ends, and the key stands in no argument list.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

PROMPT_CACHE_MIB = 256
"""Room for the state of a few answers beside the one in use; unlimited it grows to gigabytes."""


SECOND_SLOT_CONTEXT = 4096
"""The slots share one memory; few answers are as long as the context, and hardly ever two."""


LEAST_LIKENESS = 0.01

STEP_TOKENS = 512
"""Tokens read at a time; a text whose states are wanted has to fit into one step."""


def main() -> None:
    """Serve until standard input closes."""
    import xllamacpp

    # Ctrl-C reaches the whole group; it is the parent that says when this ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    config = json.loads(sys.stdin.readline())
    server = xllamacpp.Server(_params(xllamacpp, config))
    print(json.dumps({"address": server.listening_address}), flush=True)
    sys.stdin.read()
    # The server's own threads would hold an orderly exit back.
    os._exit(0)


def _params(xllamacpp: Any, config: dict[str, Any]) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = config["model"]
    params.model_alias = {"embedded"}
    # One slot for the conversation and one for grading, each of which keeps what it has read.
    params.n_ctx = config["context"] + SECOND_SLOT_CONTEXT
    params.n_parallel = 2
    params.kv_unified = True
    params.n_batch = params.n_ubatch = STEP_TOKENS
    # Each token's state is handed out, beside all that a chat server does.
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_NONE
    # Texts to be read name no slot. They all begin alike, and so find the slot of the last one,
    # however long they are; with the usual share a long one would take the conversation's.
    params.slot_prompt_similarity = LEAST_LIKENESS
    params.cpuparams.n_threads = config["threads"]
    params.cpuparams_batch.n_threads = config["threads"]
    # Mapped, the file would stay in memory beside the weights, which are arranged anew.
    params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    params.cache_ram_mib = PROMPT_CACHE_MIB
    # As it comes, a request in one slot takes from the other what it has read.
    params.cache_idle_slots = False
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [config["key"]]
    # As they come, these two are open to any page in the user's browser.
    params.endpoint_slots = False
    params.cors_origins = ""
    params.ui = False
    params.verbosity = 0
    return params


if __name__ == "__main__":
    main()
