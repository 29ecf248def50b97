// A receiver of the relay play on our own library: a client, or a component where it is told a secret.
// Says each message as it read it, and answers pings.
#include <csignal>
#include <utility>

#include "bus/client/client.hpp"
#include "bus/client/ping_responder.hpp"
#include "bus/crypto/hex.hpp"
#include "bus/net/io_loop.hpp"
#include "bus/xmpp/ping.hpp"
#include "tests/interop/told.hpp"

namespace {

xbus::Task<void> receive(xbus::client::Client& client) {
  client.on_message([](const xbus::xml::Element& stanza) {
    xbus::interop::say("stanza " + xbus::crypto::hex_encode(
                                       xbus::xml::write(stanza, xbus::xml::ns_client)));
  });
  auto jid = co_await client.connect();
  if (!jid) xbus::interop::give_up("no login: " + jid.error().text);
  client.on_state([](xbus::client::State state) {
    if (state != xbus::client::State::online) xbus::interop::give_up("the stream has ended");
  });
  xbus::interop::say("ready " + jid->str());
}

}  // namespace

int main() {
  using xbus::interop::told;
  xbus::net::IoLoop loop;
  xbus::client::Options options;
  options.address = told("BUS");
  options.domain = told("DOMAIN");
  options.account = told("ACCOUNT");
  options.password = told("PASSWORD");
  options.resource = told("RESOURCE");
  options.ca_file = told("CA_FILE");
  options.component_secret = told("SECRET");
  options.reconnect = false;
  xbus::client::Client client(loop, std::move(options));
  xbus::client::answer_ping(client);
  loop.on_signal({SIGTERM}, [&loop](int) { loop.stop(); });
  xbus::spawn(receive(client));
  loop.run();
  return 0;
}
