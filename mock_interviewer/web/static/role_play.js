// What a role-play's pages do by themselves: the box keeps what is typed, counts it and sends it, the
// customer's words come without a new page, and the debrief shows the grade when it is there.
(function () {
  "use strict";
  const LOOK_MS = 2500;
  const KEEPING = `role-play ${location.pathname}`;
  const talk = () => document.getElementById("talk");
  const box = () => document.getElementById("reply");
  const typing = document.getElementById("typing");
  const heard = document.getElementById("heard");
  let sending = false;

  function held() {
    try { return JSON.parse(sessionStorage.getItem(KEEPING)); } catch { return null; }
  }
  function hold() {
    try {
      if (!box().value) sessionStorage.removeItem(KEEPING);
      else sessionStorage.setItem(KEEPING, JSON.stringify({ number: talk().dataset.number, text: box().value }));
    } catch { /* then it is kept by the page alone */ }
  }
  function letGo() {
    try { sessionStorage.removeItem(KEEPING); } catch { /* then there is nothing to let go */ }
  }

  function count() {
    const place = document.getElementById("count");
    if (!place || !box()) return;
    const limit = Number(place.dataset.limit);
    const length = box().value.length;
    const over = length > limit;
    place.textContent = `${length.toLocaleString("en")} of ${limit.toLocaleString("en")} characters` +
      (over ? ", too long to send" : "");
    place.classList.toggle("over", over);
  }

  function notice(text) {
    const form = document.getElementById("reply-form");
    if (!form) return;
    let place = form.querySelector("[role=alert]");
    if (!place) {
      place = document.createElement("p");
      place.className = "notice";
      place.setAttribute("role", "alert");
      form.prepend(place);
    }
    place.textContent = text;
  }

  function ready() {
    if (!talk()) return;
    const keys = document.getElementById("keys");
    if (keys && !keys.dataset.told && matchMedia("(pointer: fine)").matches) {
      keys.dataset.told = "yes";
      keys.textContent = `${keys.textContent} · Ctrl+Enter sends`;
    }
    const kept = held();
    if (kept && box()) {
      if (kept.number !== talk().dataset.number) letGo();
      else if (!box().value) box().value = kept.text;
    }
    if (box() && box().value) hold();
    count();
    if ("pending" in talk().dataset) {
      typing.textContent = `${talk().dataset.name} is answering …`;
      setTimeout(look, LOOK_MS);
    }
  }

  // Takes the conversation out of a page that the server sent; false if there is none in it.
  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const fresh = page.getElementById("talk");
    if (!fresh) return false;
    const writing = document.activeElement === document.body || talk().contains(document.activeElement);
    const before = talk().querySelectorAll(".customer").length;
    talk().replaceWith(document.adoptNode(fresh));
    typing.textContent = "";
    ready();
    const said = [...talk().querySelectorAll(".customer p")];
    const mood = document.getElementById("mood");
    if (said.length > before) {
      heard.textContent = `${talk().dataset.name}: ${said[said.length - 1].textContent}` +
        (mood ? ` Mood: ${mood.textContent}.` : "");
    }
    const next = box() || talk().querySelector("a.button");
    if (writing && next) next.focus({ preventScroll: true });
    const last = talk().querySelector("#said");
    if (last) last.scrollIntoView({ block: "nearest" });
    if (box()) box().form.scrollIntoView({ block: "nearest" });
    return true;
  }

  async function look() {
    try {
      const answer = await fetch(location.pathname, { cache: "no-store" });
      if (answer.ok && show(await answer.text())) return;
    } catch { /* the server is away for a moment */ }
    setTimeout(look, LOOK_MS);
  }

  function own(text) {
    const item = document.createElement("li");
    item.className = "own";
    const who = document.createElement("span");
    who.className = "who";
    who.textContent = "You";
    const said = document.createElement("p");
    said.textContent = text;
    item.append(who, said);
    return item;
  }

  async function send(form) {
    if (sending || !box().value.trim()) return;
    sending = true;
    hold();
    const body = new URLSearchParams(new FormData(form));
    const text = box().value;
    const said = own(text);
    talk().querySelector("ol").append(said);
    form.setAttribute("aria-busy", "true");
    for (const part of form.elements) part.disabled = true;
    box().value = "";
    typing.textContent = `${talk().dataset.name} is answering …`;
    said.scrollIntoView({ block: "nearest" });
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      if (!show(await answer.text())) throw new Error("no conversation came back");
    } catch {
      said.remove();
      typing.textContent = "";
      for (const part of form.elements) part.disabled = false;
      form.removeAttribute("aria-busy");
      box().value = text;
      hold();
      notice("That could not be sent. Your text is still in the box: try again in a moment, or log in again " +
        "in another tab.");
      box().focus();
    } finally {
      sending = false;
    }
  }

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "reply-form") return;
    event.preventDefault();
    send(event.target);
  });
  document.addEventListener("input", (event) => {
    if (event.target !== box()) return;
    count();
    hold();
  });
  document.addEventListener("keydown", (event) => {
    const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey || event.shiftKey);
    if (!sends || event.target !== box() || event.isComposing) return;
    event.preventDefault();
    box().form.requestSubmit();
  });
  ready();

  async function grade() {
    const place = document.getElementById("grade");
    if (!place || !("waiting" in place.dataset)) return;
    try {
      const answer = await fetch(location.pathname, { cache: "no-store" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("grade");
      if (answer.ok && fresh && fresh.innerHTML !== place.innerHTML) {
        place.replaceWith(document.adoptNode(fresh));
      }
    } catch { /* the server is away for a moment */ }
    setTimeout(grade, LOOK_MS);
  }
  setTimeout(grade, LOOK_MS);
})();
