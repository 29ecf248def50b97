#include "rpc/jabber_rpc.hpp"

#include <algorithm>

#include "bus/xmpp/stanza.hpp"
#include "rpc/fault_details.hpp"
#include "rpc/jabber_rpc_value.hpp"
#include "rpc/xmlrpc_text.hpp"

namespace xbus::jabber_rpc {

namespace {

constexpr std::string_view fault_attribute = "fault";  // in ns_call: the row of the error table

Refusal malformed(std::string why) { return Fault(Fault::Kind::malformed, std::move(why)); }

Refusal bad_request(std::string why) {
  return xmpp::StanzaError(xmpp::Condition::bad_request, std::move(why));
}

Fault bad_answer(const std::string& why) {
  return Fault(Fault::Kind::failed, "the answer is no Jabber-RPC: " + why);
}

// The value in <params/> with one <param/>, for an answer; nullptr otherwise.
const xml::Element* single_param(const xml::Element& params) {
  const auto list = only_elements(params);
  if (!list || list->size() != 1 || !list->front()->is("param", ns)) return nullptr;
  const auto inside = only_elements(*list->front());
  return inside && inside->size() == 1 ? inside->front() : nullptr;
}

Result<Value, Fault> read_fault(const xml::Element& fault, const xml::Element& query) {
  const auto inside = only_elements(fault);
  std::string why;
  std::optional<Value> value;
  if (inside && inside->size() == 1) value = read_value(*inside->front(), why);
  const auto* members = value ? value->get_if<Value::Struct>() : nullptr;
  const Value* code = value ? value->find("faultCode") : nullptr;
  const Value* text = value ? value->find("faultString") : nullptr;
  if (!members || members->size() != 2 || !code || !text || !code->is(Value::Type::int32) ||
      !text->is(Value::Type::string))
    return Err{bad_answer("a fault is a struct of faultCode and faultString")};
  const int number = static_cast<int>(code->as_int());
  Fault read(number, text->as_string());
  // The row that the sender names counts when it agrees with the code; several rows may share one.
  if (const std::string* name = query.attr(fault_attribute, ns_call)) {
    const auto kind = fault_kind_of(*name);
    if (kind && *kind != FaultKind::ok && *kind != FaultKind::custom && xmlrpc_code(*kind) == number)
      read = Fault(*kind, text->as_string());
  }
  read_details(query, read);
  return Err{std::move(read)};
}

}  // namespace

Result<xml::Element, Fault> write_call(const Request& request) {
  if (!xmlrpc::is_method_name(request.method))
    return Err{Fault(Fault::Kind::invalid, "\"" + request.method + "\" is no method name: A-Z a-z 0-9 _ . : /")};
  xml::Element query("query", std::string(ns));
  if (request.dialect == Dialect::extended) write_metadata(query, request.metadata);
  xml::Element& call = query.add("methodCall");
  call.add("methodName").add_text(request.method);
  xml::Element& params = call.add("params");
  for (const Value& arg : request.args)
    if (auto fault = write_value(params.add("param"), arg, request.dialect)) return Err{*fault};
  return query;
}

Result<xml::Element, Fault> write_result(const Value& value, Dialect dialect) {
  xml::Element query("query", std::string(ns));
  xml::Element& param = query.add("methodResponse").add("params").add("param");
  if (auto fault = write_value(param, value, dialect)) return Err{*fault};
  return query;
}

xml::Element write_fault(const Fault& fault, Dialect dialect) {
  xml::Element query("query", std::string(ns));
  if (dialect == Dialect::extended) query.set(fault_attribute, ns_call, fault.kind_name());
  const Value inside = Value::structure({{"faultCode", fault.code()}, {"faultString", carried(fault.message())}});
  (void)write_value(query.add("methodResponse").add("fault"), inside, dialect);
  if (dialect == Dialect::extended) write_details(query, fault.details());
  return query;
}

Result<Request, Refusal> read_call(const xml::Element& iq) {
  if (xmpp::iq_type(iq) != xmpp::IqType::set) return Err{bad_request("a call is an iq of type set")};
  const xml::Element* query = iq.first_element();
  if (!query || iq.element_count() != 1 || !query->is("query", ns))
    return Err{bad_request("an iq holds exactly one <query/>")};
  return read_query(*query);
}

Result<Request, Refusal> read_query(const xml::Element& query) {
  const auto children = only_elements(query);
  if (!children || children->size() != 1 || !children->front()->is("methodCall", ns))
    return Err{bad_request("<query/> holds exactly one <methodCall/>")};
  const xml::Element& call = *children->front();
  Request request;
  auto metadata = read_metadata(query);
  if (!metadata) return Err{bad_request("an attribute of urn:xbus:call:0 is not as it should be")};
  request.metadata = std::move(*metadata);
  if (has_metadata(query) && !request.metadata.strict) request.dialect = Dialect::extended;

  const auto parts = only_elements(call);
  const xml::Element* name = call.first("methodName", ns);
  const xml::Element* params = call.first("params", ns);
  if (!parts || !name || parts->size() != (params ? 2u : 1u))
    return Err{malformed("<methodCall/> holds one <methodName/> and at most one <params/>")};
  request.method = name->text();
  if (name->element_count() != 0 || !xmlrpc::is_method_name(request.method))
    return Err{malformed("the method's name holds characters outside A-Z a-z 0-9 _ . : /")};
  if (!params) return request;  // RPC-11

  const auto list = only_elements(*params);
  if (!list) return Err{malformed("text between the parameters")};
  for (const xml::Element* param : *list) {
    const auto inside = only_elements(*param);
    if (!param->is("param", ns) || !inside || inside->size() != 1)
      return Err{malformed("<params/> holds <param/>s of one <value/> each")};
    std::string why;
    auto value = read_value(*inside->front(), why);
    if (!value) return Err{malformed(why)};
    request.args.push_back(std::move(*value));
  }
  return request;
}

Result<Value, Fault> read_answer(const xml::Element& iq) {
  const auto type = xmpp::iq_type(iq);
  // The copy of the request that an error may carry is never looked at (RPC-25).
  if (type == xmpp::IqType::error) return Err{fault_from(xmpp::stanza_error_from(iq))};
  const xml::Element* query = iq.first_element();
  if (type != xmpp::IqType::result || !query || !query->is("query", ns))
    return Err{bad_answer("no <query/>")};
  auto children = only_elements(*query);
  if (children) std::erase_if(*children, [](const xml::Element* child) { return child->is("details", ns_call); });
  if (!children || children->size() != 1 || !children->front()->is("methodResponse", ns))
    return Err{bad_answer("<query/> holds no <methodResponse/>")};
  const auto inside = only_elements(*children->front());
  if (!inside || inside->size() != 1) return Err{bad_answer("exactly one of <params/> and <fault/> is asked for")};
  const xml::Element& body = *inside->front();
  if (body.is("fault", ns)) return read_fault(body, *query);
  const xml::Element* element = body.is("params", ns) ? single_param(body) : nullptr;
  if (!element) return Err{bad_answer("<params/> holds exactly one <param/>")};
  std::string why;
  auto value = read_value(*element, why);
  if (!value) return Err{bad_answer(why)};
  return std::move(*value);
}

}  // namespace xbus::jabber_rpc
