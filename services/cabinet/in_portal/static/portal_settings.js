// The dialog «НАСТРОЙКИ»: whose cabinet a token leads to before anything is saved, who sees the portal, who may look.

import { call } from "./portal_session.js";

// What a connection token looks like; shorter is still being typed.
const TOKEN = /^[2-9A-HJKMNP-Z]{30}$/;

const language = document.documentElement.lang;
const dialog = document.getElementById("settings");
const linking = dialog?.querySelector("#linking");
let shownFor = null;
let preview = null;
let isBusy = false;

export function openSettings() {
  if (dialog.open) return;
  dialog.showModal();
  if (!linking) return;
  part("#link-token").focus();
  listLinkedCabinets();
}

// What a call to the gateway came to; the sentence of a refusal is shown in `fault`, and then there is nothing.
async function asked(path, fields, fault) {
  fault.hidden = true;
  try {
    const answer = await call(path, fields);
    const found = await answer.json();
    if (answer.ok) return found;
    fault.textContent = found.detail || trouble(answer.status === 401 ? "over" : "failed");
  } catch {
    fault.textContent = trouble("network");
  }
  fault.hidden = false;
  return null;
}

const trouble = (what) => document.getElementById("trouble").dataset[what];
const day = (text) => new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date(text));
const part = (name) => linking.querySelector(name);
const typed = () => part("#link-token").value.replace(/\s+/g, "").toUpperCase();

// One thing at a time: a second press while the first is under way does nothing.
async function alone(work) {
  if (isBusy) return;
  isBusy = true;
  dialog.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    isBusy = false;
    dialog.removeAttribute("aria-busy");
  }
}

// -- linking

async function showWhose() {
  const token = typed();
  const fault = part("#linking-fault");
  part("#linked").hidden = true;
  forget();
  if (!TOKEN.test(token)) {
    fault.textContent = token ? fault.dataset.unlike : fault.dataset.empty;
    fault.hidden = false;
    part("#link-token").focus();
    return;
  }
  shownFor = token;
  const found = await asked("/bitrix24/link/preview", { token }, fault);
  if (!found || typed() !== token) return;
  preview = found.preview;
  const { created_at: made, ...cabinet } = found.cabinet;
  for (const [name, text] of Object.entries({ ...cabinet, created_at: day(made) })) {
    part(`[data-fact=${name}]`).textContent = text;
  }
  part(".whose").hidden = false;
}

async function save() {
  if (!preview || shownFor !== typed()) return showWhose();
  const found = await asked("/bitrix24/link", { token: shownFor, preview }, part("#linking-fault"));
  if (!found) return;
  const linked = part("#linked");
  const { title, owner } = found.cabinet;
  const whose = title === owner ? `«${title}»` : `«${title}» (${owner})`;
  linked.textContent = `${found.is_new ? linked.dataset.new : linked.dataset.known} ${whose}.`;
  linked.hidden = false;
  part("#link-token").value = "";
  forget();
  await listLinkedCabinets();
}

function forget() {
  preview = shownFor = null;
  part(".whose").hidden = true;
}

// -- the cabinets that see the portal

async function listLinkedCabinets() {
  const box = dialog.querySelector("#linked-cabinets");
  const found = await asked("/bitrix24/links", {}, box.querySelector(".fault"));
  if (!found) return;
  const names = await namesOf(found.items.map((cabinet) => cabinet.linked_by));
  const pattern = box.querySelector("template").content.firstElementChild;
  box.querySelector("ul").replaceChildren(
    ...found.items.map((cabinet) => {
      const line = pattern.cloneNode(true);
      const fact = (name) => line.querySelector(`[data-fact=${name}]`);
      fact("title").textContent = cabinet.title;
      fact("owner").textContent = cabinet.owner === cabinet.title ? "" : cabinet.owner;
      fact("linked_at").textContent = day(cabinet.linked_at);
      const by = fact("linked_by");
      const id = cabinet.linked_by;
      if (id !== null) by.textContent = `, ${by.dataset.words} ${names[id] ? `${names[id]} (id ${id})` : `id ${id}`}`;
      line.querySelector("form").dataset.cut = cabinet.id;
      return line;
    }),
  );
  box.querySelector("[data-none]").hidden = found.items.length > 0;
}

// What the portal's people are called, as far as they were read.
async function namesOf(ids) {
  try {
    const answer = await call("/portal/people", { ids: [...new Set(ids)].join(",") });
    return answer.ok ? await answer.json() : {};
  } catch {
    return {};
  }
}

async function cut(id) {
  const box = dialog.querySelector("#linked-cabinets");
  const found = await asked(`/bitrix24/links/${id}/cut`, {}, box.querySelector(".fault"));
  if (!found) return;
  await listLinkedCabinets();
  box.querySelector("h3").focus();
}

// -- what else an administrator decides

async function choose(form) {
  const said = form.querySelector("[role=status]");
  const box = form.elements.admins_only;
  said.hidden = true;
  const found = await asked("/bitrix24/settings", { admins_only: box.checked ? "1" : "0" }, form.querySelector(".fault"));
  // What is ticked is what holds.
  box.checked = found ? found.admins_only : !box.checked;
  said.hidden = !found;
}

async function erase(form) {
  const found = await asked("/bitrix24/erase", { confirmed: "1" }, form.querySelector(".fault"));
  if (!found) return;
  const box = dialog.querySelector("#erasing");
  for (const asking of box.querySelectorAll("details, [data-ask]")) asking.hidden = true;
  box.querySelector(".notice").hidden = false;
  for (const section of dialog.querySelectorAll("section.part")) section.hidden = section !== box;
  // Nothing is left that the page could show.
  document.querySelector("main").replaceChildren(box.querySelector(".notice").cloneNode(true));
}

if (linking) {
  part("button[value=save]").hidden = false;
  dialog.querySelector("#linked-cabinets h3").tabIndex = -1;
  part("#link-token").addEventListener("input", () => {
    if (shownFor && shownFor !== typed()) forget();
    if (TOKEN.test(typed()) && shownFor !== typed()) alone(showWhose);
  });
  // What cannot be undone is asked twice: the question opens in the place of its button.
  dialog.querySelector("[data-asked]").hidden = true;
  dialog.querySelector("#erasing [data-ask]").hidden = false;
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ask]");
    if (!button) return;
    const question = button.nextElementSibling;
    button.hidden = true;
    question.hidden = false;
    if ("open" in question) question.open = true;
    question.querySelector("button.danger").focus();
  });
  dialog.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    event.preventDefault();
    alone(() => {
      if (form === linking) return event.submitter?.value === "preview" ? showWhose() : save();
      if (form.dataset.cut) return cut(form.dataset.cut);
      return form.closest("#erasing") ? erase(form) : choose(form);
    });
  });
  dialog.querySelector("#choosing input[type=checkbox]").addEventListener("change", (event) => {
    alone(() => choose(event.target.form));
  });
}
