// What the chat page does beside Gradio: it counts and keeps what is typed, keeps the newest words
// in view, gives the focus back, and tells a screen reader, once, what the interviewer has said.
(function () {
  "use strict";
  var QUIET = 400; // milliseconds without a key before the draft is sent to be kept
  var find = function (selector) { return document.querySelector(selector); };
  var box = function () { return find("#answer textarea"); };
  var timer = 0; // the draft's
  // What a key left in the box last, what the server keeps, and what it could not keep.
  var typed = null, kept = null, unkept = null;
  var rows = -1, waiting = false, told = "", shown = ""; // the conversation

  function count() {
    var place = find("#counter [data-limit]");
    if (!place || !box()) return;
    var limit = Number(place.dataset.limit), length = Array.from(box().value).length;
    var words = length.toLocaleString("en") + " of " + limit.toLocaleString("en") + " characters";
    if (length > limit) words += " · too long to send";
    else if (length && kept === box().value) words += " · draft kept";
    else if (length && unkept === box().value) words += " · draft not kept";
    if (place.textContent !== words) place.textContent = words;
    place.classList.toggle("over", length > limit);
  }

  function save() {
    clearTimeout(timer);
    timer = 0;
    if (box() && box().value !== kept) find("#save-draft").click();
  }

  // Called by Gradio whenever the box has changed. What no key put there came from the server.
  function changed() {
    if (box() && box().value !== typed) typed = kept = box().value;
    count();
  }

  document.addEventListener("input", function (event) {
    if (event.target !== box()) return;
    typed = box().value;
    clearTimeout(timer);
    timer = setTimeout(save, QUIET);
    count();
  });
  document.addEventListener("focusout", function (event) {
    var next = event.relatedTarget;
    if (event.target === box() && !(next && next.closest && next.closest(".buttons"))) save();
  });
  document.addEventListener("visibilitychange", function () { if (document.hidden) save(); });

  // What is typed goes along with every button; to keep it as a draft as well would be a race.
  function acts() {
    clearTimeout(timer);
    timer = 0;
  }
  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest(".buttons button")) acts();
  }, true);
  document.addEventListener("keydown", function (event) {
    if (event.target !== box() || event.key !== "Enter" || !event.shiftKey) return;
    if (find("#send") && find("#send").disabled) {
      // Gradio would send it all the same, and it would be refused.
      event.preventDefault();
      event.stopImmediatePropagation();
    } else acts();
  }, true);

  function announce(text) {
    var place = find("#announcer");
    if (!place) {
      place = document.createElement("div");
      place.id = "announcer";
      place.className = "visually-hidden";
      place.setAttribute("aria-live", "polite");
      document.body.appendChild(place);
    }
    if (text && text !== told) place.textContent = told = text;
  }

  function isShown(element) { return !!element && element.getClientRects().length > 0; }

  function bring() {
    var all = document.querySelectorAll("#chat .message-row");
    var last = all[all.length - 1];
    if (!last) return;
    var below = [find("#answering"), find("#between"), find("#status")].filter(isShown)[0] || last;
    var hidden = below.getBoundingClientRect().bottom + 12 - window.innerHeight;
    var top = last.getBoundingClientRect().top - 12;
    var by = top < 0 ? top : Math.min(Math.max(hidden, 0), top);
    if (Math.abs(by) > 1) window.scrollBy({ top: by, behavior: "instant" });
  }

  function giveFocus(next) {
    var now = document.activeElement;
    var lost = !now || now === document.body || now.disabled || !isShown(now) || now.id === "send";
    // On a phone the keyboard that comes with the focus would hide what there is to read.
    if (lost && window.matchMedia("(pointer: fine)").matches) next.focus({ preventScroll: true });
  }

  function look() {
    document.querySelectorAll("#chat [role=log]").forEach(function (log) {
      if (log.getAttribute("aria-live") !== "off") log.setAttribute("aria-live", "off");
    });
    document.querySelectorAll("#chat [data-testid=bot], #chat [data-testid=user]").forEach(
      function (message) {
        if (message.getAttribute("role")) return;
        message.setAttribute("role", "group");
      }
    );
    document.querySelectorAll("#chat [role=group]").forEach(function (message) {
      var name = message.dataset.testid === "bot" ? "Interviewer" : "You";
      if (message.getAttribute("aria-label") !== name) message.setAttribute("aria-label", name);
    });
    var all = document.querySelectorAll("#chat .message-row");
    var next = [box(), find("#next"), find("#status a.primary")].filter(isShown)[0];
    if (!all.length || !next) return;
    changed();
    var stage = find("#status .stage:not([role])");
    var busy = !!stage || (isShown(find("#send")) && find("#send").disabled);
    if (all.length !== rows) {
      rows = all.length;
      bring();
    }
    if (busy) {
      waiting = true;
      if (stage) announce(stage.textContent);
      return;
    }
    var bots = document.querySelectorAll("#chat [data-testid=bot]");
    var text = bots.length ? bots[bots.length - 1].textContent.trim() : "";
    var state = rows + " " + find("#head h1").textContent;
    if (state === shown) return;
    var first = shown === "";
    shown = state;
    count();
    bring();
    if (waiting || first) giveFocus(next);
    waiting = false;
    if (!first) announce(find("#head h1").textContent + ". " + text);
  }

  var asked = 0;
  new MutationObserver(function () {
    if (asked) return;
    asked = requestAnimationFrame(function () { asked = 0; look(); });
  }).observe(document.documentElement, {
    subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ["disabled", "class"],
  });

  window.interviewPage = {
    changed: changed,
    kept: function (text) { kept = text; count(); },
    notKept: function () { unkept = box() && box().value; count(); },
  };
})();
