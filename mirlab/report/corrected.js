// Replaces downloads of the report when the analysis is corrected on its Listening desk, which tells
// by the event "mirlab:corrected" whether it differs from that of the report, and its files.
const links = [...document.querySelectorAll("#files a[download]")].map((link) => {
  const size = link.parentElement.querySelector("small");
  return { link, size, href: link.href, text: size.textContent };
});
let addresses = []; // of the files shown, to be released

document.addEventListener("mirlab:corrected", ({ detail: { isChanged, files } }) => {
  for (const address of addresses) URL.revokeObjectURL(address);
  addresses = [];
  for (const remark of document.querySelectorAll(".outdated")) remark.hidden = !isChanged;
  for (const { link, size, href, text } of links) {
    const name = Object.keys(files).find((name) => link.download.endsWith(` ${name}`));
    if (!name) continue;
    if (isChanged) {
      const blob = files[name]();
      link.href = URL.createObjectURL(blob);
      addresses.push(link.href);
      size.textContent = `corrected, ${(blob.size / 1000).toFixed(1)} kB`;
    } else {
      link.href = href;
      size.textContent = text;
    }
  }
});
