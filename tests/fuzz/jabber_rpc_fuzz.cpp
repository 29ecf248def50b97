// The Jabber-RPC codec: whatever is read is written and read back as the same.
#include <cstdint>
#include <cstdlib>

#include "bus/xml/element.hpp"
#include "rpc/jabber_rpc.hpp"

using namespace xbus;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto iq = xml::parse({reinterpret_cast<const char*>(data), size}, xml::ns_client);
  if (!iq) return 0;
  (void)jabber_rpc::read_answer(*iq);
  const auto request = jabber_rpc::read_call(*iq);
  if (!request) return 0;
  // Only what nests too deep to be written again, or has a year of five digits after its zone is
  // taken off, may fail.
  const auto query = jabber_rpc::write_call(*request);
  if (!query) return 0;
  const auto again = xml::parse(xml::write(*query, xml::ns_client), xml::ns_client);
  if (!again) std::abort();
  const auto back = jabber_rpc::read_query(*again);
  if (!back || back->method != request->method) std::abort();
  if (request->dialect == jabber_rpc::Dialect::extended && back->args != request->args)
    std::abort();
  return 0;
}
