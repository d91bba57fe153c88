"""Events remember where they came from until they are verified, and when the authorization server was asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INDEXES = {
    "inbox_question": ("question", "verdict = 'new'"),
    "inbox_asked": ("asked_at", "asked_at is not null"),
    "inbox_source": ("asked_at", "source is not null and verdict <> 'new'"),
}


def upgrade() -> None:
    op.add_column("inbox", sa.Column("source", sa.LargeBinary(), nullable=True))
    op.add_column("inbox", sa.Column("question", sa.LargeBinary(), nullable=True))
    op.add_column("inbox", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "inbox", sa.Column("unanswered", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    for name, (column, where) in _INDEXES.items():
        op.create_index(name, "inbox", [column], unique=False, postgresql_where=sa.text(where))


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, table_name="inbox")
    for column in ("unanswered", "asked_at", "question", "source"):
        op.drop_column("inbox", column)
