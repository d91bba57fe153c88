// What the portal does when an application asks: here what a browser can do, the rest on its server.
"use strict";

/** The server's answer, or nothing if it has none. */
async function asked(command, params) {
  const answer = await fetch(`/_frame/${told.sid}/${command}`, { method: "POST", body: JSON.stringify(params) });
  if (answer.status === 403) say(told.words.no_fresh_tokens);
  return answer.status === 200 ? answer.json() : null;
}

function onServer(command) {
  return async (params, reply) => {
    const answer = await asked(command, params);
    if (answer) reply(answer.reply);
  };
}

function say(text) {
  const trouble = document.getElementById("trouble");
  trouble.textContent = text;
  trouble.hidden = false;
}

/** A page of the portal slides over this one. */
function slide(address, closed) {
  const slider = document.getElementById("slider");
  const inside = document.createElement("iframe");
  inside.src = address;
  const close = () => {
    inside.remove();
    slider.hidden = true;
    closed();
  };
  slider.append(inside);
  slider.querySelector("button").onclick = close;
  // Called by the page inside.
  window.closeSlider = close;
  slider.hidden = false;
}

/** An address of the portal for the same user in the same language. */
function sameUser(path, more) {
  const address = new URL(path, location.href);
  for (const name of ["as", "lang"]) {
    const value = new URLSearchParams(location.search).get(name);
    if (value !== null) address.searchParams.set(name, value);
  }
  for (const [name, value] of Object.entries({ IFRAME: "Y", ...more })) address.searchParams.set(name, value);
  return address.href;
}

function choosePeople({ mult }, reply) {
  const dialog = document.getElementById("people");
  const form = dialog.querySelector("form");
  form.replaceChildren(
    ...told.users.map((user) => {
      const label = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: mult ? "checkbox" : "radio", name: "user" });
      input.value = user.id;
      label.append(input, ` ${user.name}`);
      return label;
    }),
    Object.assign(document.createElement("button"), { value: "chosen", textContent: told.words.choose }),
    Object.assign(document.createElement("button"), { value: "", textContent: told.words.close }),
  );
  dialog.returnValue = "";
  dialog.onclose = () => {
    const ids = new FormData(form).getAll("user");
    const chosen = told.users.filter((user) => ids.includes(user.id));
    if (dialog.returnValue && chosen.length) reply(mult ? chosen : chosen[0]);
  };
  dialog.showModal();
}

const PATHS = /^\/(crm\/(deal|lead|contact|company|type)|marketplace|company\/personal\/user\/\d+|workgroups\/group\/\d+)\//;

const commands = {
  getInitData: onServer("getInitData"),
  refreshAuth: onServer("refreshAuth"),
  setInstall: onServer("setInstall"),
  setUserOption: onServer("setUserOption"),
  setAppOption: onServer("setAppOption"),

  async setInstallFinish(params) {
    if (!(await asked("setInstallFinish", params))) return;
    const address = new URL(location.href);
    address.searchParams.set("install_finished", "Y");
    location.replace(address);
  },

  resizeWindow({ width, height }, reply) {
    if (told.slider) return;
    box.style.width = width === "100%" ? width : `${parseInt(width, 10) || 100}px`;
    if (parseInt(height, 10)) box.style.height = `${parseInt(height, 10)}px`;
    reply({ width: box.offsetWidth, height: box.offsetHeight });
  },

  setTitle(params, reply) {
    document.getElementById("pagetitle").textContent = params.title;
    reply(params);
  },

  setScroll(params, reply) {
    if (told.slider) return;
    scrollTo(0, params.scroll);
    reply(params);
  },

  reloadWindow() {
    location.reload();
  },

  openApplication(params, reply) {
    slide(sameUser(told.address, { options: JSON.stringify(params) }), () => reply());
  },

  closeApplication(_params, reply) {
    reply();
    if (told.slider) parent.closeSlider();
  },

  openPath({ path }, reply) {
    if (!PATHS.test(path)) reply({ result: "error", errorCode: "PATH_NOT_AVAILABLE" });
    else slide(sameUser(path), () => reply({ result: "close" }));
  },

  selectUser: choosePeople,

  getInterface(_params, reply) {
    reply({ command: Object.keys(commands), event: [] });
  },

  placementBindEvent() {},
};

// Told once: a page that is loaded again says nothing of an installation.
const cleaned = new URL(location.href);
if (cleaned.searchParams.has("install_finished")) {
  cleaned.searchParams.delete("install_finished");
  history.replaceState(null, "", cleaned);
}
