// A template's page: the form's rows, sliders and media, its quote, examples, dialogs, sharing.
import { say, toast } from "./page.js";
import { dropOf, prepareDrops } from "./uploads.js";

const form = document.querySelector("[data-run-form]");

// --- numbers ----------------------------------------------------------------------------------

for (const slider of document.querySelectorAll("[data-slider]")) {
  const box = slider.nextElementSibling;
  slider.hidden = false;
  slider.addEventListener("input", () => {
    box.value = slider.value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });
  box.addEventListener("input", () => {
    if (box.value !== "") slider.value = box.value;
  });
}

// --- several values ---------------------------------------------------------------------------

class Rows {
  constructor(box) {
    this.box = box;
    this.low = Math.max(Number(box.dataset.low), 1);
    this.high = Number(box.dataset.high);
    this.add = box.querySelector("[data-add]");
    this.model = this.rows[0].cloneNode(true);
    box.addEventListener("click", (event) => {
      if (event.target.closest("[data-add]")) {
        event.preventDefault();
        this.more();
      } else if (event.target.closest("[data-remove]")) {
        event.preventDefault();
        this.less(event.target.closest("[data-row]"));
      }
    });
  }

  get rows() {
    return [...this.box.querySelectorAll("[data-row]")];
  }

  more() {
    if (this.rows.length >= this.high) return;
    const row = this.model.cloneNode(true);
    for (const field of row.querySelectorAll("input:not([type=checkbox]), textarea")) {
      field.value = "";
      field.removeAttribute("aria-invalid");
    }
    for (const zone of row.querySelectorAll("[data-drop]")) {
      delete zone.dataset.ready;
      zone.querySelector("[data-look]").replaceChildren();
      zone.querySelector("[data-words]").textContent = "Empty";
    }
    for (const option of row.querySelectorAll("option")) option.selected = option.index === 0;
    this.add.before(row);
    this.number();
    prepareDrops(row, say);
    row.querySelector("textarea, select, input:not([type=hidden], .sr), button")?.focus();
    changed();
  }

  less(row) {
    const { rows } = this;
    if (rows.length <= this.low) return;
    const next = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1];
    row.remove();
    this.number();
    next?.querySelector("textarea, select, input:not([type=hidden], .sr), button")?.focus();
    changed();
  }

  /** Ids, names for screen readers, and which buttons make sense now. */
  number() {
    const { rows } = this;
    rows.forEach((row, place) => {
      for (const field of row.querySelectorAll("[id]")) field.id = field.id.replace(/-\d+(?=(-file)?$)/, `-${place + 1}`);
      for (const field of row.querySelectorAll("[aria-label]")) {
        field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/\d+$/, String(place + 1)));
      }
      const remove = row.querySelector("[data-remove]");
      remove.value = remove.value.replace(/:\d+$/, `:${place}`);
      remove.hidden = rows.length <= this.low;
    });
    this.add.hidden = rows.length >= this.high;
  }
}

