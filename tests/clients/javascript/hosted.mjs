// An application that signs in at the managed login with Amplify 6; bundled by esbuild. Its settings are in the page.

import { getCurrentUser, fetchAuthSession, signInWithRedirect, signOut } from "aws-amplify/auth";

import { configure } from "./amplify.mjs";

configure(JSON.parse(document.getElementById("settings").textContent));

const state = document.getElementById("state");

document.getElementById("sign-in").onclick = () => signInWithRedirect();
document.getElementById("sign-out").onclick = () => signOut();

// Waits for the code to be exchanged, where the page's address has one.
fetchAuthSession().then(async ({ tokens, identityId }) => {
  globalThis.session = tokens && {
    ...(await getCurrentUser()),
    identityId,
    access: tokens.accessToken.toString(),
    claims: tokens.idToken.payload,
  };
  state.textContent = tokens ? "signed in" : "guest";
}, (error) => {
  state.textContent = `${error.name}: ${error.message}`;
});
