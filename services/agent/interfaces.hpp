// The network interfaces of this host: their state, addresses and counters, from rtnetlink.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/members.hpp"
#include "services/agent/kernel_file.hpp"

namespace xbus::agent {

// Since the interface was made.
struct Traffic {
  int64_t bytes = 0;
  int64_t packets = 0;
  int64_t errors = 0;
  int64_t dropped = 0;
};
XBUS_STRUCT(Traffic, bytes, packets, errors, dropped)

struct Interface {
  std::string name;
  int32_t index = 0;
  std::string
      state;  // RFC 2863's words: up, down, dormant, testing, lowerlayerdown, notpresent, unknown
  bool enabled = false;  // by its administrator
  bool carrier = false;  // something is at the other end
  int32_t mtu = 0;
  std::string mac;                     // empty where it has none
  std::vector<std::string> addresses;  // with prefix length: "192.0.2.1/24"
  Traffic received;
  Traffic sent;
};
XBUS_STRUCT(Interface, name, index, state, enabled, carrier, mtu, mac, addresses, received, sent)

// What a message about a link says (RTM_NEWLINK, RTM_DELLINK), without its header; nothing where it names none. Pure.
std::optional<Interface> link_of(std::string_view payload);

struct LinkAddress {
  int32_t index = 0;    // of its interface
  std::string address;  // with prefix length
};

// What a message about an address says (RTM_NEWADDR, RTM_DELADDR), likewise. Pure.
std::optional<LinkAddress> address_of(std::string_view payload);

// In the order of their indexes, from the dumps of links (RTM_GETLINK) and addresses (RTM_GETADDR).
// Pure.
std::vector<Interface> interfaces_from(std::string_view links, std::string_view addresses);

// Asks the kernel, in the network namespace of this process.
Result<std::vector<Interface>, KernelError> interfaces();

}  // namespace xbus::agent
