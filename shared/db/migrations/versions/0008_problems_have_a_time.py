"""The cause of a failure has its time; a portal connected by webhook that only said it was deleted is asked again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("portal", sa.Column("problem_at", sa.DateTime(timezone=True), nullable=True))
    # Nobody but the portal itself ever said so: there is no application in it that could have been removed.
    op.execute(
        "update portal set state = 'closed', problem = 'portal_gone', purge_at = null, gone_said_at = null,"
        " next_read_at = now() where kind = 'webhook' and state = 'removed'"
    )


def downgrade() -> None:
    op.execute("update portal set state = 'access_lost' where state = 'closed'")
    op.drop_column("portal", "problem_at")
