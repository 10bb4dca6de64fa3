// The theme follows the system until the button is pressed; a page from disk may keep no choice.
(function () {
  "use strict";
  var KEY = "open-set-lab-theme";
  var root = document.documentElement;

  function kept() {
    try { return localStorage.getItem(KEY); } catch (error) { return null; }
  }

  function keep(theme) {
    try { localStorage.setItem(KEY, theme); } catch (error) { /* then for this page alone */ }
  }

  function shown() {
    if (root.dataset.theme) return root.dataset.theme;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }

  var chosen = kept();
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;

  document.addEventListener("DOMContentLoaded", function () {
    var button = document.getElementById("theme");

    function label() {
      button.textContent = shown() === "dark" ? "Light theme" : "Dark theme";
    }

    button.hidden = false;
    label();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
    button.addEventListener("click", function () {
      root.dataset.theme = shown() === "dark" ? "light" : "dark";
      keep(root.dataset.theme);
      label();
    });
  });

  // A folded part would be missing on paper.
  addEventListener("beforeprint", function () {
    document.querySelectorAll("details:not([open])").forEach(function (part) {
      part.dataset.folded = "";
      part.open = true;
    });
  });
  addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-folded]").forEach(function (part) {
      delete part.dataset.folded;
      part.open = false;
    });
  });
})();
