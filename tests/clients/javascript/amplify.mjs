// What an application does with Amplify 6, the same in Node and in a browser: a guest, sign-up with the code from the
// mailbox, the default sign-in (SRP), credentials of the identity pool, renewed tokens, a new password, signing out.
// Returns what it saw; the Python test judges it.

import { Amplify } from "aws-amplify";
import {
  confirmResetPassword,
  confirmSignUp,
  fetchAuthSession,
  fetchUserAttributes,
  getCurrentUser,
  resendSignUpCode,
  resetPassword,
  signIn,
  signOut,
  signUp,
  updateUserAttribute,
} from "aws-amplify/auth";

import { codeFor, otherCode } from "./mailbox.mjs";
import { refusal, use } from "./sdk.mjs";

const FIRST = "Correct-horse-1";
const SECOND = "Battery-staple-2";

function tokensOf(session) {
  const { accessToken, idToken } = session.tokens;
  return { access: accessToken.toString(), id: idToken.toString(), claims: idToken.payload };
}

export function configure({ endpoint, userPoolId, clientId, identityPoolId, oauth }) {
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId,
        userPoolClientId: clientId,
        userPoolEndpoint: endpoint,
        identityPoolId,
        identityPoolEndpoint: endpoint,
        allowGuestAccess: true,
        loginWith: { username: true, ...(oauth && { oauth }) },
      },
    },
  });
}

export async function run(settings) {
  const { endpoint, region, username, sample } = settings;
  const clientConfig = { region, endpoint, maxAttempts: 1 };
  const email = `${username}@example.com`;
  configure(settings);

  const guest = await fetchAuthSession();
  const guestUse = await use(clientConfig, guest.credentials, sample);

  const asked = await signUp({ username, password: FIRST, options: { userAttributes: { email } } });
  const tooEarly = await signIn({ username, password: FIRST });
  const first = await codeFor(settings, email);
  await resendSignUpCode({ username });
  const confirmationCode = await codeFor(settings, email);
  const wrongCode = await refusal(() => confirmSignUp({ username, confirmationCode: otherCode(confirmationCode) }));
  const confirmed = await confirmSignUp({ username, confirmationCode });

  const wrongPassword = await refusal(() => signIn({ username, password: SECOND }));
  const signedIn = await signIn({ username, password: FIRST });
  const member = await fetchAuthSession();
  const memberUse = await use(clientConfig, member.credentials, sample);
  const user = await getCurrentUser();
  await updateUserAttribute({ userAttribute: { attributeKey: "name", value: "Ana" } });
  const attributes = await fetchUserAttributes();
  const renewed = await fetchAuthSession({ forceRefresh: true });
  await signOut();
  const afterwards = await fetchAuthSession();

  const reset = await resetPassword({ username });
  const resetCode = await codeFor(settings, email);
  const wrongResetCode = await refusal(() =>
    confirmResetPassword({ username, confirmationCode: otherCode(resetCode), newPassword: SECOND }),
  );
  await confirmResetPassword({ username, confirmationCode: resetCode, newPassword: SECOND });
  const oldPassword = await refusal(() => signIn({ username, password: FIRST }));
  await signIn({ username, password: SECOND });
  const again = await fetchAuthSession();
  await signOut({ global: true });

  return {
    guest: { identityId: guest.identityId, hasTokens: Boolean(guest.tokens), ...guestUse },
    signUp: { step: asked.nextStep.signUpStep, delivery: asked.nextStep.codeDeliveryDetails, tooEarly: tooEarly.nextStep.signInStep, wrongCode },
    resent: first !== confirmationCode,
    confirmed: confirmed.isSignUpComplete,
    wrongPassword,
    signedIn: signedIn.isSignedIn,
    member: { identityId: member.identityId, ...tokensOf(member), ...memberUse },
    user,
    attributes,
    renewed: { identityId: renewed.identityId, ...tokensOf(renewed) },
    afterwards: { hasTokens: Boolean(afterwards.tokens), identityId: afterwards.identityId },
    reset: { step: reset.nextStep.resetPasswordStep, delivery: reset.nextStep.codeDeliveryDetails, wrongResetCode },
    oldPassword,
    again: { identityId: again.identityId, ...tokensOf(again) },
  };
}
