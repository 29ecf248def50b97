#include "services/xbusd/addresses.hpp"

#include <charconv>
#include <cstdint>

namespace xbus::xbusd {

using server::ListenerKind;

Result<net::SocketAddress, std::string> listen_address_of(const std::string& text) {
  size_t colon = text.rfind(':');
  uint16_t port = 0;
  if (colon != std::string::npos) {
    const char* end = text.data() + text.size();
    auto [stop, wrong] = std::from_chars(text.data() + colon + 1, end, port);
    if (wrong == std::errc() && stop == end) {
      std::string host = text.substr(0, colon);
      if (host == "localhost") host = "127.0.0.1";
      if (auto address = net::SocketAddress::ip(host, port)) return *address;
    }
  }
  return Err{"\"" + text + "\" is no ADDRESS:PORT"};
}

Result<std::vector<ListenAddress>, std::string> listen_addresses(const Config& config) {
  struct Group {
    const std::vector<std::string>& addresses;
    ListenerKind kind;
    const char* name;
  };
  const Group listen = config.plain_loopback
                           ? Group{config.listen, ListenerKind::plain_loopback, "plain"}
                           : Group{config.listen, ListenerKind::starttls, "starttls"};
  std::vector<ListenAddress> all;
  for (const Group& group :
       {listen, Group{config.listen_tls, ListenerKind::direct_tls, "tls"},
        Group{config.plain_loopback_listen, ListenerKind::plain_loopback, "plain"},
        Group{config.component_listen, ListenerKind::component, "component"}}) {
    const bool clear =
        group.kind == ListenerKind::plain_loopback || group.kind == ListenerKind::component;
    for (const std::string& text : group.addresses) {
      auto address = listen_address_of(text);
      if (!address) return Err{address.error()};
      if (clear && !address->loopback())
        return Err{text + ": a listener without TLS must be on a loopback address"};
      all.push_back({*address, group.kind, group.name});
    }
  }
  return all;
}

}  // namespace xbus::xbusd
