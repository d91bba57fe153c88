"""A cabinet is told in how many portals each of its local applications is installed, and no more of that."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Counted for the tenant of the transaction alone. Temporary tables are looked at last.
    op.execute(
        """
        create function installations_of_own_applications() returns table (application_id uuid, portals bigint)
        language sql stable security definer set search_path = public, pg_temp as $$
          select a.id, count(i.id) filter (where i.removed_at is null)
            from application a left join installation i on i.application_id = a.id
           where a.cabinet_id = nullif(current_setting('app.cabinet', true), '')::uuid
           group by a.id
        $$
        """
    )
    op.execute("revoke all on function installations_of_own_applications() from public")
    op.execute("grant execute on function installations_of_own_applications() to crmap_cabinet")


def downgrade() -> None:
    op.execute("drop function installations_of_own_applications()")
