// Replaces downloads of the report when the analysis is corrected on its Listening desk, which tells
// by the event "mirlab:corrected" whether it differs from that of the report, and its files.
const links = [...document.querySelectorAll("#files a[download]")].map((link) => {
  const size = link.parentElement.querySelector("small");
  return { link, size, href: link.href, text: size.textContent };
});
let addresses = []; // of the files shown, to be released
let count = 0; // of events, of which the last counts

document.addEventListener("mirlab:corrected", async ({ detail: { isChanged, files } }) => {
  const number = ++count;
  const found = links.map(({ link }) =>
    files[Object.keys(files).find((name) => link.download.endsWith(` ${name}`))]);
  const write = (file) => (isChanged && file ? file().catch(() => null) : null);
  const blobs = await Promise.all(found.map(write));
  if (number !== count) return;
  for (const address of addresses) URL.revokeObjectURL(address);
  addresses = [];
  links.forEach(({ link, size, href, text }, i) => {
    const isReplaced = isChanged && found[i];
    if (isReplaced && !blobs[i]) {
      link.removeAttribute("href");
      size.textContent = "cannot be written in the page after these corrections";
      return;
    }
    link.href = isReplaced ? URL.createObjectURL(blobs[i]) : href;
    size.textContent = isReplaced ? `corrected, ${(blobs[i].size / 1000).toFixed(1)} kB` : text;
    if (isReplaced) addresses.push(link.href);
  });
  for (const remark of document.querySelectorAll(".outdated")) remark.hidden = !isChanged;
});
