// What an operator tells everyone, until a person closes it. A classic script behind the banners, so
// that one that was closed is never drawn. `data-banner="kind id"`: the id changes with the text.
"use strict";

(() => {
  const keyOf = (kind) => `closed-${kind}`;

  function closed(kind) {
    try {
      return localStorage.getItem(keyOf(kind)) ?? "";
    } catch {
      return ""; // Storage may be switched off.
    }
  }

  function close(kind, id) {
    try {
      localStorage.setItem(keyOf(kind), id);
    } catch {
      // It is shown again on the next page.
    }
  }

  // Terms that someone reads or accepts here are not announced to them afterwards.
  for (const page of document.querySelectorAll("[data-reads]")) {
    close(...page.dataset.reads.split(" "));
  }
  for (const banner of document.querySelectorAll("[data-banner]")) {
    const [kind, id] = banner.dataset.banner.split(" ");
    if (closed(kind) === id) {
      banner.remove();
      continue;
    }
    const button = banner.querySelector("button");
    button.hidden = false;
    button.addEventListener("click", () => {
      close(kind, id);
      banner.remove();
    });
  }
})();
