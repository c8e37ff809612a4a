// Sorts the table of songs by the column whose heading is pressed; a second press reverses the order.
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const valueOf = (cell) => cell.dataset.value ?? cell.textContent;
const compare = (a, b) => (isNaN(a) || isNaN(b) ? collator.compare(a, b) : a - b);

for (const table of document.querySelectorAll("table")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    heading.querySelector("button")?.addEventListener("click", () => {
      const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      const [body] = table.tBodies;
      const rows = [...body.rows];
      rows.sort((a, b) => sign * compare(valueOf(a.cells[column]), valueOf(b.cells[column])));
      body.append(...rows);
    });
  });
}
