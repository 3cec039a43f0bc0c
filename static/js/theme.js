// Light, dark or as the system wishes. A classic script in <head>: it runs before anything is
// drawn, so that a chosen theme never flashes the other one first.
"use strict";

(() => {
  const root = document.documentElement;
  const choices = new Set(["light", "dark"]);

  function stored() {
    try {
      const choice = localStorage.getItem("theme");
      return choices.has(choice) ? choice : "";
    } catch {
      return ""; // Storage may be switched off.
    }
  }

  function show(choice) {
    if (choice) root.dataset.theme = choice;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  }

  root.classList.add("js");
  show(stored());
  addEventListener("storage", (event) => {
    if (event.key === "theme" || event.key === null) show(stored());
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme-choice]");
    if (!button) return;
    const choice = button.dataset.themeChoice;
    try {
      if (choice) localStorage.setItem("theme", choice);
      else localStorage.removeItem("theme");
    } catch {
      // It holds until the page is left.
    }
    show(choice);
  });
  document.addEventListener("DOMContentLoaded", () => {
    for (const part of document.querySelectorAll("[data-theme-part]")) part.hidden = false;
    show(root.dataset.theme ?? "");
  });
})();
