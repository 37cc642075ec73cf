// What an application does with amazon-cognito-identity-js, the same in Node and in a browser: sign-up, the default
// sign-in (SRP), renewed tokens, another password, attributes, a forgotten password, signing out everywhere. Returns what
// it saw; the Python test judges it.

import { AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool } from "amazon-cognito-identity-js";

import { codeFor, otherCode } from "./mailbox.mjs";
import { refusal } from "./sdk.mjs";

const [FIRST, SECOND, THIRD] = ["Correct-horse-1", "Battery-staple-2", "Troubadour-3x"];

// The library calls back, either (error, result) or one of several functions by name.
const called = (start) => new Promise((resolve, reject) => start((error, result) => (error ? reject(error) : resolve(result))));
const chosen = (start) =>
  new Promise((resolve, reject) =>
    start({ onSuccess: resolve, onFailure: reject, inputVerificationCode: resolve, newPasswordRequired: () => reject(new Error("new password")) }),
  );

export async function run(settings) {
  const { endpoint, userPoolId, clientId, username } = settings;
  const email = `${username}@example.com`;
  const pool = new CognitoUserPool({ UserPoolId: userPoolId, ClientId: clientId, endpoint });
  const user = new CognitoUser({ Username: username, Pool: pool });
  const enter = (password) =>
    chosen((callbacks) => user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), callbacks));
  const tokens = (session) => ({
    access: session.getAccessToken().getJwtToken(),
    id: session.getIdToken().getJwtToken(),
    claims: session.getIdToken().decodePayload(),
  });

  const address = new CognitoUserAttribute({ Name: "email", Value: email });
  const signedUp = await called((callback) => pool.signUp(username, FIRST, [address], [], callback));
  const unconfirmed = await refusal(() => enter(FIRST));
  const code = await codeFor(settings, email);
  const wrongCode = await refusal(() => called((callback) => user.confirmRegistration(otherCode(code), false, callback)));
  const confirmed = await called((callback) => user.confirmRegistration(code, false, callback));

  const wrongPassword = await refusal(() => enter(SECOND));
  const session = await enter(FIRST);
  const attributes = await called((callback) => user.getUserAttributes(callback));
  const renewed = await called((callback) => user.refreshSession(session.getRefreshToken(), callback));
  await called((callback) => user.changePassword(FIRST, SECOND, callback));
  await called((callback) => user.signOut(callback));

  const delivery = await chosen((callbacks) => user.forgotPassword(callbacks));
  const resetCode = await codeFor(settings, email);
  const wrongResetCode = await refusal(() =>
    chosen((callbacks) => user.confirmPassword(otherCode(resetCode), THIRD, callbacks)),
  );
  await chosen((callbacks) => user.confirmPassword(resetCode, THIRD, callbacks));
  const oldPassword = await refusal(() => enter(SECOND));
  const again = await enter(THIRD);
  await chosen((callbacks) => user.globalSignOut(callbacks));

  return {
    signedUp: { name: signedUp.user.getUsername(), confirmed: signedUp.userConfirmed, sub: signedUp.userSub },
    unconfirmed,
    wrongCode,
    confirmed,
    wrongPassword,
    session: tokens(session),
    attributes: Object.fromEntries(attributes.map((one) => [one.getName(), one.getValue()])),
    renewed: tokens(renewed),
    delivery,
    wrongResetCode,
    oldPassword,
    again: tokens(again),
  };
}
