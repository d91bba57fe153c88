"""Every command of ``crmap``: what its help says, and where its code is.

The code is imported when a command is called: ``crmap --help`` needs none of it, and no command that of another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

# The exit code after a call that did nothing.
FAILED = 1


@dataclass(frozen=True, slots=True)
class Command:
    """``code`` names a module and a function in it; ``failed`` is the exit code after a call that did nothing."""

    code: str
    help: str
    failed: int = FAILED
    hidden: bool = False

    def load(self) -> Callable[..., Any]:
        """The function of the command."""
        module, _, name = self.code.partition(":")
        function: Callable[..., Any] = getattr(import_module(module), name)
        return function


GROUPS: Final[Mapping[str, str]] = {
    "user": "People who sign in or use the API.",
    "app": "Applications that portals install.",
    "keys": "The keys that secrets are sealed with.",
}

# In the order of the help. The name of a command in a group begins with that of the group.
COMMANDS: Final[Mapping[str, Command]] = {
    "spec": Command(
        "tools.cli.spec:spec",
        """Read a portal and write down its specification.

URL is the address of an incoming webhook, which an administrator makes in the portal with the permissions
CRM, Users, Company structure and User field settings. It is a password: CRMAP sends it to the portal only
and never prints it.

\b
  crmap spec https://your-portal.bitrix24.ru/rest/1/code/
  crmap spec https://your-portal.bitrix24.ru/rest/1/code/ -o portal.txt
  crmap spec https://your-portal.bitrix24.ru/rest/1/code/ -o portal.json --lang en

Without -o the document goes to standard output and nothing else does; messages go to standard error. Two runs
over the same portal with the same SOURCE_DATE_EPOCH give the same bytes.

\b
Exit codes:
  0  everything was read, or the portal does not have it
  3  written, but the parts named on standard error could not be read completely
  1  nothing was written
""",
    ),
    "diff": Command(
        "tools.cli.diff:diff",
        """Tell what is different between two specifications.

OLD and NEW are each a specification saved with "crmap spec URL --format json", or the address of an incoming
webhook, whose portal is read now; "-" is standard input. Things are recognised by their ids, so a rename is
one change; things of two different portals by codes and names, since ids mean nothing outside a portal. What
could not be read is never called removed.
Beside a file saved with --full a portal is read in full, too.

\b
  crmap spec https://your-portal.bitrix24.ru/rest/1/code/ -o before.json
  crmap diff before.json https://your-portal.bitrix24.ru/rest/1/code/
  crmap diff before.json after.json --format json

\b
Exit codes:
  0  equal
  1  different
  2  could not compare; or no difference was found, but something was read on one side only
""",
        failed=2,
    ),
    "simulator": Command(
        "tools.cli.simulator:simulator",
        """Answer like Bitrix24 on this machine until Ctrl-C, to try CRMAP without a portal.

Prints one line of JSON for each portal: name, domain, webhook_url, host_page, oauth_servers. The same name,
size and seed give the same portal. GET /_truth/NAME tells what a perfect reading of it contains.

\b
  crmap simulator
  crmap simulator --port 8025 --portal agency:M:7 --portal shop:S
  crmap simulator --application http://127.0.0.1:8000/bitrix24/app

In another terminal, with a webhook_url it printed:

\b
  CRMAP_ALLOW_PRIVATE_PORTALS=1 crmap spec WEBHOOK_URL

Exit codes: 0 stopped by Ctrl-C or SIGTERM, 1 could not start.
""",
    ),
    "demo": Command(
        "tools.cli.demo:demo",
        """Show CRMAP at work on this machine, with three pretend portals that are connected and read, until Ctrl-C.

Prints where everything is, how to sign in, and lines to try the API with. Nothing outside of this machine is asked,
and nothing stays when it ends.

\b
  crmap demo
  crmap demo --port 9000
  crmap demo --check > specification.txt

Exit codes: 0 stopped by Ctrl-C, or every check passed; 1 could not start, or a check failed.
""",
    ),
    "standalone": Command(
        "tools.cli.standalone:standalone",
        """Run everything on this machine until Ctrl-C: web services, worker, clock, Flower, and what they need.

PostgreSQL and Valkey are those of CRMAP_DATABASE_URL and CRMAP_BROKER_URL, else the ones installed here, else those
that come with crmap[standalone]. Their data, the keys and the logs are kept in the folder CRMAP_DATA_DIR. Gateway and
cabinet answer at CRMAP_STANDALONE_LISTEN. The first start prints how to sign in.

Exit codes: 0 stopped by Ctrl-C or SIGTERM, 1 could not start or go on.
""",
    ),
    "one-address": Command(
        "tools.cli.standalone:one_address",
        "Serve gateway and cabinet behind one address until stopped. Started by crmap standalone.",
        hidden=True,
    ),
    "migrate": Command(
        "tools.cli.processes:migrate",
        """Bring the database to the schema this version works with. Safe to run again and by several at once.

