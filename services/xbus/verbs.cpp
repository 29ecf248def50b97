#include "services/xbus/verbs.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "bus/limits.hpp"
#include "rpc/fault.hpp"

namespace xbus::cli {

Remote remote_for(Bus& bus, const std::string& word) {
  return word.find('@') == std::string::npos ? bus.service(word) : bus.entity(word);
}

xmpp::Jid jid_or_fault(const std::string& word) {
  auto jid = xmpp::Jid::parse(word);
  if (!jid) throw Fault(Fault::Kind::invalid, "\"" + word + "\" is no JID");
  return std::move(*jid);
}

std::string read_input() {
  std::string text;
  std::array<char, 64 * 1024> buffer;
  while (true) {
    const ssize_t count = ::read(0, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Fault(Fault::Kind::invalid, "standard input cannot be read");
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(count));
    if (text.size() > limits::input_bytes_max)
      throw Fault(Fault::Kind::too_big, "standard input is larger than " +
                                            std::to_string(limits::input_bytes_max) + " bytes");
  }
}

}  // namespace xbus::cli
