// Writes the licences of the packages in a bundle: node licences.js TARGET METAFILE...
// What a bundle holds is what esbuild's metafiles list. A package that was itself bundled before it
// came to npm (anywidget) names what is inside it in the comments of its file.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const WITHIN = /^\/\/ node_modules\/\.pnpm\/([^/]+)@([^@/]+)\//gm;
const LICENCE = /^(licen[cs]e|copying|notice)/i;

// The files that a bundle was made of; those that only fill a gap hold nothing.
function inputs(metafile) {
  return Object.entries(JSON.parse(readFileSync(metafile, "utf8")).inputs)
    .filter(([path, { bytes }]) => bytes && !path.startsWith("("))
    .map(([path]) => path);
}

// The text of a package's licence; some scopes do not put it into their packages.
function licence(folder, scope) {
  const files = readdirSync(folder).filter((name) => LICENCE.test(name)).sort();
  const paths = files.map((name) => `${folder}/${name}`);
  if (!paths.length) paths.push(`licences/${scope}.txt`);
  const text = paths.map((path) => readFileSync(path, "utf8").trim()).join("\n\n");
  return text.replace(/\r\n/g, "\n").replace(/[ \t]+$/gm, "");
}

const names = new Map(); // the text of a licence: the packages that come under it
function add(folder, version) {
  const { name, version: installed } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const text = licence(folder, name.split("/")[0]);
  if (!names.has(text)) names.set(text, new Set());
  names.get(text).add(`${name} ${version ?? installed}`);
}

const [target, ...metafiles] = process.argv.slice(2);
for (const path of new Set(metafiles.flatMap(inputs))) {
  const folder = path.match(PACKAGE)?.[1];
  if (!folder) continue; // our own
  add(folder);
  for (const [, name, version] of readFileSync(path, "utf8").matchAll(WITHIN)) {
    add(`node_modules/${name.replace("+", "/")}`, version);
  }
}
const parts = [...names].map(([text, packages]) => `${[...packages].sort().join("\n")}\n\n${text}`);
const rule = `\n\n${"=".repeat(80)}\n\n`;
const head = "widgets.js holds these packages, under these licences.";
writeFileSync(target, `${[head, ...parts.sort()].join(rule)}\n`);