function changed() {
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

for (const box of document.querySelectorAll("[data-rows]")) new Rows(box);

for (const box of document.querySelectorAll("[data-checks]")) {
  const high = Number(box.dataset.high);
  const bound = () => {
    const full = box.querySelectorAll(":checked").length >= high;
    for (const check of box.querySelectorAll("input")) check.disabled = full && !check.checked;
  };
  box.addEventListener("change", bound);
  bound();
}

// --- what is missing --------------------------------------------------------------------------

/** Mark each field that cannot be sent as it is. The controls to go to, in the form's order. */
function refusedFields() {
  const refused = [];
  for (const field of form.querySelectorAll("[data-field]")) {
    const controls = [...field.querySelectorAll("input:not([type=hidden], [data-file], [data-slider]), select, textarea")];
    const problem = problemOf(field, controls);
    unmark(field);
    if (!problem) continue;
    mark(field, controls, problem);
    const drop = field.querySelector("[data-drop]");
    refused.push((drop && dropOf(drop).goal) || controls.find((one) => !one.checkValidity()) || controls[0]);
  }
  return refused;
}

function problemOf(field, controls) {
  const isGiven = controls.some((one) => (/^(checkbox|radio)$/.test(one.type) ? one.checked && one.value : one.value.trim()));
  // What is typed into a number's field and is none has no value.
  const isMisfit = controls.some((one) => one.type === "number" && !one.validity.valid && !one.validity.valueMissing);
  if (isMisfit) return field.dataset.misfit;
  return isGiven ? "" : field.dataset.missing;
}

function mark(field, controls, problem) {
  const note = document.getElementById("field-problem").content.firstElementChild.cloneNode(true);
  note.id = `input.${field.dataset.field}-bad`;
  note.querySelector("span").textContent = problem;
  field.append(note);
  for (const one of controls) {
    // Of a group of radio buttons, its description says it.
    if (one.type !== "radio") one.setAttribute("aria-invalid", "true");
    one.setAttribute("aria-describedby", note.id);
  }
}

/** A field that is being corrected is no longer marked. */
function unmark(field) {
  field?.querySelector(":scope > .help-bad")?.remove();
  for (const one of field?.querySelectorAll("[aria-invalid], [aria-describedby$='-bad']") ?? []) {
    one.removeAttribute("aria-invalid");
    const help = document.getElementById(`input.${field.dataset.field}-help`);
    if (help) one.setAttribute("aria-describedby", help.id);
    else one.removeAttribute("aria-describedby");
  }
}

// --- media ------------------------------------------------------------------------------------

if (form) {
  prepareDrops(form, say);
  document.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    const kind = file.type.split("/")[0];
    const focused = dropOf(document.activeElement);
    const fitting = [...form.querySelectorAll(`[data-drop="${kind}"]`)].map(dropOf);
    const target = focused?.kind === kind ? focused : fitting.find((one) => !one.upload) || fitting[0];
    if (!target?.file) return;
    event.preventDefault();
    target.take(file);
  });
  // A file dropped beside a field would replace the page, and all that was typed.
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());

  form.addEventListener("submit", (event) => {
    const submitter = event.submitter;
    if (submitter?.formNoValidate) return;
    const refused = refusedFields();
    const isBusy = [...form.querySelectorAll("[data-drop]")].some((zone) => dropOf(zone).isBusy);
    if (refused.length || isBusy) {
      event.preventDefault();
      if (refused.length) refused[0].focus();
      else toast("A file is still uploading. Run when it's done.");
      return;
    }
    // A second click must not start a second run; coming back must find the button alive.
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    for (const button of document.querySelectorAll("[data-run]")) button.setAttribute("aria-disabled", "true");
  });
  for (const name of ["input", "change"]) {
    form.addEventListener(name, (event) => unmark(event.target.closest("[data-field]")));
  }
  // After a refused start, Reload shows the page with what was typed instead of asking to send it again.
  if (form.querySelector("[aria-invalid], .try-problems")) history.replaceState(null, "", location.href);
  addEventListener("pageshow", () => {
    delete form.dataset.sent;
    for (const button of document.querySelectorAll("[data-run]")) button.removeAttribute("aria-disabled");
  });
}

// --- an example to try ------------------------------------------------------------------------

const tryIt = form?.querySelector("[data-use-example]");
if (tryIt) {
  const untried = () => [...form.querySelectorAll("[data-example]")].filter((field) => !field.value.trim());
  tryIt.addEventListener("click", (event) => {
    event.preventDefault();
    for (const field of untried()) {
      const drop = dropOf(field);
      if (drop) drop.tryExample();
      else {
        field.value = field.dataset.example;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
    say("Example filled in.");
    [...document.querySelectorAll("[data-run]")].find((button) => button.offsetParent)?.focus();
  });
  for (const name of ["input", "change"]) {
    form.addEventListener(name, () => {
      tryIt.hidden = untried().length === 0;
    });
  }
}

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "quote") return;
  const bar = document.querySelector("[data-runbar-quote]");
  const [words, price] = ["span", "strong"].map((name) => event.target.querySelector(name)?.textContent || "");
  const strong = document.createElement("strong");
  strong.textContent = price;
  bar.replaceChildren(strong, price ? words.split(", ").slice(1).join(", ") : "");
});

// --- examples ---------------------------------------------------------------------------------

const player = document.getElementById("player");
for (const link of document.querySelectorAll("[data-reel]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const old = player.querySelector("video, img");
    const fresh = document.createElement(link.dataset.reel === "video" ? "video" : "img");
    if (fresh instanceof HTMLVideoElement) {
      Object.assign(fresh, { controls: true, playsInline: true, preload: "metadata", poster: link.dataset.poster });
      fresh.setAttribute("aria-label", link.textContent.trim());
    } else fresh.alt = link.textContent.trim();
    fresh.src = link.href;
    old.replaceWith(fresh);
    // Chosen by a click, so it may play with its sound.
    if (fresh instanceof HTMLVideoElement) fresh.play().catch(() => {});
    for (const other of document.querySelectorAll("[data-reel]")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
  });
}

// --- dialogs ----------------------------------------------------------------------------------

const dialog = document.getElementById("dialog");
for (const link of document.querySelectorAll("[data-dialog]")) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
      dialog.querySelector("[data-dialog-body]").replaceChildren(...parsed.body.childNodes);
      dialog.setAttribute("aria-labelledby", "dialog-title");
      dialog.showModal();
    } catch {
      location.assign(link.href); // The same as a page of its own.
    }
  });
}

// --- sharing ----------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-share]")) {
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.share);
      toast("Link copied.");
    } catch {
      toast(button.dataset.share); // Without permission, people copy it themselves.
    }
  });
}

// --- details ----------------------------------------------------------------------------------

for (const details of document.querySelectorAll("[data-focus]")) {
  details.querySelector("summary").addEventListener("click", (event) => {
    if (details.open) return;
    event.preventDefault();
    details.open = true;
    // Selected, so that what is typed replaces the name.
    document.getElementById(details.dataset.focus).select();
  });
}
