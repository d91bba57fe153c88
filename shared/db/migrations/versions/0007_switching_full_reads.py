"""A cabinet may have the portals it sees read in full, and change nothing else of a portal that is not its own."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A read under way may have begun without it: marked like a portal an event spoke of, it is read once more.
    # Temporary tables are looked at last.
    op.execute(
        """
        create function read_in_full(wanted uuid, is_full boolean) returns void
        language sql volatile security definer set search_path = public, pg_temp as $$
          update portal p
             set full_reads = is_full, dirty_since = case when is_full then clock_timestamp() else p.dirty_since end
           where p.id = wanted
             and exists (select 1 from link l
                          where l.portal_id = p.id
                            and l.cabinet_id = nullif(current_setting('app.cabinet', true), '')::uuid);
        $$
        """
    )
    op.execute("revoke all on function read_in_full(uuid, boolean) from public")
    op.execute("grant execute on function read_in_full(uuid, boolean) to crmap_cabinet")


def downgrade() -> None:
    op.execute("drop function read_in_full(uuid, boolean)")
