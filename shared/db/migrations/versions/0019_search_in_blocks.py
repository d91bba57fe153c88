"""A search looks at blocks of items, and a change writes one of them again instead of all items of the portal.

Blocks made here are found in as well as others; a portal's next change cuts most of its blocks anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SERVICES = "crmap_gateway, crmap_worker, crmap_operator"


def upgrade() -> None:
    # What a worker recorded meanwhile would be found nowhere.
    op.execute("lock table search_item in share mode")
    op.create_table(
        "search_block",
        sa.Column("portal_id", sa.UUID(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("portal_id", "place"),
    )
    # Every search reads the folded text of every block: it is not compressed, and stays in its row where it fits.
    op.execute("alter table search_block alter column folded set storage external")
    op.execute("alter table search_block set (toast_tuple_target = 8160)")
    op.execute(
        r"""
        insert into search_block (portal_id, place, folded, items)
        select portal_id, number * 1048576, string_agg(replace(folded, E'\n', ' '), E'\n' order by id),
               string_agg(json_build_array(kind, entity_type, item_id, code, label)::text, E'\n' order by id)
          from (select *, (row_number() over (partition by portal_id order by id) + 31) / 32 as number
                  from search_item) item
         group by portal_id, number
        """
    )
    # Only now, since nobody can write to portals until the migration is over.
    op.create_foreign_key(
        "search_block_portal_id_fkey", "search_block", "portal", ["portal_id"], ["id"], ondelete="CASCADE"
    )
    op.drop_table("search_item")
    op.execute("grant select, insert, delete on search_block to crmap_worker")
    op.execute("grant select, insert, update, delete on search_block to crmap_operator")
    op.execute("grant select on search_block to crmap_cabinet")
    # The portals that are visible are looked up once for a search. With «exists», as elsewhere, it would be once a row.
    _guard("search_block", "portal_id in (select portal.id from portal)")


def downgrade() -> None:
    op.create_table(
        "search_item",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("portal_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity_type", sa.Text(), nullable=True),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["portal_id"], ["portal.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("search_item_of_portal", "search_item", ["portal_id"], unique=False)
    op.execute(
        r"""
        insert into search_item (portal_id, kind, entity_type, item_id, code, label, folded)
        select portal_id, item::json ->> 0, item::json ->> 1, (item::json ->> 2)::bigint, item::json ->> 3,
               item::json ->> 4, coalesce(line.folded, '')
          from search_block b,
               unnest(string_to_array(b.folded, E'\n'), string_to_array(b.items, E'\n'))
               with ordinality as line (folded, item, number)
         order by portal_id, place, number
        """
    )
    op.drop_table("search_block")
    op.execute("grant select, insert, update, delete on search_item to crmap_worker, crmap_operator")
    op.execute("grant select on search_item to crmap_cabinet")
    op.execute("grant usage on sequence search_item_id_seq to crmap_worker, crmap_operator")
    _guard("search_item", "exists (select 1 from portal where portal.id = portal_id)")


def _guard(table: str, visible: str) -> None:
    """Row-level security: in the cabinet's role only these rows exist."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"create policy {table}_of_services on {table} to {SERVICES} using (true) with check (true)")
    op.execute(f"create policy {table}_of_cabinet on {table} for select to crmap_cabinet using ({visible})")
