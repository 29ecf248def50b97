// The SASL messages of both sides, whatever the mechanism: nobody logs in who cannot. Lines of the
// input are messages; of the server's side a line is a mechanism, or after it the text of its
// element.
#include <cstdint>
#include <cstdlib>

#include "bus/xmpp/sasl_client.hpp"
#include "bus/xmpp/sasl_server.hpp"

using namespace xbus::xmpp;

namespace {

struct Accounts final : SaslServer::Accounts {
  std::optional<ScramKeys> scram_keys(std::string_view, ScramHash hash) override {
    static const ScramKeys keys[] = {*make_scram_keys("a secret", ScramHash::sha1),
                                     *make_scram_keys("a secret", ScramHash::sha256)};
    return keys[hash == ScramHash::sha256];
  }
  void check_password(std::string_view, std::string_view) override { asked = true; }
  std::optional<std::string> external_account(std::string_view) override { return {}; }
  bool asked = false;
};

std::string_view line(std::string_view& text) {
  const size_t end = text.find('\n');
  const auto first = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return first;
}

void serve(std::string_view text, bool tls) {
  Accounts accounts;
  SaslServer::Options options;
  options.domain = "example.org";
  options.channel.tls = tls;
  options.channel.external = true;
  if (tls) options.channel.exporter = "e";
  SaslServer server(options, accounts);
  while (!text.empty()) {
    auto first = line(text);
    SaslServer::Reply reply;
    if (first == "!") {
      reply = server.abort();
    } else if (!first.empty() && first[0] == '>') {
      reply = server.response(first.substr(1));
    } else {
      reply = server.auth(first, line(text));
    }
    if (reply.kind == SaslServer::Reply::Kind::wait) {
      if (!std::exchange(accounts.asked, false)) std::abort();
      reply = server.password(false);
    }
    if (reply.kind == SaslServer::Reply::Kind::success) std::abort();
  }
}

void log_in(std::string_view text, uint8_t which) {
  SaslClient::Options options;
  const auto& table = mechanisms();
  options.choice.mechanism = table[which % table.size()].mechanism;
  options.user = "alice";
  options.password = "a secret";
  SaslClient client(options);
  if (!client.start()) return;
  const bool scram = facts_of(options.choice.mechanism).scram;
  while (!text.empty()) {
    const auto message = line(text);
    if (message.starts_with('=')) {
      if (client.success(message.substr(1)) && scram) std::abort();
      return;
    }
    if (!client.challenge(message)) return;
  }
  if (client.success({}) && scram) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 1) != 0) {
    serve(text, (data[0] & 2) != 0);
  } else {
    log_in(text, data[0] >> 1);
  }
  if (auto raw = sasl_data(text); raw && sasl_data(sasl_text(*raw)) != raw) std::abort();
  return 0;
}
