// BX24, the interface of the platform for an application in a portal's frame, over messages to the page around it.
// Source: Bitrix24 REST documentation, BX24.js.
"use strict";

window.BX24 = null;

(() => {
  const [host, isSecure, sid] = window.name.split("|");
  if (!host || !sid || window.parent === window) throw new Error("Unable to initialize Bitrix24 JS library!");

  const domain = host.replace(/:(80|443)$/, "");
  const origin = `${isSecure === "1" ? "https" : "http"}://${domain}`;
  const callbacks = new Map();
  const waiting = []; // for the first answer of the portal
  const installers = [];
  let init = null; // that answer
  let auth = null;
  let isHeldBack = false; // by an installer that has not finished

  /** A message to the portal. Its answer, if it gives one at all, goes to the callback; `once` false: every time. */
  function send(command, params, callback, once = true) {
    let id = "";
    if (callback) {
      id = `c${callbacks.size}${Math.random().toString(36).slice(2)}`;
      callbacks.set(id, { callback, once });
    }
    parent.postMessage(`${command}:${JSON.stringify(params || {})}:${id}:${sid}`, origin);
  }

  addEventListener("message", ({ origin: from, source, data }) => {
    if (from !== origin || source !== parent || typeof data !== "string") return;
    const colon = data.indexOf(":");
    const known = callbacks.get(data.slice(0, colon));
    if (!known) return;
    if (known.once) callbacks.delete(data.slice(0, colon));
    const body = data.slice(colon + 1);
    if (body) known.callback(JSON.parse(body));
    else known.callback();
  });

  /** What PHP sends for an empty map is a list. */
  const map = (value) => (Array.isArray(value) ? {} : value || {});

  function keep({ AUTH_ID, AUTH_EXPIRES, REFRESH_ID }) {
    const expires = Date.now() + Number(AUTH_EXPIRES) * 1000;
    auth = { access_token: AUTH_ID, refresh_token: REFRESH_ID, expires_in: expires, domain, member_id: init.MEMBER_ID };
  }

  function begin(data) {
    init = data;
    init.USER_OPTIONS = map(init.USER_OPTIONS);
    init.APP_OPTIONS = map(init.APP_OPTIONS);
    keep(data);
    if (init.FIRST_RUN && installers.length) {
      isHeldBack = true;
      send("setInstall", { install: true }, () => installers.splice(0).forEach((install) => install()));
    } else {
      release();
    }
  }

  function release() {
    isHeldBack = false;
    waiting.splice(0).forEach((callback) => setTimeout(callback, 0));
  }

  const field = (name, value) => (typeof value === "boolean" ? [name, value ? "1" : "0"] : [name, String(value ?? "")]);

  /** Parameters as PHP wants them in a form: {filter: {ID: 1}} is filter[ID]=1. */
  function pairs(value, name = "") {
    if (value === null || typeof value !== "object") return [field(name, value)];
    return Object.entries(value).flatMap(([key, inner]) => pairs(inner, name ? `${name}[${key}]` : key));
  }

  class Result {
    constructor(answer, status, query) {
      Object.assign(this, { answer, status, query });
    }
    data() {
      return this.answer.result;
    }
    error() {
      const { error, error_description } = this.answer;
      if (error === undefined) return false;
      return { status: this.status, ex: { error, error_description }, toString: () => `${error}: ${error_description}` };
    }
    error_description() {
      return this.answer.error_description;
    }
    more() {
      return this.answer.next !== undefined;
    }
    total() {
      return Number(this.answer.total);
    }
    time() {
      return this.answer.time;
    }
    next(callback) {
      if (!this.more()) return false;
      const { method, params, callback: usual } = this.query;
      BX24.callMethod(method, { ...params, start: this.answer.next }, callback || usual);
      return true;
    }
  }

  /** The portal's answer; tokens that are over are renewed once. */
  async function call(method, params, isRepeated = false) {
    if (!BX24.getAuth()) await new Promise((done) => BX24.refreshAuth(done));
    const body = new URLSearchParams(pairs({ ...params, auth: auth.access_token }));
    const response = await fetch(`${origin}${init.PATH}/${method}.json`, { method: "POST", body });
    const answer = await response.json();
    if (answer.error !== "expired_token" || isRepeated) return { answer, status: response.status };
    await new Promise((done) => BX24.refreshAuth(done));
    return call(method, params, true);
  }

  function callMethod(method, params, callback) {
    call(method, params).then(
      ({ answer, status }) => callback && callback(new Result(answer, status, { method, params, callback })),
      () => {
        throw new Error("Query error!");
      },
    );
  }

  function callBatch(calls, callback, halt) {
    const named = Object.entries(calls).map(([key, one]) => {
      const [method, params] = Array.isArray(one) ? one : [one.method, one.params];
      return [key, method, params || {}];
    });
    const cmd = Object.fromEntries(
      named.map(([key, method, params]) => [key, `${method}?${new URLSearchParams(pairs(params))}`]),
    );
    callMethod("batch", { halt: halt ? 1 : 0, cmd }, (batch) => {
      const results = Array.isArray(calls) ? [] : {};
      const of = (part, key) => batch.answer.result?.[part]?.[key];
      for (const [key, method, params] of named) {
        const failure = batch.error() ? batch.answer : of("result_error", key);
        const answer = { result: of("result", key), total: of("result_total", key), next: of("result_next", key), ...failure };
        results[key] = new Result({ ...answer, time: of("result_time", key) }, batch.status, { method, params, callback });
      }
      if (callback) callback(results);
    });
  }

  /** Only an administrator binds events, and the library is the first to say so. */
  function onEvent(method) {
    return (event, handler, authType, callback) => {
      if (!init?.IS_ADMIN) return false;
      callMethod(method, { event, handler, auth_type: authType || 0 }, callback);
      return true;
    };
  }

  window.BX24 = {
    init(callback) {
      if (init && !isHeldBack) setTimeout(callback, 0);
      else waiting.push(callback);
    },
    install(target) {
      installers.push(typeof target === "string" ? () => location.assign(target) : target);
    },
    installFinish() {
      send("setInstallFinish");
      if (isHeldBack) release();
    },

    getAuth: () => (auth && auth.expires_in > Date.now() ? { ...auth } : false),
    refreshAuth(callback) {
      if (!init) return;
      send("refreshAuth", {}, (tokens) => {
        keep(tokens);
        if (callback) callback(BX24.getAuth());
      });
    },
    callMethod,
    callBatch,
    callBind: onEvent("event.bind"),
    callUnbind: onEvent("event.unbind"),

    isAdmin: () => init?.IS_ADMIN,
    getLang: () => init?.LANG,
    getDomain: () => (init ? domain : undefined),

    resizeWindow: (width, height, callback) => send("resizeWindow", { width, height: Number(height) }, callback),
    fitWindow(callback) {
      const { scrollHeight, offsetHeight } = document.documentElement;
      BX24.resizeWindow("100%", Math.max(scrollHeight, offsetHeight, document.body.scrollHeight), callback);
    },
    getScrollSize() {
      const { scrollWidth, scrollHeight } = document.documentElement;
      return {
        scrollWidth: Math.max(scrollWidth, document.body.scrollWidth),
        scrollHeight: Math.max(scrollHeight, document.body.scrollHeight),
      };
    },
    scrollParentWindow: (scroll, callback) => send("setScroll", { scroll: Number(scroll) }, callback),
    reloadWindow: (callback) => send("reloadWindow", {}, callback),
    setTitle: (title, callback) => send("setTitle", { title: String(title) }, callback),

    openApplication: (params, closed) => send("openApplication", params, closed && (() => closed())),
    closeApplication: (callback) => send("closeApplication", {}, callback),
    openPath: (path, callback) => send("openPath", { path }, callback),

    selectUser: (callback) => send("selectUser", { mult: false }, callback),
    selectUsers: (callback) => send("selectUser", { mult: true }, callback),
    selectAccess(value, callback) {
      if (typeof value === "function") send("selectAccess", { value: [] }, value);
      else send("selectAccess", { value }, callback);
    },
    selectCRM: (params, callback) => send("selectCRM", params, callback),

    userOption: {
      get: (name) => init?.USER_OPTIONS[name],
      set(name, value, callback) {
        if (init) init.USER_OPTIONS[name] = value;
        send("setUserOption", { name, value }, callback);
      },
    },
    appOption: {
      get: (name) => init?.APP_OPTIONS[name],
      set(name, value, callback) {
        send("setAppOption", { name, value }, (options) => {
          init.APP_OPTIONS = map(options);
          if (callback) callback(init.APP_OPTIONS);
        });
      },
    },

    placement: {
      info: () => ({ placement: init?.PLACEMENT, options: map(init?.PLACEMENT_OPTIONS) }),
      getInterface: (callback) => send("getInterface", {}, callback),
      call: (command, params, callback) => send(command, params, callback),
      bindEvent: (event, callback) => send("placementBindEvent", { event }, callback, false),
    },

    isReady: () => document.readyState !== "loading",
    ready(callback) {
      if (BX24.isReady()) setTimeout(callback, 0);
      else document.addEventListener("DOMContentLoaded", () => callback());
    },
    bind: (element, event, callback) => element.addEventListener(event, callback),
    unbind: (element, event, callback) => element.removeEventListener(event, callback),
    proxy: (callback, self) => callback.bind(self),
    loadScript(sources, callback) {
      const [first, ...others] = [].concat(sources);
      const script = Object.assign(document.createElement("script"), { src: first });
      script.onload = () => (others.length ? BX24.loadScript(others, callback) : callback && callback());
      document.head.append(script);
    },
  };

  // By then the page has said what it wants at a first run.
  BX24.ready(() => send("getInitData", {}, begin));
})();
