// A whole bus under sequences of legal and illegal events from several peers. The input is the
// sequence; one of up to eight bytes is a seed from which a long sequence is drawn. Whatever comes,
// nothing crashes, the others' streams live, what they read is well-formed, memory is bounded, and
// each request is answered once or passed on once.
#include <cstdint>
#include <iterator>
#include <random>

#include "tests/fuzz/bus_world.hpp"

using namespace xbus;
using fuzz::Peer;
using fuzz::World;
using namespace std::chrono_literals;

namespace {

struct Script {
  std::string_view bytes;
  bool ended() const { return bytes.empty(); }
  uint8_t next() {
    if (ended()) return 0;
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    return byte;
  }
  template <class T, size_t n>
  const T& pick(const T (&of)[n]) {
    return of[next() % n];
  }
  std::string_view take(size_t count) {
    const auto taken = bytes.substr(0, count);
    bytes.remove_prefix(taken.size());
    return taken;
  }
};

constexpr std::string_view people[] = {"alice", "bob", "eve"};
constexpr std::string_view resources[] = {"r", "s", "it&apos;s"};
constexpr std::string_view targets[] = {"",
                                        "localhost",
                                        "alice@localhost",
                                        "bob@localhost",
                                        "bob@localhost/nobody",
                                        "nobody@localhost",
                                        "services.localhost",
                                        "calc@services.localhost",
                                        "x@services.localhost",
                                        "echo.localhost",
                                        "a@echo.localhost/b",
                                        "far.example",
                                        "calc@services.localhost",
                                        "calc@services.localhost"};
constexpr std::string_view payloads[] = {
    "<query xmlns='jabber:iq:rpc'><methodCall><methodName>m</methodName></methodCall></query>",
    "<ping xmlns='urn:xmpp:ping'/>",
    "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    "<query xmlns='http://jabber.org/protocol/disco#items'/>",
    "<query xmlns='jabber:iq:roster'/>",
    "<query xmlns='jabber:iq:roster'><item jid='bob@localhost'><group>g</group></item></query>",
    "<query xmlns='jabber:iq:roster'><item jid='bob@localhost' subscription='remove'/></query>",
    "<query xmlns='jabber:iq:version'/>",
    "<time xmlns='urn:xmpp:time'/>",
    "<watch xmlns='urn:xbus:registry:0'><service name='calc'/></watch>",
    "<services xmlns='urn:xbus:registry:0'/>",
    "<names xmlns='urn:xbus:registry:0'/>",
    "<give xmlns='urn:xbus:registry:0' name='calc' owner='bob@localhost'/>",
    "<release xmlns='urn:xbus:registry:0' name='calc'/>",
    "<accounts xmlns='urn:xbus:admin:0'/>",
    "<remove xmlns='urn:xbus:admin:0' name='nobody'/>",
    "<unknown xmlns='urn:unknown'/>"};
constexpr std::string_view presences[] = {
    "<presence/>",
    "<presence><priority>-1</priority></presence>",
    "<presence type='unavailable'/>",
    "<presence to='calc@services.localhost' id='p'/>",
    "<presence to='calc@services.localhost' id='q'><show>dnd</show></presence>",
    "<presence to='calc@services.localhost'><instance xmlns='urn:xbus:registry:0' weight='3' "
    "load='2'/></presence>",
    "<presence to='calc@services.localhost'/>",
    "<presence to='x@services.localhost'><show>away</show><instance xmlns='urn:xbus:registry:0' "
    "weight='9'/></presence>",
    "<presence to='calc@services.localhost' type='unavailable'/>",
    "<presence to='services.localhost'/>",
    "<presence to='bob@localhost' type='subscribe'/>",
    "<presence to='alice@localhost' type='subscribed'/>",
    "<presence to='bob@localhost' type='unsubscribe'/>",
    "<presence to='eve@localhost' type='unsubscribed'/>",
    "<presence to='bob@localhost' type='probe'/>",
    "<presence to='echo.localhost'/>"};
constexpr std::string_view message_types[] = {"",
                                              " type='chat'",
                                              " type='headline'",
                                              " type='groupchat'",
                                              " type='error'",
                                              " type='no-such'"};
// Wrong, but a stanza's error at most.
constexpr std::string_view wrong[] = {
    "<iq/>",
    "<iq type='get' id='i'/>",
    "<iq type='no-such' id='i'><q xmlns='u'/></iq>",
    "<iq type='get'><q xmlns='u'/></iq>",
    "<iq type='set' id='i'><a xmlns='u'/><b xmlns='u'/></iq>",
    "<iq type='result' id='i' to='witness@localhost/w'/>",
    "<iq type='set' id='i'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    "<message to='@'/>",
    "<presence type='no-such'/>",
    "<presence type='error' to='calc@services.localhost'/>"};
// For these a stream ends, or what follows is inside an element that never does.
constexpr std::string_view illegal[] = {
    "<message from='bob@localhost/other' to='eve@localhost'/>",
    "<other xmlns='urn:other'/>",
    "<message><p:x/></message>",
    "<message>",
    "</stream:stream>",
    "<!-- -->",
    "<?x y?>",
    "]]>",
    "&#0;",
    "text",
    "\xff",
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>",
    "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<handshake>no</handshake>",
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "to='localhost'>",
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"};

std::string target(World& world, Script& script) {
  const uint8_t which = script.next();
  if (which % 2 != 0) return world.peers[(which / 2) % world.peers.size()]->jid;
  return std::string(targets[(which / 2) % std::size(targets)]);
}

void connect(World& world, Script& script) {
  if (world.peers.size() > 40) return;
  const uint8_t how = script.next();
  if (how % 8 == 7) {
    world.connect(Peer::Kind::stranger, "stranger").innocent = false;
  } else if (how % 8 == 6) {
    for (auto& peer : world.peers)
      if (peer->kind == Peer::Kind::component)
        peer->innocent = false;  // the domain may be taken once
    Peer& peer = world.connect(Peer::Kind::component, "echo.localhost");
    peer.log_in({});
    peer.innocent = false;
  } else {
    const std::string name(people[how % std::size(people)]);
    const std::string_view resource = script.pick(resources);
    Peer& made = world.connect(Peer::Kind::user, name);
    made.log_in(resource);
    for (auto& peer : world.peers)
      if (peer.get() != &made && peer->jid == made.jid)
        peer->innocent = false;  // the newer takes the resource
  }
}

void act(World& world, Script& script) {
  const uint8_t what = script.next();
  Peer& peer = *world.peers[script.next() % world.peers.size()];
  const bool witness = &peer == world.peers.front().get();
  const std::string from = peer.kind == Peer::Kind::component ? " from='a@echo.localhost/b'" : "";
  switch (what % 16) {
    case 0:
    case 1:
      return connect(world, script);
    case 2:
      return world.request(peer, "calc@services.localhost", "set", payloads[0]);
    case 3:
    case 4: {
      const std::string to = target(world, script);
      const std::string_view payload = script.pick(payloads);
      return world.request(peer, to, script.next() % 2 != 0 ? "get" : "set", payload);
    }
    case 5:
    case 6:
      return peer.answer(script.next());
    case 7:
    case 8: {
      std::string text(script.pick(presences));
      if (witness || (peer.kind == Peer::Kind::component && text.find(" to='") == text.npos))
        return;
      return peer.send(text.insert(9, from));
    }
    case 9: {
      const std::string to = target(world, script);
      if (to.empty()) return;
      xml::Element body("body", xml::ns_client);
      std::string escaped;
      xml::escape_attribute(escaped, to);
      return peer.send("<message" + from + std::string(script.pick(message_types)) + " to='" +
                       escaped + "'><body>" + std::string(script.next() * 16u, 'x') +
                       "</body></message>");
    }
    case 10: {
      const std::string to = target(world, script);
      std::string escaped, burst;
      xml::escape_attribute(escaped, to);
      for (int i = 0; i < 64 && !to.empty(); ++i)
        burst += "<message" + from + " type='headline' to='" + escaped + "'><body>" +
                 std::string(4000, 'x') + "</body></message>";
      return peer.send(burst);
    }
    case 11:
      if (witness) return;
      if (script.next() % 2 == 0 && peer.kind == Peer::Kind::user)
        return peer.send(script.pick(wrong));
      peer.innocent = false;
      return peer.send(script.pick(illegal));
    case 12:
      if (witness) return;
      peer.innocent = false;
      return peer.send(script.take(script.next()));
    case 13:
      if (witness || !peer.usable()) return;
      peer.innocent = false;
      return peer.paused ? peer.resume() : peer.pause();
    case 14:
      if (witness || !peer.usable()) return;
      peer.innocent = false;
      return peer.hang_up();
    default:
      world.loop.advance(std::chrono::seconds(script.next() % 32));
      return world.settle();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string drawn(reinterpret_cast<const char*>(data), size);
  uint64_t tag = 14695981039346656037u;
  for (const char byte : drawn) tag = (tag ^ static_cast<uint8_t>(byte)) * 1099511628211u;
  if (size <= 8) {
    std::mt19937_64 random(tag);
    drawn.clear();
    for (int i = 0; i < 600; ++i) drawn += static_cast<char>(random());
  }
  Script script{drawn};
  World world(tag);
  world.connect(Peer::Kind::user, "witness").log_in("w");
  while (!script.ended()) act(world, script);
  world.finish();
  return 0;
}
