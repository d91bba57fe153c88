"""A portal may be read in full: more of each list value, labels in every language, for a request or two more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("portal", sa.Column("full_reads", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("portal", "full_reads")
