// Sorts the table of songs by the column whose heading is pressed; once more turns it round.
const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
for (const table of document.querySelectorAll("table")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    heading.querySelector("button")?.addEventListener("click", () => {
      const turn = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const one of headings) one.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", turn > 0 ? "ascending" : "descending");
      const key = ({ cells }) => cells[column].dataset.value ?? cells[column].textContent;
      const compare = (a, b) => (isNaN(a) || isNaN(b) ? words.compare(a, b) : a - b);
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => turn * compare(key(a), key(b)));
      table.tBodies[0].append(...rows);
    });
  });
}
