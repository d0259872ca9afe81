"""Whether a candidate agreed that answers of the interview be made into cases of the evals.

Nobody was asked before: of an interview that is already here, the answer is no.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "interviews",
        sa.Column("may_become_case", sa.Boolean, nullable=False, server_default=sa.false()),
    )
