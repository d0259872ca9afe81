"use strict";
(() => {
  const all = (where, what) => [...where.querySelectorAll(what)];
  const views = all(document, "[data-view]");
  const leadsTo = (a) => decodeURIComponent(a.hash.slice(1));
  let shown = null;

  // One view at a time, chosen by the part of the address after "#".
  function route() {
    const name = decodeURIComponent(location.hash.slice(1));
    const target = (name && document.getElementById(name)) || views[0];
    const view = target.closest("[data-view]") || shown || views[0];
    const before = shown;
    if (view === before && target !== view) return;  // the browser has gone there
    for (const other of views) other.hidden = other !== view;
    shown = view;
    for (const a of all(document, ".masthead nav a"))
      view.id.split("/")[0] === leadsTo(a) ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current");
    const heading = view.querySelector("h2");
    document.title = heading.textContent + " · Evaluation of grades";
    if (view.classList.contains("case")) enter(view, before);
    if (before === null && !name) return;
    const row = before && before.id.startsWith(view.id + "/") && link(before.id);
    if (target !== view) target.scrollIntoView();
    else window.scrollTo(0, 0);
    if (row) { row.focus({ preventScroll: true }); row.scrollIntoView({ block: "center" }); }
    else heading.focus({ preventScroll: true });
  }

  const link = (id) => all(document, ".cases a").find((a) => leadsTo(a) === id);

  // The chosen rating stays chosen from case to case, and the steps follow the table as it is.
  function enter(view, before) {
    const chosen = before && before.querySelector("input[type=radio]:checked");
    const same = chosen && all(view, "input[type=radio]").find((i) => i.value === chosen.value);
    if (same) same.checked = true;
    const rows = all(document, `.cases[data-suite="${view.id.split("/")[0]}"] tbody tr`).filter((r) => !r.hidden);
    const ids = rows.map((row) => leadsTo(row.querySelector("a")));
    const place = ids.indexOf(view.id);
    if (place < 0) return;
    const steps = view.querySelector(".steps");
    for (const old of all(steps, ".prev, .next")) old.remove();
    for (const [kind, id] of [["prev", ids[place - 1]], ["next", ids[place + 1]]]) {
      if (!id) continue;
      const a = document.createElement("a");
      const short = id.slice(id.indexOf("/") + 1);
      a.className = kind;
      a.href = "#" + encodeURI(id);
      a.textContent = kind === "prev" ? "← " + short : short + " →";
      steps.append(" ", a);
    }
  }

  function sortable(table) {
    const heads = all(table, "thead th");
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = column < 2 ? head.ariaSort === "ascending" : head.ariaSort !== "descending";
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const value = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent;
        const by = (a, b) => value(a).localeCompare(value(b), "en", { numeric: true });
        const signed = (row) => Number(value(row));
        const compare = column < 2 ? by : (a, b) => signed(a) - signed(b);
        const rows = [...table.tBodies[0].rows].sort((a, b) => (down ? compare(b, a) : compare(a, b)));
        table.tBodies[0].append(...rows);
      });
    });
  }

  function filterable(form) {
    const table = document.querySelector(`.cases[data-suite="${form.dataset.cases}"]`);
    const rows = [...table.tBodies[0].rows];
    const texts = new Map();
    const text = (row) => {
      if (!texts.has(row)) {
        const id = leadsTo(row.querySelector("a"));
        const said = document.getElementById(id).querySelector(".said");
        texts.set(row, (id.slice(id.indexOf("/") + 1) + " " + said.textContent).toLowerCase());
      }
      return texts.get(row);
    };
    const apply = () => {
      const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kind = form.elements.kind.value;
      const wanted = ["moved", "far", "ungraded"].filter((name) => form.elements[name].checked);
      let count = 0;
      for (const row of rows) {
        const kept = (!kind || row.dataset.kind === kind)
          && wanted.every((name) => name in row.dataset)
          && words.every((word) => text(row).includes(word));
        row.hidden = !kept;
        count += kept;
      }
      form.querySelector("[role=status]").textContent = `${count} of ${rows.length} cases`;
    };
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    apply();
  }

  all(document, "table.cases").forEach(sortable);
  all(document, "form.filter").forEach(filterable);
  window.addEventListener("hashchange", route);
  route();
})();
