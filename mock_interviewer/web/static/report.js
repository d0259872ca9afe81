// What the report does by itself: it keeps numbers hidden, and shows feedback as it comes.
(function () {
  "use strict";
  const EVERY_MS = 5000;
  const HIDDEN = "mock-interviewer.hide-numbers";

  const hide = document.getElementById("hide-numbers");
  if (hide) {
    hide.checked = localStorage.getItem(HIDDEN) === "yes";
    hide.addEventListener("change", () => localStorage.setItem(HIDDEN, hide.checked ? "yes" : "no"));
  }

  const print = document.getElementById("print");
  if (print) print.addEventListener("click", () => window.print());

  // A reload closes what was opened and loses the place; so it is offered where that would hurt.
  function isBeingUsed() {
    const choices = [...document.querySelectorAll("#agreed, #shared")];
    return (
      choices.some((choice) => choice.checked !== choice.defaultChecked) ||
      document.querySelector("details[open]") !== null ||
      (document.activeElement && document.activeElement !== document.body) ||
      window.scrollY > 0
    );
  }

  function offer(waiting, left) {
    const told = left ? `New feedback is there; ${left} still to come.` : "All feedback is there.";
    if (waiting.dataset.told === told) return;
    waiting.dataset.told = told;
    const link = document.createElement("a");
    link.href = location.pathname;
    link.textContent = "Show it";
    waiting.replaceChildren(`${told} `, link);
  }

  async function follow(waiting) {
    try {
      const answer = await fetch(location.pathname, { cache: "no-store" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const still = page.getElementById("waiting");
        const left = still ? Number(still.dataset.left) : 0;
        if (left !== Number(waiting.dataset.left)) {
          if (!isBeingUsed()) return location.replace(location.pathname);
          offer(waiting, left);
          if (left === 0) return;
        }
      }
    } catch {
      // The server is away for a moment; the next look may find it.
    }
    setTimeout(() => follow(waiting), EVERY_MS);
  }

  const waiting = document.getElementById("waiting");
  if (waiting) setTimeout(() => follow(waiting), EVERY_MS);
})();
