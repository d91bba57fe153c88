"""Who calls: a user with scopes, through a webhook or an application's token."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.simulator.ledger import Crm, User

#: What a webhook made for CRMAP is allowed; others can be asked for.
USUAL_SCOPES = ("crm", "user_basic", "department", "userfieldconfig")
#: Any of these opens a method of the CRM, or one about users.
CRM_SCOPE = ("crm",)
USER_SCOPES = ("user", "user_basic", "user_brief")


@dataclass(frozen=True, slots=True)
class App:
    """An application installed on the portal, as ``app.info`` shows it."""

    id: int
    code: str
    client_id: str
    version: int = 1
    status: str = "L"
    installed: bool = True
    payment_expired: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    user: User
    scopes: frozenset[str]
    app: App | None = None
    credential: str = ""  # which webhook or token; limits are counted per credential

    def may_use(self, scopes: tuple[str, ...]) -> bool:
        return not scopes or not self.scopes.isdisjoint(scopes)


@dataclass(slots=True)
class Webhook:
    user_id: int
    code: str
    scopes: tuple[str, ...]
    revoked: bool = False


@dataclass(slots=True)
class Callers:
    """Webhooks of one portal, and its users by role."""

    crm: Crm
    secret: str
    webhooks: dict[str, Webhook] = field(default_factory=dict)

    def webhook(self, user_id: int, scopes: tuple[str, ...]) -> Webhook:
        """The webhook of this user with these scopes. It stays the same until it is revoked."""
        for webhook in self.webhooks.values():
            if (webhook.user_id, webhook.scopes, webhook.revoked) == (user_id, scopes, False):
                return webhook
        seed = f"{self.secret}/{user_id}/{','.join(scopes)}/{len(self.webhooks)}"
        code = hashlib.sha256(seed.encode()).hexdigest()[:16]
        self.webhooks[code] = Webhook(user_id, code, scopes)
        return self.webhooks[code]

    def by_webhook(self, user_id: str, code: str) -> Caller | None:
        """The caller behind a webhook address, or None if there is no such webhook (any more)."""
        webhook = self.webhooks.get(code)
        if webhook is None or webhook.revoked or str(webhook.user_id) != user_id:
            return None
        user = self.crm.user(webhook.user_id)
        return Caller(user, frozenset(webhook.scopes), credential=code) if user.active else None

    def user_id(self, who: int | str) -> int:
        """A user's id from an id, or from a role: the first active user who has it."""
        if isinstance(who, int):
            return self.crm.user(who).id
        tests: dict[str, Callable[[User], bool]] = {
            "admin": lambda user: user.admin,
            "crm_admin": lambda user: user.crm_admin and not user.admin,
            "employee": lambda user: not user.administers_crm,
        }
        if who not in tests:
            raise ValueError(f"no role {who!r}: give a user id or one of {', '.join(tests)}")
        for user in self.crm.users:
            if user.active and not user.hidden and tests[who](user):
                return user.id
        raise LookupError(f"this portal has no {who}")
