// What strangers send as SCRAM messages, to either side. Lines of the input are the messages.
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include "bus/limits.hpp"
#include "bus/xmpp/scram.hpp"

using namespace xbus::xmpp;

namespace {

// A server may ask for so many iterations that the fuzzer would do nothing else.
bool takes_long(std::string_view message) {
  size_t at = 0;
  while ((at = message.find("i=", at)) != message.npos) {
    at += 2;
    size_t iterations = 0;
    std::from_chars(message.data() + at, message.data() + message.size(), iterations);
    if (iterations > 20'000 && iterations <= xbus::limits::scram_iterations_max) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto first = text.substr(0, text.find('\n'));
  const auto rest = text.substr(first.size() == size ? size : first.size() + 1);
  static const auto keys = *make_scram_keys("secret", ScramHash::sha256);
  for (const bool plus : {false, true}) {
    ScramServer server({.plus = plus, .plus_offered = true, .exporter = "e", .nonce = "xyz"});
    if (const auto name = server.first(first)) {
      if (name->user.empty()) std::abort();
      server.challenge(keys);
      if (server.finish(rest)) std::abort();  // nobody guesses the proof
    }
  }
  ScramClient client({.user = "alice", .password = "secret", .nonce = "abc"});
  if (!client.first()) std::abort();
  if (!takes_long(first) && client.respond(first) && client.verify(rest)) std::abort();
  return 0;
}
