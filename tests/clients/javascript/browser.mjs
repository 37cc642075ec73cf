// Bundled by esbuild and loaded by a page of another origin; the test calls runScenario there.
import { run } from "./scenario.mjs";

globalThis.runScenario = run;
