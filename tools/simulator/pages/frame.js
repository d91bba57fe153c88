// The messages between the portal's page and the application in its frame.
"use strict";

const told = JSON.parse(document.getElementById("told").textContent);
const box = document.getElementById("box");
const app = document.getElementById("app");

// Everything that was said, for whoever wants to know: ["in", …], ["out", …], ["ignored", …].
window.log = [];

/** Command, parameters, callback and frame of a message; it has the parts between colons, and the parameters may too. */
function parsed(data) {
  if (typeof data === "object" && data !== null) {
    return { command: data.method, params: data.params || {}, callback: data.callback, sid: data.appSid };
  }
  const parts = String(data).split(":");
  const command = parts.shift();
  const sid = parts.pop();
  const callback = parts.pop();
  const text = parts.join(":");
  let params = {};
  try {
    params = text ? JSON.parse(text) : {};
  } catch {
    params = { value: text };
  }
  return { command, params, callback, sid };
}

/** The reply goes to the application; without a value it is called with nothing. */
function reply(callback, value) {
  if (!callback) return;
  const text = `${callback}:${value === undefined ? "" : JSON.stringify(value)}`;
  window.log.push(["out", text]);
  app.contentWindow.postMessage(text, told.origin);
}

addEventListener("message", ({ origin, source, data }) => {
  if (source !== app.contentWindow) return;
  const message = parsed(data);
  if (origin !== told.origin || message.sid !== told.sid) {
    window.log.push(["ignored", data]);
    return;
  }
  window.log.push(["in", data]);
  // A portal is silent about what it does not know or allow.
  if (told.denied.includes(message.command) || !Object.hasOwn(commands, message.command)) return;
  commands[message.command](message.params || {}, (value) => reply(message.callback, value), message.callback);
});

document.getElementById("opening").submit();
