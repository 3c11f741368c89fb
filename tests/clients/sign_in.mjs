// Signing in for clients in JavaScript: a provider for either line of the TypeScript SDK, and the way through it.

import { plan } from "./plan.mjs";

const CALLBACK = "http://127.0.0.1:33418/callback";

/** An OAuth provider that keeps all in memory, and opens addresses in the browser of the plan's person. */
class Provider {
  redirectUrl = CALLBACK;
  clientMetadata = {
    client_name: "A check",
    redirect_uris: [CALLBACK],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  answer;
  #client;
  #tokens;
  #verifier;
  #state;

  state() {
    return (this.#state = crypto.randomUUID());
  }
  clientInformation() {
    return this.#client;
  }
  saveClientInformation(client) {
    this.#client = client;
  }
  tokens() {
    return this.#tokens;
  }
  saveTokens(tokens) {
    this.#tokens = tokens;
  }
  codeVerifier() {
    return this.#verifier;
  }
  saveCodeVerifier(verifier) {
    this.#verifier = verifier;
  }
  invalidateCredentials(scope) {
    if (scope === "all" || scope === "client") this.#client = undefined;
    if (scope === "all" || scope === "tokens") this.#tokens = undefined;
  }
  async redirectToAuthorization(address) {
    const visited = await fetch(`${plan.person}/visit?address=${encodeURIComponent(address)}`);
    this.answer = new URL(await visited.text()).searchParams;
    if (this.answer.get("state") !== this.#state) throw new Error(`another state: ${this.answer}`);
  }
}

/**
 * Connects a client by HTTP, and gives what does work that may need a sign-in: it makes one where `Unauthorized` is thrown,
 * and does the work again. A transport whose start failed is not used again, so there is a new one for a second try.
 */
export async function connected(client, Transport, Unauthorized, finish) {
  const authProvider = plan.person ? new Provider() : undefined;
  let transport;
  const signedIn = async (work) => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unauthorized) || !authProvider) throw error;
      await finish(transport, authProvider.answer);
      return await work();
    }
  };
  await signedIn(() => client.connect((transport = new Transport(new URL(plan.url), { authProvider }))));
  return signedIn;
}
