"""Roles of the services, what each may write, and row-level security: in the cabinet's role only its own rows exist.

The tenant comes from settings that a session makes for its one transaction: ``app.cabinet``, ``app.portal`` (a page
inside a portal's frame) and ``app.person``. A setting that was never made, or was made by an earlier transaction of
the same connection, reads as no tenant at all.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROLES = ("crmap_gateway", "crmap_worker", "crmap_cabinet", "crmap_operator")

# What each service writes; everybody may read what row-level security leaves of the rest. The operator's commands
# may do everything a service may, and nothing else.
PRIVILEGES = {
    "crmap_gateway": {
        "insert, update": "portal, installation, inbox, job, attempt",
        "insert": "audit",
        "insert, update, delete": "chain, link",
        # Nothing of it is ever changed here: whoever links with a token holds its row meanwhile, which needs the right.
        "update (replaced_at)": "link_token",
        "select": "application, portal, installation, chain, inbox, job, attempt, link, link_token, cabinet,"
        " membership, audit, snapshot, coverage",
        "select (id, email, name, created_at)": "person",
    },
    "crmap_worker": {
        "insert, update, delete": "portal, installation, chain, inbox, job, snapshot, snapshot_part, part, coverage,"
        " change, search_item, attempt, link",
        "insert": "audit",
        "select": "application, portal, installation, chain, inbox, job, snapshot, snapshot_part, part, coverage,"
        " change, search_item, attempt, audit, link, cabinet",
    },
    "crmap_cabinet": {
        "insert, update, delete": "person, session, cabinet, membership, api_token, link_token, account_group,"
        " application, portal, attempt",
        "insert, delete": "link, account_group_account",
        # Which portal a link leads to is not the cabinet's to change.
        "update (title, note)": "link",
        "insert, update": "job",
        "insert": "audit",
        "select": "person, session, cabinet, membership, api_token, link_token, link, account_group,"
        " account_group_account, application, portal, attempt, job, snapshot, snapshot_part, part, coverage, change,"
        " search_item, audit",
    },
    "crmap_operator": {"select, insert, update, delete": "all tables in schema public"},
}
# What was written down stays, for the operator too.
INSERT_ONLY = "audit"

CABINET = "nullif(current_setting('app.cabinet', true), '')::uuid"
PORTAL = "nullif(current_setting('app.portal', true), '')::uuid"
PERSON = "nullif(current_setting('app.person', true), '')::uuid"
OF_VISIBLE_PORTAL = "exists (select 1 from portal where portal.id = portal_id)"

# Which rows exist in the cabinet's role. A condition on ``portal`` inside another table's policy is itself subject
# to the policy of ``portal``.
VISIBLE = {
    "person": f"id = {PERSON} or exists"
    f" (select 1 from membership m where m.person_id = person.id and m.cabinet_id = {CABINET})",
    "session": f"person_id = {PERSON}",
    "cabinet": f"id = {CABINET} or exists"
    f" (select 1 from membership m where m.cabinet_id = cabinet.id and m.person_id = {PERSON})",
    "membership": f"cabinet_id = {CABINET} or person_id = {PERSON}",
    "api_token": f"cabinet_id = {CABINET}",
    "link_token": f"cabinet_id = {CABINET}",
    "link": f"cabinet_id = {CABINET}",
    "account_group": f"cabinet_id = {CABINET}",
    "account_group_account": "exists (select 1 from account_group g where g.id = group_id)",
    "application": f"cabinet_id = {CABINET}",
    "portal": f"id = {PORTAL} or cabinet_id = {CABINET} or exists"
    f" (select 1 from link l where l.portal_id = portal.id and l.cabinet_id = {CABINET})",
    "job": OF_VISIBLE_PORTAL,
    "snapshot": OF_VISIBLE_PORTAL,
    "snapshot_part": OF_VISIBLE_PORTAL,
    "part": OF_VISIBLE_PORTAL,
    "coverage": OF_VISIBLE_PORTAL,
    "change": OF_VISIBLE_PORTAL,
    "search_item": OF_VISIBLE_PORTAL,
    "audit": f"cabinet_id = {CABINET}",
    "installation": "false",
    "chain": "false",
    "inbox": "false",
}
# Which rows it may add, change and remove: fewer than it sees. A table that is not here is read only.
WRITABLE = {
    "person": f"id = {PERSON}",
    "session": VISIBLE["session"],
    "cabinet": f"id = {CABINET}",
    "membership": f"cabinet_id = {CABINET}",
    "api_token": VISIBLE["api_token"],
    "link_token": VISIBLE["link_token"],
    "link": VISIBLE["link"],
    "account_group": VISIBLE["account_group"],
    "account_group_account": VISIBLE["account_group_account"],
    "application": VISIBLE["application"],
    "portal": f"kind = 'webhook' and cabinet_id = {CABINET}",
    "job": OF_VISIBLE_PORTAL,
}
# Which rows it may add, where that is less again.
ADDABLE = {
    # By itself a cabinet links nothing but portals it connected by webhook; everything else the portal decides.
    "link": f"cabinet_id = {CABINET} and is_private_portal_of(portal_id, {CABINET})",
    "account_group_account": f"{VISIBLE['account_group_account']}"
    " and exists (select 1 from link l where l.id = link_id)",
    "audit": VISIBLE["audit"],
}

# Who knocks is not known before the knock is answered: each of these finds one row by a secret, and no more of it
# than the answer needs.
FUNCTIONS = {
    # The policy of ``portal`` looks at ``link``, so that of ``link`` cannot look back at ``portal`` itself.
    "is_private_portal_of(portal uuid, cabinet uuid) returns boolean": (
        "select exists (select 1 from portal p where p.id = portal and p.cabinet_id = cabinet)"
    ),
    "person_signing_in(folded_email text) returns table (id uuid, password_hash text)": (
        "select p.id, p.password_hash from person p where p.email = folded_email"
    ),
    "session_of(hash bytea) returns table (person_id uuid, seen_at timestamptz, expires_at timestamptz)": (
        "select s.person_id, s.seen_at, s.expires_at from session s where s.token_hash = hash"
    ),
    "api_token_of(hash bytea) returns table (id uuid, cabinet_id uuid, person_id uuid, role text)": (
        "select t.id, t.cabinet_id, t.person_id, m.role from api_token t"
        " join membership m on m.cabinet_id = t.cabinet_id and m.person_id = t.person_id where t.token_hash = hash"
    ),
}


def upgrade() -> None:
    _make_roles()
    for role in ROLES:
        op.execute(f"grant usage on schema public to {role}")
        op.execute(f"grant usage on all sequences in schema public to {role}")
        for rights, tables in PRIVILEGES[role].items():
            op.execute(f"grant {rights} on {tables} to {role}")
        op.execute(f"revoke update, delete on {INSERT_ONLY} from {role}")
    for signature, query in FUNCTIONS.items():
        name = signature.partition("(")[0]
        arguments = signature[len(name) : signature.index(")") + 1]
        kinds = "(" + ", ".join(part.split()[-1] for part in arguments.strip("()").split(",")) + ")"
        # Temporary tables are looked at last, or anybody could put one in the place of ours.
        op.execute(
            f"create function {signature} language sql stable security definer"
            f" set search_path = public, pg_temp as $$ {query} $$"
        )
        op.execute(f"revoke all on function {name}{kinds} from public")
        op.execute(f"grant execute on function {name}{kinds} to crmap_cabinet")
    for table in VISIBLE:
        op.execute(f"alter table {table} enable row level security")
        for policy, rule in _policies(table).items():
            op.execute(f"create policy {policy} on {table} {rule}")


def downgrade() -> None:
    for table in VISIBLE:
        for policy in _policies(table):
            op.execute(f"drop policy {policy} on {table}")
        op.execute(f"alter table {table} disable row level security")
    for signature in FUNCTIONS:
        op.execute(f"drop function {signature.partition('(')[0]}")
    for role in ROLES:
        op.execute(f"revoke all on all tables in schema public from {role}")
        op.execute(f"revoke all on all sequences in schema public from {role}")
        op.execute(f"revoke all on schema public from {role}")


def _make_roles() -> None:
    """Roles belong to the server: another of its databases may have them already, or be making them right now."""
    # Whoever makes them first keeps the others waiting until its migration is over.
    op.execute("set local lock_timeout = 0")
    for role in ROLES:
        op.execute(
            f"do $$ begin create role {role} nologin;"
            " exception when duplicate_object or unique_violation then null; end $$"
        )
        # Where another login made the role, ours may not hand it out; then it has to have been given it already.
        op.execute(
            f"do $$ begin grant {role} to current_user; exception when duplicate_object or unique_violation then null;"
            f" when insufficient_privilege then set local role {role}; reset role; end $$"
        )
    op.execute("set local lock_timeout = '2s'")


def _policies(table: str) -> dict[str, str]:
    """The policies of a table by name."""
    services = "crmap_gateway, crmap_worker, crmap_operator"
    found = {
        f"{table}_of_services": f"to {services} using (true) with check (true)",
        f"{table}_of_cabinet": f"for select to crmap_cabinet using ({VISIBLE[table]})",
    }
    writable = WRITABLE.get(table)
    if addable := ADDABLE.get(table, writable):
        found[f"{table}_added_by_cabinet"] = f"for insert to crmap_cabinet with check ({addable})"
    if writable:
        found[f"{table}_changed_by_cabinet"] = (
            f"for update to crmap_cabinet using ({writable}) with check ({writable})"
        )
        found[f"{table}_removed_by_cabinet"] = f"for delete to crmap_cabinet using ({writable})"
    return found
