"""Tokens of reading the replies of a role-play and of the customer's words.

Of a role-play that is already here nobody counted them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("prompt_tokens", "cached_tokens", "completion_tokens"):
        op.add_column("role_plays", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
