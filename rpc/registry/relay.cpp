#include "rpc/registry/relay.hpp"

#include "rpc/jabber_rpc.hpp"
#include "rpc/metadata.hpp"

namespace xbus::registry {

std::string method_of(const xml::Element& query) {
  const xml::Element* call = query.first("methodCall", jabber_rpc::ns);
  const xml::Element* name = call ? call->first("methodName", jabber_rpc::ns) : nullptr;
  return name ? name->text() : std::string();
}

void restate(xml::Element& query, const Relayed& how) {
  Metadata metadata = read_metadata(query).value_or(Metadata{});
  metadata.strict |= !has_metadata(query);
  metadata.id.clear();
  xml::Element clean(query.name(), query.ns());
  clean.nodes() = std::move(query.nodes());
  for (const xml::Attribute& attribute : query.attributes())
    if (attribute.ns != ns_call) clean.set(attribute.name, attribute.ns, attribute.value);
  if (how.takes_metadata) {
    metadata.deadline = how.left;
    metadata.on_behalf_of = how.caller.str();
    write_metadata(clean, metadata);
  }
  query = std::move(clean);
}

}  // namespace xbus::registry
