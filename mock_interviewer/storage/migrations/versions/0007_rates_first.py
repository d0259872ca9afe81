"""Whether a candidate chose to rate each answer of a practice before seeing the feedback.

Nobody was asked before: of an interview that is already here, the answer is no.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "interviews",
        sa.Column("rates_first", sa.Boolean, nullable=False, server_default=sa.false()),
    )
