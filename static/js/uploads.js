// Media fields of a form: choose, drop or paste a file, see it, watch its upload, remove it.

/** Prepare every drop zone inside. say: for screen readers. */
export function prepareDrops(within, say) {
  for (const zone of within.querySelectorAll("[data-drop]")) {
    if (!zone.dataset.ready) new Drop(zone, say);
  }
}

const KIND_WORDS = { image: "an image", video: "a video", audio: "audio" };
const drops = new WeakMap();

/** The Drop of an element, if it is in one. */
export const dropOf = (element) => drops.get(element.closest?.("[data-drop]"));

class Drop {
  constructor(zone, say) {
    this.zone = zone;
    this.say = say;
    this.kind = zone.dataset.drop;
    this.url = zone.querySelector("[data-url]");
    this.file = zone.querySelector("[data-file]");
    this.look = zone.querySelector("[data-look]");
    this.words = zone.querySelector("[data-words]");
    this.problem = zone.querySelector("[data-problem]");
    this.progress = zone.querySelector("progress");
    this.clear = zone.querySelector("[data-clear]");
    this.choose = zone.querySelector("[data-choose]");
    this.empty = { look: [...this.look.childNodes].map((node) => node.cloneNode(true)), words: this.words.textContent };
    this.upload = null; // the id of what was uploaded here
    this.request = null;
    this.object = "";
    zone.dataset.ready = "";
    drops.set(zone, this);
    const link = zone.querySelector("details");
    if (!this.problemInLink()) link.open = false;
    link.querySelector("summary").addEventListener("click", (event) => {
      if (link.open) return;
      // Opened here and not by the browser, which would do it after this: the next key is for the field.
      event.preventDefault();
      link.open = true;
      this.url.focus();
    });
    // While it's typed, not when the field is left: then the next click would miss what moved.
    for (const name of ["input", "change"]) this.url.addEventListener(name, () => this.linked());
    if (!this.file) return;
    this.choose.addEventListener("click", () => this.file.click());
    this.file.addEventListener("change", () => this.take(this.file.files[0]));
    this.clear.addEventListener("click", () => this.remove());
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      this.take(event.dataTransfer.files[0]);
    });
  }

  get isBusy() {
    return this.request !== null;
  }

  /** Where to go when this field needs a file. */
  get goal() {
    return this.choose || this.zone.querySelector("summary");
  }

  problemInLink() {
    return this.url.getAttribute("aria-invalid") === "true";
  }

  fail(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
    if (text) this.url.setAttribute("aria-invalid", "true");
    else this.url.removeAttribute("aria-invalid");
  }

  take(file) {
    if (!file) return;
    this.file.value = "";
    // Many systems have no type for HEIC; the server looks at the bytes.
    if (file.type && !file.type.startsWith(`${this.kind}/`)) {
      this.fail(`${file.name} isn't ${KIND_WORDS[this.kind]}.`);
      return;
    }
    const limit = Number(this.zone.dataset.limitMb);
    if (file.size > limit * 1e6) {
      this.fail(`${file.name} is ${Math.ceil(file.size / 1e6)} MB. The limit is ${limit} MB.`);
      return;
    }
    this.fail("");
    this.stop();
    this.show(URL.createObjectURL(file), file.name);
    this.send(file);
  }

  show(address, name) {
    if (this.object) URL.revokeObjectURL(this.object);
    this.object = address.startsWith("blob:") ? address : "";
    this.words.textContent = name;
    if (this.kind === "audio") return;
    const element = document.createElement(this.kind === "image" ? "img" : "video");
    if (this.kind === "image") element.alt = name;
    else {
      element.muted = true;
      element.playsInline = true;
      element.preload = "metadata";
    }
    element.src = address;
    this.look.replaceChildren(element);
  }

  send(file) {
    const body = new FormData();
    body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    this.request = request;
    request.open("POST", "/app/uploads");
    request.setRequestHeader("X-CSRFToken", this.zone.closest("form").elements.csrfmiddlewaretoken.value);
    request.responseType = "json";
    this.progress.hidden = false;
    this.progress.removeAttribute("value");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) this.progress.value = event.loaded / event.total;
      if (event.loaded === event.total) this.progress.removeAttribute("value"); // It is looked at now.
    });
    request.addEventListener("loadend", () => {
      if (this.request !== request) return;
      this.request = null;
      this.progress.hidden = true;
      const answer = request.response;
      if (request.status === 201) this.done(answer, file.name);
      else this.refused(request.status, answer);
    });
    this.say(`Uploading ${file.name}`);
    request.send(body);
  }

  done(answer, name) {
    if (answer.kind !== this.kind) {
      this.forget(answer.id);
      this.reset();
      this.fail(`${name} is ${KIND_WORDS[answer.kind] || "another file"}. This field takes ${KIND_WORDS[this.kind]}.`);
      return;
    }
    this.upload = answer.id;
    this.url.value = answer.url;
    this.clear.hidden = false;
    this.choose.textContent = "Replace";
    // The server has a copy of what this browser cannot show, such as HEIC.
    if (this.look.firstElementChild?.naturalWidth === 0) this.show(answer.url, name);
    this.zone.querySelector("[data-hint]").textContent = facts(answer);
    this.say(`Uploaded ${name}`);
    this.url.dispatchEvent(new Event("change", { bubbles: true }));
  }

  refused(status, answer) {
    this.reset();
    if (status === 0) this.fail("Upload failed: connection lost. Choose the file again.");
    else if (status === 401) this.fail("You're signed out. Sign in, then choose the file again.");
    else this.fail(answer?.message || `Upload failed (${status}). Try again.`);
  }

  linked() {
    const value = this.url.value.trim();
    this.fail("");
    if (this.upload || !value) return;
    this.words.textContent = this.nameOf(value);
    if (this.clear) this.clear.hidden = value === this.url.dataset.default;
  }

  nameOf(url) {
    if (url === this.url.dataset.default) return "Sample";
    return url === this.url.dataset.example ? "Example" : url;
  }

  /** Take the template's example: a public file of this server. */
  tryExample() {
    this.url.value = this.url.dataset.example;
    this.show(this.url.value, this.nameOf(this.url.value));
    if (this.choose) this.choose.textContent = "Replace";
    this.url.dispatchEvent(new Event("change", { bubbles: true }));
  }

  remove() {
    this.stop();
    this.reset();
    this.fail("");
    this.say("Removed.");
    this.url.dispatchEvent(new Event("change", { bubbles: true }));
    this.choose.focus();
  }

  /** Back to the sample, or to nothing. */
  reset() {
    this.url.value = this.url.dataset.default;
    if (this.object) URL.revokeObjectURL(this.object);
    this.object = "";
    this.look.replaceChildren(...this.empty.look.map((node) => node.cloneNode(true)));
    this.words.textContent = this.empty.words;
    this.clear.hidden = true;
    this.choose.textContent = this.url.value ? "Replace" : "Choose";
  }

  /** End an upload; a finished one that is no longer wanted takes no space. */
  stop() {
    this.request?.abort();
    this.request = null;
    this.progress.hidden = true;
    if (this.upload) this.forget(this.upload);
    this.upload = null;
  }

  forget(id) {
    const token = this.zone.closest("form").elements.csrfmiddlewaretoken.value;
    fetch(`/app/uploads/${encodeURIComponent(id)}`, { method: "DELETE", headers: { "X-CSRFToken": token } }).catch(() => {});
  }
}

function facts(answer) {
  const parts = [];
  if (answer.width) parts.push(`${answer.width} × ${answer.height}`);
  if (answer.duration) parts.push(`${answer.duration.toFixed(1)} s`);
  return parts.join(", ") || "Ready";
}
