// The official JavaScript SDK behind two pipes: a line of JSON asks for one thing, a line of JSON answers it. The tests
// decide what to ask; here is only what a user of the SDK would write.

import { createInterface } from "node:readline";
import platform from "purecloud-platform-client-v2";
import WebSocket from "ws";

const client = platform.ApiClient.instance;
const sockets = new Map();

const verbs = {
  /** Points the SDK at a server. */
  gateway({ protocol, host, port }) {
    client.setGateway({ protocol, host, port });
  },
  /** Logs in with client credentials. */
  async login({ id, secret }) {
    const { accessToken, tokenExpiryTime } = await client.loginClientCredentialsGrant(id, secret);
    return { accessToken, tokenExpiryTime };
  },
  /** Holds a token from elsewhere. */
  token({ token }) {
    client.setAccessToken(token);
  },
  /** With `true`, answers come with status and headers, as the SDK has them. */
  extended({ on }) {
    client.setReturnExtendedResponses(on);
  },
  /** Any method of any API. */
  async call({ api, method, given }) {
    const answer = await new platform[api]()[method](...given);
    return client.returnExtended ? told(answer) : answer;
  },
  /** Any grant of the client; what it then knows of its tokens. */
  async grant({ method, given }) {
    await client[method](...given);
    const { accessToken, refreshToken, tokenExpiryTime } = client.authData;
    return { accessToken, refreshToken, tokenExpiryTime };
  },
  /** A verifier of that length, and its challenge. */
  async verifier({ length }) {
    const verifier = client.generatePKCECodeVerifier(length);
    return { verifier, challenge: await client.computePKCECodeChallenge(verifier) };
  },
  /** Opens a channel's WebSocket. */
  open({ uri }) {
    const socket = { events: [], waiting: [], web: new WebSocket(uri) };
    sockets.set(uri, socket);
    socket.web.on("message", (data) => {
      const event = JSON.parse(data);
      const waiting = socket.waiting.shift();
      waiting ? waiting(event) : socket.events.push(event);
    });
    return new Promise((resolve, reject) => {
      socket.web.on("open", () => resolve());
      socket.web.on("error", reject);
    });
  },
  /** Sends a message up a WebSocket. */
  say({ uri, message }) {
    sockets.get(uri).web.send(JSON.stringify(message));
  },
  /** The next event of a WebSocket. */
  next({ uri }) {
    const { events, waiting } = sockets.get(uri);
    return events.length ? events.shift() : new Promise((resolve) => waiting.push(resolve));
  },
  /** Closes a WebSocket. */
  close({ uri }) {
    sockets.get(uri).web.close();
  },
};

/** What of an answer is JSON. */
function told({ status, headers, body }) {
  return { status, headers: { ...headers }, body };
}

/** What a rejected promise carries: the SDK's answer, the body of the answer, or an error of its own. */
function rejected(reason) {
  if (reason instanceof Error) {
    return { thrown: reason.message, status: reason.response?.status, body: reason.response?.data };
  }
  return client.returnExtended ? told(reason) : { body: reason };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { verb, ...given } = JSON.parse(line);
  let answer;
  try {
    answer = { value: await verbs[verb](given) };
  } catch (reason) {
    answer = { refused: rejected(reason) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
