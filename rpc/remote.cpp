#include "rpc/remote.hpp"

#include <algorithm>
#include <stdexcept>

#include "rpc/bus_impl.hpp"
#include "rpc/describe.hpp"
#include "rpc/introspection.hpp"
#include "rpc/wait_for_task.hpp"

namespace xbus {

Cancel::Cancel() : state_(std::make_shared<State>()) {}

void Cancel::cancel() const {
  if (std::exchange(state_->cancelled, true)) return;
  // Whoever is told may do away with this object.
  const auto state = state_;
  while (!state->stops.empty()) {
    const auto stop = state->stops.extract(state->stops.begin());
    stop.mapped()();
  }
}

bool Cancel::cancelled() const { return state_->cancelled; }

Remote Remote::with(CallOptions options) const {
  Remote copy = *this;
  copy.options_ = std::move(options);
  return copy;
}

Remote Remote::within(const Call& call) const {
  Remote copy = *this;
  copy.options_.traceparent = call.traceparent;
  copy.options_.tracestate = call.tracestate;
  // The clock, not the loop's now(): a blocking handler is on another thread.
  const Duration left = std::max(Duration::zero(), Duration(call.deadline - bus_->loop().clock()));
  copy.options_.timeout = std::min(copy.options_.timeout, left);
  return copy;
}

Task<Value> Remote::call_values(std::string method, Value::Array args) const {
  return bus_->impl_->call(*this, std::move(method), std::move(args));
}

Task<void> Remote::notify_values(std::string method, Value::Array args) const {
  return bus_->impl_->notify(*this, std::move(method), std::move(args));
}

Value Remote::wait_for(std::string method, Value::Array args) const {
  if (bus_->impl_->thread == std::this_thread::get_id())
    throw std::logic_error("call_wait on the thread of the bus would wait for ever");
  return wait_for_task(bus_->loop(), [remote = *this, method = std::move(method), args = std::move(args)] {
    return remote.call_values(method, args);
  });
}

void Remote::wrong_answer(const Fault& fault) {
  throw Fault(Fault::Kind::failed, "the answer is of another type: " + fault.message());
}

namespace {

Type type_of_xmlrpc(const std::string& name) {
  using K = Type::Kind;
  if (name == "int" || name == "i4") return K::int32;
  if (name == "i8") return K::int64;
  if (name == "boolean") return K::boolean;
  if (name == "string") return K::string;
  if (name == "double") return K::real64;
  if (name == "dateTime.iso8601") return K::timestamp;
  if (name == "base64") return K::bytes;
  if (name == "array") return Type::list(K::any);
  if (name == "struct") return Type::map(K::any);
  if (name == "nil") return K::nothing;
  return K::any;
}

// The first signature; parameters have no names there, so they are a, b, c, ... and from the 27th p27, p28, ...
MethodDescription described(std::string name, const Value& signatures) {
  MethodDescription method;
  method.name = std::move(name);
  method.result = Type::Kind::any;
  const auto* list = signatures.get_if<Value::Array>();
  const auto* first = list && !list->empty() ? list->front().get_if<Value::Array>() : nullptr;
  if (!first || first->empty()) return method;
  for (size_t i = 0; i < first->size(); ++i) {
    const auto* type = (*first)[i].get_if<std::string>();
    if (i == 0) {
      method.result = type ? type_of_xmlrpc(*type) : Type();
    } else {
      const std::string letter = i <= 26 ? std::string(1, static_cast<char>('a' + i - 1)) : "p" + std::to_string(i);
      method.params.push_back({letter, type ? type_of_xmlrpc(*type) : Type()});
    }
  }
  return method;
}

}  // namespace

Task<Description> Remote::describe() const {
  return [](Remote remote) -> Task<Description> {
    std::optional<Fault> fault;
    try {
      auto calling = remote.call<Bytes>(describe_method);
      const Bytes bytes = co_await std::move(calling);
      auto description = description_from(bytes);
      if (!description) throw Fault(Fault::Kind::failed, description.error().message());
      co_return std::move(*description);
    } catch (const Fault& thrown) {
      fault = thrown;
    }
    // Only a service that answers, and has no such method, is asked in the words of XML-RPC introspection.
    const bool strict = fault->kind() == Fault::Kind::no_such_method || fault->kind() == Fault::Kind::custom;
    if (!strict) throw *fault;
    Description description;
    description.name = remote.name();
    auto listing = remote.call<std::vector<std::string>>("system.listMethods");
    const std::vector<std::string> names = co_await std::move(listing);
    for (const std::string& name : names) {
      if (name.starts_with("system.")) continue;
      Value signatures;
      std::string help;
      try {
        auto asking = remote.call<Value>("system.methodSignature", name);
        signatures = co_await std::move(asking);
        auto helping = remote.call<std::string>("system.methodHelp", name);
        help = co_await std::move(helping);
      } catch (const Fault& thrown) {
        // One method that cannot be described does not take the others with it.
        if (thrown.kind() == Fault::Kind::unavailable || thrown.kind() == Fault::Kind::lost) throw;
      }
      description.methods.push_back(described(name, signatures));
      description.methods.back().doc = std::move(help);
    }
    co_return description;
  }(*this);
}

}  // namespace xbus
