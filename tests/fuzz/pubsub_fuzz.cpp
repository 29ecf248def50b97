// What a stranger asks of the pubsub service: reading the request, its forms and what becomes of them.
#include <cstdint>
#include <cstdlib>

#include "bus/xmpp/pubsub_answer.hpp"
#include "bus/xmpp/pubsub_archive.hpp"
#include "bus/xmpp/pubsub_config.hpp"
#include "bus/xmpp/pubsub_options.hpp"
#include "bus/xmpp/pubsub_request.hpp"

using namespace xbus;

namespace {

// Every refusal is an error that can be written and read back.
void check(const xmpp::PubsubRefusal& refusal) {
  auto error = xmpp::stanza_error(refusal);
  auto again = xmpp::pubsub_refusal(xmpp::stanza_error_from(xmpp::to_element(error)));
  if (again.condition != refusal.condition || again.detail != refusal.detail) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto element = xml::parse({reinterpret_cast<const char*>(data), size}, xmpp::ns_pubsub);
  if (!element) return 0;
  xmpp::authorization_from(*element);
  if (auto query = xmpp::archive_query_from(*element); !query) check(query.error());
  for (bool set : {false, true}) {
    auto request = xmpp::pubsub_request_from(*element, set);
    if (!request) {
      check(request.error());
      continue;
    }
    if (!request->form) continue;
    if (auto config = xmpp::configured({}, *request->form)) {
      auto again = xmpp::configured({}, xmpp::config_record(*config));
      if (!again || *again != *config) std::abort();
      if (!xmpp::meets(*config, xmpp::config_record(*config))) std::abort();
    }
    if (auto options = xmpp::with_options({}, *request->form)) {
      auto again = xmpp::with_options({}, xmpp::options_record(*options));
      if (!again || *again != *options) std::abort();
    }
  }
  return 0;
}
