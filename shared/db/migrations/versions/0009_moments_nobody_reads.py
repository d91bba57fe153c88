"""When a link token was issued and an application installed was written down and never read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COLUMNS = {"link_token": "issued_at", "installation": "installed_at"}


def upgrade() -> None:
    for table, column in _COLUMNS.items():
        op.drop_column(table, column)


def downgrade() -> None:
    for table, column in _COLUMNS.items():
        op.add_column(
            table,
            sa.Column(column, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        )
