"""Whoever sees a portal is told whether it sends events and if not, why; and nothing else of its installations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("handlers_problem", sa.Text(), nullable=True))
    # Temporary tables are looked at last.
    op.execute(
        """
        create function handlers_of(wanted uuid) returns table (checked boolean, problem text)
        language sql stable security definer set search_path = public, pg_temp as $$
          select i.handlers_checked_at is not null, i.handlers_problem
            from installation i
           where i.portal_id = wanted and i.removed_at is null
             and (wanted = nullif(current_setting('app.portal', true), '')::uuid
                  or exists (select 1 from link l
                              where l.portal_id = wanted
                                and l.cabinet_id = nullif(current_setting('app.cabinet', true), '')::uuid))
           order by i.id
        $$
        """
    )
    op.execute("revoke all on function handlers_of(uuid) from public")
    op.execute("grant execute on function handlers_of(uuid) to crmap_cabinet")


def downgrade() -> None:
    op.execute("drop function handlers_of(uuid)")
    op.drop_column("installation", "handlers_problem")
