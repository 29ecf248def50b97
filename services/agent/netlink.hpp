// The kernel's tables of links and addresses, asked over rtnetlink (rtnetlink(7)) and read without
// trust in their lengths.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "services/agent/kernel_file.hpp"

namespace xbus::agent {

// One message of a dump: its type and what follows its header.
using NetlinkVisitor = std::function<void(uint16_t type, std::string_view payload)>;
// One attribute: its type without the flag bits, and its value.
using AttributeVisitor = std::function<void(uint16_t type, std::string_view value)>;

// Asks for a whole table (RTM_GETLINK, RTM_GETADDR) and returns the messages of the answer, one
// after the other. Asks again where the table changed meanwhile. Waits at most two seconds for each
// piece.
Result<std::string, KernelError> netlink_dump(uint16_t request);

// Visits each whole message in `dump` until its end or the first length that does not fit.
void each_message(std::string_view dump, const NetlinkVisitor& visit);

// Visits each whole attribute that follows the first `fixed` bytes of a message's payload.
void each_attribute(std::string_view payload, size_t fixed, const AttributeVisitor& visit);

}  // namespace xbus::agent
