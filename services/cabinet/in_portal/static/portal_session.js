// Calls of a page inside a portal's frame. Cookies do not work there: a session of ten minutes goes along with every
// call, and a fresh one is had for a token that the portal's own script gives. Without that script a page lives on
// with the session it has.

// The portal answers nothing at all where it refuses.
const SILENCE_MS = 10_000;
const RENEW_EVERY_MS = 8 * 60_000;
// A token that ends sooner is not worth showing.
const STILL_GOOD_MS = 60_000;

const language = document.documentElement.lang;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";

let session = document.querySelector("input[name=session]")?.value ?? "";
let script;
let renewing;

// The portal's script once the portal has greeted it; null where it is missing.
export function portal() {
  script ??= new Promise((found) => {
    const tag = document.getElementById("bx24");
    function greet() {
      if (!window.BX24) return found(null);
      try {
        window.BX24.init(() => found(window.BX24));
      } catch {
        found(null);
      }
    }
    if (window.BX24 || !tag) return greet();
    tag.addEventListener("load", greet);
    tag.addEventListener("error", () => found(null));
  });
  return script;
}

// What the gateway or the cabinet answers. Throws where neither can be reached.
export async function call(path, fields = {}, accept = "application/json") {
  const ask = () => {
    const body = new URLSearchParams(fields);
    body.set("session", session);
    if (zone) body.set("zone", zone);
    return fetch(path, { method: "POST", body, headers: { Accept: accept, "Accept-Language": language } });
  };
  const answer = await ask();
  return answer.status === 401 && (await renew()) ? ask() : answer;
}

// True once there is a fresh session.
export function renew() {
  renewing ??= fresh()
    .catch(() => false)
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

export function renewInTime() {
  setInterval(() => {
    // Whoever comes back to a page finds the session over with his first call, and that renews it.
    if (!document.hidden) renew();
  }, RENEW_EVERY_MS);
}

async function fresh() {
  const found = await within(portal());
  if (!found) return false;
  const known = found.getAuth();
  // Its expires_in is a moment, in milliseconds.
  if (known && known.expires_in - Date.now() > STILL_GOOD_MS && (await proves(known, false))) return true;
  const made = await within(new Promise((done) => found.refreshAuth(done)));
  return Boolean(made) && proves(made, true);
}

// Tokens the page was opened with have gone on at the server's since, so only new ones are given away as a pair.
async function proves(tokens, isPair) {
  // The former session tells from which portal the page is, also when it is over.
  const known = { AUTH_ID: tokens.access_token, member_id: tokens.member_id ?? "", LANG: language, session };
  const body = new URLSearchParams(known);
  if (isPair && tokens.refresh_token) body.set("REFRESH_ID", tokens.refresh_token);
  const answer = await fetch("/bitrix24/session", { method: "POST", body });
  if (!answer.ok) return false;
  session = (await answer.json()).session;
  for (const field of document.querySelectorAll("input[name=session]")) field.value = session;
  return true;
}

function within(promise) {
  return Promise.race([promise, new Promise((done) => setTimeout(done, SILENCE_MS, null))]);
}
