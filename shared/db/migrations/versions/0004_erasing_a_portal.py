"""A portal's administrator may have everything of it erased: the gateway may do that by one function, and no more.

Nothing else lets the gateway remove what was read, or even see it.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Events from before the portal was known name it all the same; one that waits may be a new installation. A portal
    # that a cabinet connected by webhook is that cabinet's to erase. Temporary tables are looked at last.
    op.execute(
        """
        create function erase_portal(erased uuid) returns void language sql volatile security definer
        set search_path = public, pg_temp as $$
          delete from inbox using portal p
           where p.id = erased and inbox.member_id = p.member_id and inbox.verdict <> 'new';
          delete from portal p where p.id = erased and p.kind = 'app';
        $$
        """
    )
    op.execute("revoke all on function erase_portal(uuid) from public")
    op.execute("grant execute on function erase_portal(uuid) to crmap_gateway")


def downgrade() -> None:
    op.execute("drop function erase_portal(uuid)")