Reads CRMAP_DATABASE_URL; its login must be allowed to create roles, or have been given those of the services.
CRMAP_BITRIX24_CLIENT_ID and its secret become a known application.

Exit codes: 0 the schema is current, 1 it could not be brought there.
""",
    ),
    "gateway": Command(
        "tools.cli.processes:gateway",
        """Serve what Bitrix24 and pages in its frame call: installing, events, linking.

Listens at CRMAP_GATEWAY_LISTEN until stopped. CRMAP_BITRIX24_CLIENT_ID and its secret become a known application.
""",
    ),
    "cabinet": Command(
        "tools.cli.processes:cabinet",
        "Serve the cabinet: web pages and JSON API. Listens at CRMAP_CABINET_LISTEN until stopped.",
    ),
    "worker": Command(
        "tools.cli.processes:worker",
        """Read portals: claims due jobs until stopped. Start as many workers as there is work for.

With CRMAP_METRICS_LISTEN it tells Prometheus about its reads and the queue.
""",
    ),
    "beat": Command(
        "tools.cli.processes:beat",
        "Keep the clock: every few seconds due portals become jobs. A second beat does no harm.",
    ),
    "flower": Command(
        "tools.cli.processes:flower",
        "Show the workers in a browser, at CRMAP_FLOWER_LISTEN, with the password in CRMAP_FLOWER_PASSWORD.",
    ),
    "alive": Command(
        "tools.cli.alive:alive",
        "Tell by the exit code whether a service answers, and can reach what it needs to.",
        hidden=True,
    ),
    "doctor": Command(
        "tools.cli.doctor:doctor",
        """Check what the machine room needs, one line each: OK, or what is wrong and what to do about it.

Exit codes: 0 all is well, 1 something is not.
""",
    ),
    "accounts": Command(
        "tools.cli.operating:accounts",
        "List every portal, one line of JSON each: id, domain, kind, state, read_at, problem, problem_at.",
    ),
    "history": Command(
        "tools.cli.operating:history",
        """List what the history of every portal costs, the dearest first, one line of JSON each.

That is versions, the oldest of them, changes, the parts they are put together from, and the bytes of these.
CRMAP_KEEP_VERSIONS says how long versions are kept.
""",
    ),
    "refresh": Command(
        "tools.cli.operating:refresh",
        """Read a portal before anything else. Name it by its domain or its id.

A portal that CRMAP was removed from is read once the application is installed there again, and not before.

With --full it is read in full from now on, with --no-full no longer: standard fields, list values of smart processes
and invoices with their order, default and external code, labels in Russian and English. That takes a request or two
more.
""",
    ),
    "backup": Command(
        "tools.cli.backup:backup",
        """Write the whole database into one file, which appears whole or not at all and opens to you only.

The database is that of CRMAP_DATABASE_URL, else the one crmap standalone keeps in CRMAP_DATA_DIR, whether it runs or
not. The keys are not in the file: keep them too, in another place.

\b
  crmap backup
  crmap backup /srv/backups/crmap.dump --force

Exit codes: 0 written, 1 not.
""",
    ),
    "restore": Command(
        "tools.cli.restore:restore",
        """Fill an empty database with what crmap backup wrote, all of it or nothing, then migrate it.

The database is that of CRMAP_DATABASE_URL, whose login has to be allowed what crmap migrate needs; else a new one for
crmap standalone in CRMAP_DATA_DIR.

\b
  crmap restore crmap-2031-03-12.dump

Exit codes: 0 restored, 1 not.
""",
    ),
    "user add": Command(
        "tools.cli.operating:user_add",
        """Add a person with a cabinet of his own. The password is read from standard input, if there is one.

\b
  crmap user add anna@example.com < password.txt

Exit codes: 0 added, 1 not.
""",
    ),
    "user token": Command(
        "tools.cli.operating:user_token",
        """Issue a personal token for the API and print it. It is shown this one time.

\b
  crmap user token anna@example.com
""",
    ),
    "app add": Command(
        "tools.cli.applications:app_add",
        """Make an application known that is registered with Bitrix24, a portal's own for example.

Its secret is read from a file, or from standard input. Known already, it gets the new secret.

\b
  crmap app add local.65ab12cd34ef56.12345678 --secret-file secret.txt --title "CRMAP at Romashka"

Exit codes: 0 known, 1 not.
""",
    ),
    "keys rotate": Command(
        "tools.cli.operating:keys_rotate",
        """Seal every secret anew under the first key of CRMAP_SECRET_KEYS.

Put the new key first and keep the old one behind it; once this command has said 0 left, the old one can go.
Safe to interrupt and to run again.
""",
    ),
}
