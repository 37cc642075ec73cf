// Bundled by esbuild and loaded by a page of another origin; the tests call runScenario there.
import * as amplify from "./amplify.mjs";
import * as identity_js from "./identity_js.mjs";
import * as regions from "./regions.mjs";
import * as sdk from "./sdk.mjs";

const scenarios = { amplify, identity_js, regions, sdk };

globalThis.runScenario = ([name, settings]) => scenarios[name].run(settings);
