// <notice-bell person="…" unread="2" newest="17">: a link to the notices, which this makes a bell:
// how many are unread, in the bar and in the tab's title; the latest ones when it is pressed; and
// the browser's notifications for the kinds that someone chose. Pages and the editor both have one.
//
// Of all tabs of one browser a single one has the socket, and passes on what it hears.

const POLL_MS = 20_000;
const BACK_OFF_MS = [1000, 2000, 5000, 10_000, 30_000, 60_000];
// The server speaks at least every 15 seconds.
const SILENCE_MS = 40_000;
// So long a tab that shows what a notice is about has time to say so.
const SEEN_MS = 400;
// Signed out, or not allowed: trying again changes nothing.
const FINAL = new Set([4400, 4401, 4403]);
const COUNTED = /^\(\d+\+?\) /;
const MOST = 99;
const GAP_PX = 8;

const wordOf = (count) => (count > MOST ? `${MOST}+` : String(count));

function csrfToken() {
  return /(?:^|;\s*)(?:__Host-)?csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}

/** Whether this page shows what a notice leads to. */
function isHere(url) {
  const there = new URL(url, location.href);
  const run = /^\/runs\/([^/]+)$/.exec(there.pathname);
  if (run && document.querySelector(`[data-run="${CSS.escape(run[1])}"]`)) return true;
  if (there.pathname !== location.pathname) return false;
  return !there.search || there.search === location.search;
}

class NoticeBell extends HTMLElement {
  #panel = null;
  #socket = null;
  #channel = null;
  #isLeading = false;
  #release = null;
  #attempts = 0;
  #timers = new Map();
  #last = null;
  // Ids that are no news to this tab; null until it knows which are.
  #known = null;
  #newest = 0;
  #seen = new Set();
  #wasOpen = false;

