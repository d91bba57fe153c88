"""A tick finds what it looks for by index, however many portals there are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "portal_dirty", "portal", ["dirty_since"], postgresql_where=sa.text("dirty_since is not null")
    )
    op.create_index(
        "portal_to_erase", "portal", ["purge_at"], postgresql_where=sa.text("purge_at is not null")
    )
    op.create_index(
        "chain_suspect", "chain", ["suspect_since"], postgresql_where=sa.text("state = 'suspect'")
    )


def downgrade() -> None:
    op.drop_index("chain_suspect", "chain")
    op.drop_index("portal_to_erase", "portal")
    op.drop_index("portal_dirty", "portal")
