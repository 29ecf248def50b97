#!/usr/bin/env node
// A caller in JavaScript: @xmpp/client knows nothing of XEP-0009, and needs not to; a call is an iq of a few elements.
//
//     npm install && XBUS_PASSWORD=... NODE_EXTRA_CA_CERTS=ca.pem ./09_xmpp_client_call.mjs alice@localhost 127.0.0.1:5222
import { webcrypto } from "node:crypto";
import { client, xml } from "@xmpp/client";

globalThis.crypto ??= webcrypto; // Node.js 18 does not have it there yet
const [account, address] = process.argv.slice(2);
const [username, domain] = account.split("@");
const xmpp = client({
  service: `xmpp://${address}`, domain, username, password: process.env.XBUS_PASSWORD,
});
xmpp.reconnect.stop();

const typed = (value) =>
  Number.isInteger(value) ? xml("int", {}, String(value)) : xml("string", {}, String(value));

const call = async (service, method, ...values) => {
  const parameters = values.map((value) => xml("param", {}, xml("value", {}, typed(value))));
  const answer = await xmpp.iqCaller.set(
    xml("query", "jabber:iq:rpc", xml("methodCall", {}, [
      xml("methodName", {}, method), xml("params", {}, parameters),
    ])), `${service}@services.${domain}`, 10_000);
  const response = answer.getChild("methodResponse");
  const fault = response.getChild("fault");
  if (fault) throw new Error(fault.text()); // the service said no
  return response.getChild("params").getChild("param").getChild("value").children[0].text();
};

xmpp.on("error", (error) => {
  console.error(String(error));
  process.exitCode = 1;
});
xmpp.on("online", async () => {
  console.log("2 + 3 =", await call("calc", "add", 2, 3));
  await call("nobody", "add", 2, 3).catch((error) => console.log("nobody:", error.condition)); // the bus said no
  await xmpp.stop();
});
await xmpp.start();