  connectedCallback() {
    this.#newest = Number(this.getAttribute("newest") ?? Number.NaN);
    this.#build();
    if (this.hasAttribute("unread")) this.#count(Number(this.getAttribute("unread")));
    addEventListener("pagehide", this.#stop);
    addEventListener("pageshow", this.#start);
    addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#look);
    document.addEventListener("click", this.#open);
    this.#start();
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this.#stop);
    removeEventListener("pageshow", this.#start);
    removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#look);
    document.removeEventListener("click", this.#open);
    this.#stop();
  }

  // -- the bell and its panel

  get #link() {
    return this.querySelector("a");
  }

  #build() {
    if (this.#panel) return;
    const link = this.#link;
    this.#panel = document.createElement("div");
    Object.assign(this.#panel, { className: "pop notice-panel", id: "notice-panel" });
    this.#panel.popover = "auto";
    this.#panel.setAttribute("role", "dialog");
    this.#panel.setAttribute("aria-label", "Latest notices");
    // Beside the bell, so that Tab goes from one to the other.
    this.append(this.#panel);
    link.setAttribute("role", "button");
    link.setAttribute("aria-haspopup", "dialog");
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("pointerdown", () => {
      // By the time of the click a press outside of the panel has closed it.
      this.#wasOpen = this.#isOpen;
    });
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const isOpen = event.detail === 0 ? this.#isOpen : this.#wasOpen;
      if (isOpen) this.#panel.hidePopover();
      else this.#unfold();
    });
    link.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      link.click();
    });
    this.#panel.addEventListener("toggle", ({ newState }) => {
      link.setAttribute("aria-expanded", String(newState === "open"));
    });
    this.#panel.addEventListener("click", (event) => {
      const upTo = event.target.closest("[data-read-all]")?.dataset.readAll;
      if (upTo) this.#read({ upTo });
    });
  }

  get #isOpen() {
    return this.#panel.matches(":popover-open");
  }

  async #unfold() {
    const { bottom, right } = this.#link.getBoundingClientRect();
    if (!this.#panel.hasChildNodes()) this.#panel.setAttribute("aria-busy", "true");
    this.#panel.showPopover();
    // Below the bell, and on a phone as far from both sides.
    const width = document.documentElement.clientWidth;
    const most = width - this.#panel.offsetWidth - GAP_PX;
    this.#panel.style.top = `${bottom + GAP_PX}px`;
    this.#panel.style.right = `${Math.max(GAP_PX, Math.min(width - right, most))}px`;
    await this.#fill();
  }

  async #fill() {
    try {
      const answer = await fetch("/me/notices/panel", { redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const words = await answer.text();
      const focused = this.#panel.contains(document.activeElement);
      this.#panel.innerHTML = words;
      if (focused) this.#panel.querySelector("a, button")?.focus();
    } catch {
      this.#panel.innerHTML =
        '<p class="notice-none">Couldn’t load your notices. <a class="link" href="/me/notices">Open the list</a></p>';
    }
    this.#panel.removeAttribute("aria-busy");
  }

  /** What is opened is read. */
  #open = (event) => {
    const id = event.target.closest?.("[data-notice]")?.dataset.notice;
    if (id) this.#read({ id: [id] });
  };

  #count(unread) {
    const link = this.#link;
    let badge = link.querySelector(".bell-count");
    if (!badge) {
      badge = document.createElement("span");
      badge.className = "bell-count num";
      link.append(badge);
    }
    badge.textContent = wordOf(unread);
    badge.hidden = unread === 0;
    link.setAttribute("aria-label", unread ? `Notices, ${unread} unread` : "Notices");
    const title = document.title.replace(COUNTED, "");
    document.title = unread ? `(${wordOf(unread)}) ${title}` : title;
  }

  // -- what the server says

  /** state: {unread, notices}, as the socket sends it. */
  #show(state) {
    this.#last = state;
    const fresh = this.#freshOf(state);
    const isSeen = document.visibilityState === "visible";
    const here = state.notices.filter((one) => !one.isRead && isSeen && isHere(one.url));
    const counted = here.filter((one) => one.inPage).length;
    this.#count(Math.max(0, state.unread - counted));
    if (here.length) {
      const ids = here.map((one) => one.id);
      for (const id of ids) this.#seen.add(id);
      this.#channel?.postMessage({ seen: ids });
      this.#read({ id: ids });
    }
    if (this.#isOpen) this.#fill();
    const news = fresh.filter((one) => !one.isRead && !here.includes(one));
    const spoken = news.filter((one) => one.inPage).map((one) => one.text);
    if (isSeen && spoken.length) document.getElementById("live").textContent = spoken.join(" ");
    if (!this.#isLeading) return;
    for (const one of news.filter((each) => each.inBrowser)) {
      setTimeout(() => this.#notify(one), SEEN_MS);
    }
  }

  /** Those that this tab does not know. */
  #freshOf({ notices }) {
    const isFirst = this.#known === null;
    // The page itself was made with those up to `newest`; one without it knows the first ones.
    const since = Number.isNaN(this.#newest) ? Number.POSITIVE_INFINITY : this.#newest;
    this.#known ??= new Set(notices.filter((one) => one.id <= since).map((one) => one.id));
    if (isFirst && since === Number.POSITIVE_INFINITY) return [];
    const fresh = notices.filter((one) => !this.#known.has(one.id));
    for (const one of fresh) this.#known.add(one.id);
    return fresh;
  }

  #notify({ id, kind, text, url }) {
    if (this.#seen.has(id) || !("Notification" in window)) return;
    if (Notification.permission !== "granted") return;
    let shown;
    try {
      // One that counts takes the place of the one before.
      shown = new Notification("Reelgraph", { body: text, tag: `${kind} ${url}` });
    } catch {
      return; // Some phones allow them to service workers alone.
    }
    shown.addEventListener("click", () => {
      window.focus();
      this.#read({ id: [id] });
      location.assign(url);
      shown.close();
    });
  }

  /** fields: {id: […]} or {upTo}. */
  async #read(fields) {
    const body = new FormData();
    for (const [name, values] of Object.entries(fields)) {
      for (const value of [values].flat()) body.append(name, value);
    }
    try {
      // Also while the page is being left.
      const answer = await fetch("/me/notices/read", {
        method: "POST",
        keepalive: true,
        redirect: "error",
        headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
        body,
      });
      if (!answer.ok) return;
      const { unread } = (await answer.json()).data;
      this.#count(unread);
      this.#channel?.postMessage({ unread });
      if (this.#isOpen) this.#fill();
    } catch {
      // It stays unread, and may be opened again.
    }
  }

  // -- one tab listens

  #start = () => {
    if (this.#channel) return;
    const person = this.getAttribute("person") ?? "";
    const lock = `notices ${person}`;
    this.#channel = new BroadcastChannel(lock);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    if (!navigator.locks) {
      // Without https there are no locks: each tab listens, and there are no notifications anyway.
      this.#lead();
      return;
    }
    const waiting = new AbortController();
    this.#release = () => waiting.abort();
    navigator.locks
      .request(lock, { signal: waiting.signal }, () => {
        this.#lead();
        return new Promise((resolve) => {
          this.#release = resolve;
        });
      })
      .catch(() => {});
    this.#channel.postMessage({ ask: true });
  };

  #stop = () => {
    this.#isLeading = false;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#drop();
    this.#channel?.close();
    this.#channel = null;
    this.#release?.();
    this.#release = null;
  };

  #hear({ state, unread, seen, ask }) {
    if (state) this.#show(state);
    if (unread !== undefined) this.#count(unread);
    for (const id of seen ?? []) this.#seen.add(id);
    if (ask && this.#isLeading && this.#last) this.#channel.postMessage({ state: this.#last });
  }

  #lead() {
    this.#isLeading = true;
    this.#attempts = 0;
    this.#connect();
  }

  #connect() {
    if (!this.#isLeading || this.#socket) return;
    const address = new URL("/ws/notices", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#later("silence", SILENCE_MS, () => {
        // After a laptop slept, its socket looks open and is not.
        this.#drop();
        this.#retry();
      });
      const { event, ...state } = JSON.parse(data);
      if (event !== "notices") return;
      this.#attempts = 0;
      this.#told(state);
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.#socket) return;
      this.#drop();
      if (FINAL.has(code)) this.#stop();
      else this.#retry();
    };
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#later("silence", 0);
    socket?.close();
  }

  /** Connect again after a while, and ask until then. */
  #retry() {
    const delay = BACK_OFF_MS[Math.min(this.#attempts, BACK_OFF_MS.length - 1)];
    this.#attempts += 1;
    this.#later("connect", delay * (0.75 + Math.random() / 2), () => this.#connect());
    if (!this.#timers.has("poll")) this.#later("poll", POLL_MS, () => this.#poll());
  }

  async #poll() {
    if (!this.#isLeading || this.#socket?.readyState === WebSocket.OPEN) return;
    try {
      const answer = await fetch("/me/notices/latest", { redirect: "error" });
      if (answer.ok) this.#told((await answer.json()).data);
    } catch {
      // Asked again at the next turn.
    }
    if (this.#isLeading) this.#later("poll", POLL_MS, () => this.#poll());
  }

  #told(state) {
    this.#channel?.postMessage({ state });
    this.#show(state);
  }

  #hurry = () => {
    this.#attempts = 0;
    this.#connect();
  };

  #look = () => {
    if (document.visibilityState === "visible" && this.#last) this.#show(this.#last);
  };

  #later(name, delay, act) {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    if (!act) return;
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name);
        act();
      }, delay),
    );
  }
}

customElements.define("notice-bell", NoticeBell);
