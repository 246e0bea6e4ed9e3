"use strict";
(() => {
  const panel = document.getElementById("filter");
  const items = Array.from(document.querySelectorAll("li.verdict"));
  if (!panel || items.length === 0) return;
  const words = document.getElementById("filter-text");
  const boxes = Array.from(panel.querySelectorAll("input[type=checkbox]"));
  const status = document.getElementById("filter-status");
  const folds = Array.from(document.querySelectorAll("details.population"));
  const apply = () => {
    const on = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const wanted = words.value.trim().toLowerCase();
    let shown = 0;
    for (const item of items) {
      const match = on.has(item.dataset.outcome) && (wanted === "" || item.textContent.toLowerCase().includes(wanted));
      item.hidden = !match;
      if (match) shown += 1;
    }
    if (wanted !== "") for (const fold of folds) fold.open = fold.querySelector("li.verdict:not([hidden])") !== null;
    status.textContent = shown === items.length ? "All " + items.length + " listed verdicts are shown."
      : shown + " of " + items.length + " listed verdicts are shown.";
  };
  let timer = 0;
  words.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 150); });
  for (const box of boxes) box.addEventListener("change", apply);
  document.getElementById("filter-reset").addEventListener("click", () => {
    words.value = "";
    for (const box of boxes) box.checked = true;
    apply();
  });
  // What is printed is never filtered or folded.
  let kept = [];
  window.addEventListener("beforeprint", () => {
    kept = Array.from(document.querySelectorAll("details")).map((fold) => [fold, fold.open]);
    for (const [fold] of kept) fold.open = true;
  });
  window.addEventListener("afterprint", () => { for (const [fold, open] of kept) fold.open = open; });
  // A link into a folded list opens it.
  const reveal = () => {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    if (!target) return;
    target.hidden = false;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);
  panel.hidden = false;
  apply();
  reveal();
})();
