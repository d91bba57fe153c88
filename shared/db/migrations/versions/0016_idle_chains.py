"""Spare chains of tokens are renewed before they die of not being used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("chain", sa.Column("idle_tried_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "chain_idle",
        "chain",
        [sa.text("coalesce(used_at, created_at)")],
        postgresql_where=sa.text("state in ('active', 'spare')"),
    )


def downgrade() -> None:
    op.drop_index("chain_idle", "chain")
    op.drop_column("chain", "idle_tried_at")
