// Reads a JSON list of resources on standard input; writes, for each, what FHIR.js has against it.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");

const { Fhir } = createRequire(process.cwd() + "/")("fhir");
const fhir = new Fhir();
const bad = new Set(["error", "fatal"]);
const found = JSON.parse(readFileSync(0, "utf8")).map((resource) =>
  fhir
    .validate(resource, { errorOnUnexpected: true })
    .messages.filter((one) => bad.has(one.severity))
    .map((one) => `${one.location}: ${one.message}`),
);
process.stdout.write(JSON.stringify(found));
