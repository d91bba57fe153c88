"""A portal whose reads take long is known as slow; what a worker holds is counted with every claim."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("portal", sa.Column("slow", sa.Boolean(), server_default="false", nullable=False))
    op.create_index("job_held", "job", ["lease_owner"], postgresql_where=sa.text("state = 'running'"))


def downgrade() -> None:
    op.drop_index("job_held", "job")
    op.drop_column("portal", "slow")
