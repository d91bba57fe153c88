// The field of class "filter" shows only the rows that contain every word typed, the headings above them included.
// A page that puts other contents in its place says so with the event "shown".

function folded(text) {
  return text.toLowerCase().replaceAll("ё", "е");
}

function start() {
  const field = document.querySelector("input.filter");
  if (!field) return;
  const groups = [...document.querySelectorAll("[data-group]")].map((group) => ({
    group,
    rows: [...group.querySelectorAll("[data-row]")].map((row) => ({ row, text: folded(row.textContent) })),
  }));
  const count = document.querySelector(".filter-count");
  const nothing = document.querySelector(".filter-nothing");

  function show() {
    const words = folded(field.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { group, rows } of groups) {
      let any = false;
      for (const { row, text } of rows) {
        const fits = words.every((word) => text.includes(word));
        row.hidden = !fits;
        any ||= fits;
        found += fits;
      }
      group.hidden = !any && words.length > 0;
    }
    count.textContent = words.length ? String(found) : "";
    nothing.hidden = found > 0 || !words.length;
    highlight(words, groups);
  }

  field.closest(".filter-box").hidden = false;
  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      field.value = "";
      show();
    }
  });
  if (field.value) show();
}

// Marks what was found without touching the page; browsers that cannot do it leave it out.
function highlight(words, groups) {
  if (!CSS.highlights) return;
  const ranges = [];
  const most = 500;
  if (words.length) {
    for (const { rows } of groups) {
      for (const { row } of rows) {
        if (row.hidden || ranges.length > most) continue;
        const texts = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
        for (let node = texts.nextNode(); node; node = texts.nextNode()) {
          const text = folded(node.data);
          for (const word of words) {
            for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
              const range = document.createRange();
              range.setStart(node, Math.min(at, node.length));
              range.setEnd(node, Math.min(at + word.length, node.length));
              ranges.push(range);
            }
          }
        }
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

document.addEventListener("shown", start);
start();
