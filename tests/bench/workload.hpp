// A stream like those that a bus carries: calls of some 470 bytes, presence of 140 and events of
// 900, in the ratio 6:2:2.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace xbus::bench {

inline constexpr std::string_view header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "to='localhost' version='1.0'>";

inline constexpr std::string_view call =
    "<iq type='set' id='c17' to='agent@localhost/host-a' from='caller@localhost/ops'><query "
    "xmlns='jabber:iq:rpc'><methodCall><methodName>forecast</methodName><params><param><value>"
    "<string>Berlin-Mitte</string></value></param><param><value><i4>3</i4></value></param><param>"
    "<value><struct><member><name>unit</name><value><string>celsius</string></value></member>"
    "<member><name>detail</name><value><boolean>1</boolean></value></member></struct></value>"
    "</param></params></methodCall></query></iq>";

inline constexpr std::string_view presence =
    "<presence to='agent@services.localhost' id='p1'><c xmlns='http://jabber.org/protocol/caps' "
    "hash='sha-1' node='urn:xbus' ver='K6O9YjVxE0='/></presence>";

// An event with a payload of twenty readings.
inline std::string event() {
  std::string text =
      "<message to='watcher@localhost/ops' from='events.localhost' type='headline'><event "
      "xmlns='http://jabber.org/protocol/pubsub#event'><items node='agent/link'><item id='4711'>"
      "<link xmlns='urn:example:link'>";
  for (int i = 0; i < 20; ++i) text += "<reading n='" + std::to_string(i) + "'>0.7312</reading>";
  return text + "</link></item></items></event></message>";
}

// Whole stanzas behind the header, about as many bytes as asked for.
inline std::string stanzas(size_t bytes) {
  const std::string one = event();
  std::string text;
  while (text.size() < bytes) {
    for (const std::string_view stanza : {call, call, call, presence, std::string_view(one), call,
                                          call, call, presence, std::string_view(one)}) {
      text += stanza;
    }
  }
  return text;
}

}  // namespace xbus::bench
