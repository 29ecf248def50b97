#include "rpc/service.hpp"

#include <stdexcept>

#include "rpc/introspection.hpp"
#include "rpc/registry/protocol.hpp"
#include "rpc/xmlrpc_text.hpp"

namespace xbus {

Method& Method::doc(std::string text) {
  description_.doc = std::move(text);
  return *this;
}

Method& Method::idempotent() {
  description_.idempotent = true;
  return *this;
}

Method& Method::retry(RetryPolicy policy) {
  description_.retry = policy;
  return idempotent();
}

Method& Method::at_once(size_t n) {
  at_once_ = n;
  return *this;
}

Method& Method::blocking() {
  if (handler_->coroutine) throw std::invalid_argument("method " + name() + " is a coroutine: it does not block");
  pool_ = Pool::shared;
  return *this;
}

Method& Method::on_threads(size_t n) {
  blocking();
  if (n == 0) throw std::invalid_argument("method " + name() + " needs a thread to run on");
  pool_ = Pool::own;
  threads_ = n;
  return *this;
}

Method& Method::allow(std::initializer_list<std::string_view> patterns) { return allow(Acl(patterns)); }

Method& Method::allow(Acl acl) {
  acl.check();
  acl_ = std::move(acl);
  return *this;
}

Method& Method::admins_only() {
  admins_only_ = true;
  return *this;
}

Service::Service(std::string name) : name_(std::move(name)) {
  if (name_.empty()) throw std::invalid_argument("a service needs a name");
  if (name_.find_first_of("@/") != std::string::npos || !registry::service_address(name_, "localhost"))
    throw std::invalid_argument("\"" + name_ + "\" is no name of a service");
}

Service& Service::version(std::string text) {
  version_ = std::move(text);
  return *this;
}

Service& Service::doc(std::string text) {
  doc_ = std::move(text);
  return *this;
}

Service& Service::allow(std::initializer_list<std::string_view> patterns) { return allow(Acl(patterns)); }

Service& Service::allow(Acl acl) {
  acl.check();
  acl_ = std::move(acl);
  return *this;
}

Service& Service::at_once(size_t n) {
  at_once_ = n;
  return *this;
}

Service& Service::admins(Acl acl) {
  acl.check();
  admins_ = std::move(acl);
  return *this;
}

Service& Service::types(const Types& types) {
  for (const NamedType& type : types.all())
    if (types_.add(type.kind, type.name)) types_.fill(type.name, type);
  return *this;
}

Method& Service::add(std::string name) {
  if (name.starts_with("system.") && !building_in_)
    throw std::invalid_argument("\"" + name + "\": names that begin with system. are reserved");
  if (!xmlrpc::is_method_name(name)) throw std::invalid_argument("\"" + name + "\" is no method name");
  const auto [place, added] = methods_.emplace(name, Method());
  if (!added) throw std::invalid_argument("service " + name_ + " has two methods " + name);
  place->second.description_.name = std::move(name);
  return place->second;
}

std::shared_ptr<EventSource> Service::make_event(const std::string& name, TopicConfig config) {
  if (name.empty() || name.front() == '/' || name.back() == '/' || !xml::is_xml_text(name))
    throw std::invalid_argument("\"" + name + "\" is no name of an event");
  const std::string topic = name_ + "/" + name;
  for (const auto& event : sources_)
    if (event->topic() == topic) throw std::invalid_argument("service " + name_ + " has two events " + name);
  return sources_.emplace_back(std::make_shared<EventSource>(topic, std::move(config)));
}

Method& Service::method(MethodDescription description, Handler handler) {
  Method& method = add(description.name);
  method.description_ = std::move(description);
  method.handler_ = std::make_shared<const Handler>(std::move(handler));
  return method;
}

const Method* Service::find(std::string_view method) const {
  const auto found = methods_.find(method);
  return found == methods_.end() ? nullptr : &found->second;
}

Description Service::describe() const {
  Description description;
  description.name = name_;
  description.version = version_;
  description.doc = doc_;
  for (const auto& [name, method] : methods_)
    if (!method.built_in_) description.methods.push_back(method.description_);
  description.types = types_;
  description.types.sort();
  return description;
}

bool Service::allows(const xmpp::Jid& caller, std::string_view name) const {
  const Method* method = find(name);
  if (method && method->admins_only_) return is_admin(caller) || (method->built_in_ && own_.allows(caller));
  if (method && method->acl_) return method->acl_->allows(caller);
  return (acl_ ? *acl_ : home_).allows(caller);
}

bool Service::allows(const Call& call, std::string_view method) const {
  const auto caller = xmpp::Jid::parse(call.caller);
  return caller && allows(*caller, method);
}

ServiceStats Service::stats(Time now) const {
  ServiceStats stats;
  stats.service = name_;
  stats.version = version_;
  if (since_) stats.uptime = now - *since_;
  stats.bounds = latency_bounds_seconds();
  const auto add = [&](std::string_view name, const MethodRecord& record) {
    MethodStats one = MethodStats::of(std::string(name), record);
    stats.running += one.running;
    stats.queued += one.queued;
    if (!one.idle()) stats.methods.push_back(std::move(one));
  };
  for (const auto& [name, method] : methods_) add(name, method.record());
  add(no_method, *stray_);
  return stats;
}

}  // namespace xbus
