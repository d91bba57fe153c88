// Pages inside a portal's frame: forms without a reload, a file, a read that can be watched, and the frame's height.
// Every form works without this as well.

import { call, portal, renew, renewInTime } from "./portal_session.js";
import { openSettings } from "./portal_settings.js";

const LOOK_EVERY_MS = 800;

const trouble = document.getElementById("trouble");
let watched = null;
let turn = 0;
let coming = Promise.resolve();

const ways = { page: show, file: save, text: unfold, refresh, settings: openSettings };

document.addEventListener("submit", (event) => {
  const way = ways[event.target.dataset.live];
  if (!way) return;
  event.preventDefault();
  way(event.target, event.submitter);
});

// -- pages

function show(form, submitter, also = {}) {
  coming = load(form, submitter, also);
  return coming;
}

async function load(form, submitter, also) {
  // A page that is one sentence has nothing around it that could stay.
  if (!document.getElementById("settings")) return form.submit();
  const mine = ++turn;
  const main = document.querySelector("main");
  main.setAttribute("aria-busy", "true");
  tell(null);
  try {
    const fields = { ...Object.fromEntries(new FormData(form, submitter)), ...also };
    const answer = await call(form.getAttribute("action"), fields, "text/html");
    const text = await answer.text();
    // A later press has overtaken this one.
    if (mine !== turn) return;
    const found = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    if (answer.status === 401) tell("over");
    else if (found) replace(found);
    else tell("failed");
  } catch {
    if (mine === turn) tell("network");
  } finally {
    document.querySelector("main").removeAttribute("aria-busy");
  }
}

function replace(found) {
  const old = document.querySelector("main");
  const key = document.activeElement?.dataset?.key;
  const words = document.getElementById("filter")?.value ?? "";
  old.replaceWith(found);
  const field = document.getElementById("filter");
  if (field) field.value = words;
  if (key) found.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  shown();
}

// The page that is shown, anew; a press that is under way comes first and says which one that is.
async function again(also) {
  let last = null;
  while (last !== coming) {
    last = coming;
    await last;
  }
  const view = document.getElementById("view");
  if (!view) return;
  const wasUnfolded = document.querySelector("details.text[open]");
  await show(view, null, also);
  // Somebody reads the text: it stays where it is, and is that of the page.
  if (wasUnfolded) document.querySelector("details.text")?.setAttribute("open", "");
}

function shown() {
  document.dispatchEvent(new Event("shown"));
  watch();
  observe();
}

function tell(what) {
  trouble.hidden = !what;
  trouble.textContent = what ? trouble.dataset[what] : "";
}

// -- the file

function save(form, button) {
  return fetched(form, button, async (answer) => {
    const named = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") ?? "");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = named ? decodeURIComponent(named[1]) : "crmap.txt";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });
}

// The same text to be read and copied. It is as long as the portal is large, so it comes when somebody wants to see it.
function unfold(form, button) {
  return fetched(form, button, async (answer) => {
    const whole = form.previousElementSibling;
    whole.querySelector("textarea").value = await answer.text();
    whole.hidden = false;
    form.hidden = true;
  });
}

async function fetched(form, button, use) {
  if (button?.getAttribute("aria-busy")) return;
  button?.setAttribute("aria-busy", "true");
  tell(null);
  try {
    const answer = await call(form.getAttribute("action"), Object.fromEntries(new FormData(form)), "*/*");
    if (answer.ok) await use(answer);
    else tell(answer.status === 401 ? "over" : "failed");
  } catch {
    tell("network");
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

function unfolded() {
  const form = document.querySelector("details.text[open] form:not([hidden])");
  if (form) form.requestSubmit(form.querySelector("button"));
}

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches("details.text")) unfolded();
  },
  true,
);

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches(".copy, .copy-text")) place(button);
  if (!button?.matches(".copy-text")) return;
  button.previousElementSibling.select();
  const said = document.getElementById("said");
  said.textContent = document.execCommand("copy") ? said.dataset.copied : said.dataset.failed;
  setTimeout(() => {
    said.textContent = "";
  }, 1500);
}, true);

// The frame is as high as its page, so nothing at its edge would be seen: what is said stands beside the button.
function place(button) {
  const said = document.getElementById("said");
  const at = button.getBoundingClientRect();
  const left = Math.min(Math.max(at.left + at.width / 2, 80), document.documentElement.clientWidth - 80);
  said.style.left = `${left + window.scrollX}px`;
  said.style.top = `${Math.max(at.top - 38, 4) + window.scrollY}px`;
}

// -- reading

async function refresh(form, button) {
  if (button?.getAttribute("aria-busy")) return;
  button?.setAttribute("aria-busy", "true");
  tell(null);
  try {
    const answer = await call("/bitrix24/refresh");
    if (answer.ok) await again({ refresh: (await answer.json()).id });
    else tell(answer.status === 401 ? "over" : "failed");
  } catch {
    tell("network");
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

// Follows a read until it is over and shows what came of it.
async function watch() {
  const id = document.querySelector("[data-refresh]")?.dataset.refresh;
  if (!id || id === watched) return;
  watched = id;
  while (watched === id) {
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    try {
      const answer = await call(`/portal/refreshes/${id}`);
      if (!answer.ok) break;
      const now = await answer.json();
      if (now.state === "done" || now.state === "failed") {
        watched = null;
        return again();
      }
      draw(now);
    } catch {
      // Somebody's connection comes back.
    }
  }
  watched = null;
}

function draw(now) {
  const box = document.querySelector("[data-refresh]");
  if (!box) return;
  const bar = box.querySelector("progress");
  if (now.planned) {
    bar.max = now.planned;
    bar.value = now.done;
  }
  const badge = box.querySelector(".badge");
  badge.textContent = badge.dataset[now.state] ?? badge.textContent;
  box.querySelector("[data-step]").textContent = now.step;
}

// -- the frame's height

let height = 0;
const sizes = new ResizeObserver(() => fit());

function observe() {
  sizes.disconnect();
  for (const element of [document.body, document.getElementById("settings")]) if (element) sizes.observe(element);
}

async function fit() {
  const dialog = document.getElementById("settings");
  const wanted = Math.ceil(Math.max(document.body.offsetHeight, dialog?.open ? dialog.scrollHeight + 60 : 0));
  const found = await portal();
  // Denied in a slider, silently: the page scrolls by itself there.
  if (found && Math.abs(wanted - height) > 1) {
    height = wanted;
    found.resizeWindow("100%", wanted);
  }
}

// A page that came with a session which is over, as when the frame alone is loaded again, is asked for anew.
async function begin() {
  const again = document.querySelector("main [data-over] form");
  if (again && (await renew())) return again.submit();
  watch();
  observe();
  // It may have been unfolded before this script came.
  unfolded();
}

renewInTime();
begin();
