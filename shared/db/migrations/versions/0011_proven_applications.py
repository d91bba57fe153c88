"""Whoever registers a client id first keeps nobody out: only a proven secret makes a registration the one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("application", sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True))
    # The operator's is taken as right, and any whose tokens were ever renewed is.
    op.execute(
        "update application a set proven_at = now() where cabinet_id is null"
        " or exists (select 1 from chain c where c.application_id = a.id and c.used_at is not null)"
    )
    op.drop_constraint("application_client_id_key", "application")
    op.create_unique_constraint("application_once_in_a_cabinet", "application", ["client_id", "cabinet_id"])
    op.create_index(
        "application_proven",
        "application",
        ["client_id"],
        unique=True,
        postgresql_where=sa.text("proven_at is not null"),
    )
    op.execute("grant update (proven_at) on application to crmap_worker")
    # Applications of others do not exist in the cabinet's role. Temporary tables are looked at last.
    op.execute(
        """
        create function is_client_id_of_another(client text) returns boolean
        language sql stable security definer set search_path = public, pg_temp as $$
          select exists (select 1 from application where client_id = client and proven_at is not null
                            and cabinet_id is distinct from nullif(current_setting('app.cabinet', true), '')::uuid)
        $$
        """
    )
    op.execute("revoke all on function is_client_id_of_another(text) from public")
    op.execute("grant execute on function is_client_id_of_another(text) to crmap_cabinet, crmap_operator")


def downgrade() -> None:
    op.execute("drop function is_client_id_of_another(text)")
    op.execute("revoke update (proven_at) on application from crmap_worker")
    # Of several with one client id the proven one stays, or the oldest.
    op.execute(
        "delete from application a using application b where a.client_id = b.client_id and a.id <> b.id"
        " and (b.proven_at is not null or (a.proven_at is null and (b.created_at, b.id) < (a.created_at, a.id)))"
    )
    op.drop_index("application_proven", table_name="application")
    op.drop_constraint("application_once_in_a_cabinet", "application")
    op.create_unique_constraint("application_client_id_key", "application", ["client_id"])
    op.drop_column("application", "proven_at")
