"""An administrator of a portal is told which cabinets others have linked it to since his last visit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visit",
        sa.Column("portal_id", sa.UUID(), nullable=False),
        sa.Column("b24_user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("before_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["portal_id"], ["portal.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("portal_id", "b24_user_id"),
    )
    op.execute("grant select, insert, update on visit to crmap_gateway")
    op.execute("grant select, insert, update, delete on visit to crmap_operator")
    op.execute("alter table visit enable row level security")
    op.execute(
        "create policy visit_of_services on visit to crmap_gateway, crmap_worker, crmap_operator"
        " using (true) with check (true)"
    )
    op.execute("create policy visit_of_cabinet on visit for select to crmap_cabinet using (false)")
    # For the portal of the transaction alone, that is for a page in its frame. The first owner stands for the cabinet.
    # Temporary tables are looked at last.
    op.execute(
        """
        create function links_new_to(visitor integer)
        returns table (title text, owner text, linked_at timestamptz, linked_by integer)
        language sql stable security definer set search_path = public, pg_temp as $$
          select c.title,
                 (select p.email from membership m join person p on p.id = m.person_id
                   where m.cabinet_id = c.id and m.role = 'owner' order by p.created_at, p.id limit 1),
                 l.linked_at, l.linked_by
            from link l join cabinet c on c.id = l.cabinet_id
           where l.portal_id = nullif(current_setting('app.portal', true), '')::uuid
             and l.linked_by is distinct from visitor
             and l.linked_at > coalesce((select v.before_at from visit v
                                          where v.portal_id = l.portal_id and v.b24_user_id = visitor),
                                        now() - interval '30 days')
           order by l.linked_at desc, l.id
        $$
        """
    )
    op.execute("revoke all on function links_new_to(integer) from public")
    op.execute("grant execute on function links_new_to(integer) to crmap_cabinet")


def downgrade() -> None:
    op.execute("drop function links_new_to(integer)")
    op.drop_table("visit")
