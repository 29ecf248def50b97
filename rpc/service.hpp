// Service: a name, methods and who may call them. What runs the calls is Callee; what puts it on a bus is run() or
// Bus::serve().
#pragma once
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rpc/acl.hpp"
#include "rpc/administration.hpp"
#include "rpc/description.hpp"
#include "rpc/event.hpp"
#include "rpc/handler.hpp"
#include "rpc/stats.hpp"

namespace xbus {

class Service;

// A method of a Service; each function returns *this, so that one statement says all.
class Method {
 public:
  // For people: what it does. The first line is the summary.
  Method& doc(std::string text);
  // Doing it twice is the same as doing it once: whoever calls may repeat it.
  Method& idempotent();
  // What the service advises to those who may repeat it; shown by `describe`. Implies idempotent().
  Method& retry(RetryPolicy policy);
  // At most `n` at a time; beyond that the caller is told to come back (busy). 0 is no limit of its own.
  Method& at_once(size_t n);
  // The handler blocks: it runs on threads that the service's blocking methods share.
  Method& blocking();
  // The handler blocks: it runs on `n` threads of its own. Not for coroutines, which never block.
  Method& on_threads(size_t n);
  // Who may call this method, in place of the service's list. A pattern that is none is a mistake in the program, as
  // everywhere below: std::invalid_argument.
  Method& allow(std::initializer_list<std::string_view> patterns);
  Method& allow(Acl acl);
  // Only admins of the service.
  Method& admins_only();

  const MethodDescription& description() const { return description_; }
  const std::string& name() const { return description_.name; }
  const Handler& handler() const { return *handler_; }
  // Has an access list of its own.
  bool is_restricted() const { return admins_only_ || acl_.has_value(); }
  // One of those that every service has: system.*.
  bool is_built_in() const { return built_in_; }
  // What has been counted of the calls to it; to be written by whoever runs them.
  MethodRecord& record() const { return *record_; }

 private:
  friend class Service;
  friend class Callee;
  friend void add_introspection(Service& service);
  friend void add_administration(Service& service);
  enum class Pool : uint8_t { none, shared, own };
  Method() = default;

  MethodDescription description_;
  std::shared_ptr<const Handler> handler_;
  std::optional<Acl> acl_;
  bool admins_only_ = false;
  bool built_in_ = false;  // system.*: not part of the description
  size_t at_once_ = 0;
  Pool pool_ = Pool::none;
  size_t threads_ = 0;
  std::shared_ptr<MethodRecord> record_ = std::make_shared<MethodRecord>();
};

// Define everything before it is served. Lives on one loop.
class Service {
 public:
  // `name` is what callers use: "agent", "billing.Invoices". Names compare without case; this spelling is shown. Not
  // empty, no space at either end, without @ and /, by which callers tell addresses from names.
  explicit Service(std::string name);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  Service& version(std::string text);
  Service& doc(std::string text);
  // Who may call, where a method does not say otherwise. Without a list: the accounts of the bus's own domain.
  Service& allow(std::initializer_list<std::string_view> patterns);
  Service& allow(Acl acl);
  // At most `n` calls at a time, whatever their methods; beyond that callers are told to come back (busy). 0 is
  // limits::running_calls_max. An instance that stays at its limit, this one or that of each of its methods, tells it
  // to all as presence dnd, and calls go to others.
  Service& at_once(size_t n);
  // Who counts as admin: sees why a handler failed, and may call methods that are admins_only().
  Service& admins(Acl acl);

  // `handler` is a lambda, function or std::function: R(P...) or Task<R>(P...), optionally with a first parameter
  // Call&. `params` names the others, in order. Every type is one that Convert knows (rpc/convert.hpp). A name is of
  // the letters A-Z a-z 0-9 _ . : / and stands once; names that begin with "system." are reserved.
  template <class F>
  Method& method(std::string name, std::vector<std::string> params, F handler) {
    Method& method = add(std::move(name));
    method.handler_ = std::make_shared<Handler>(make_handler(method.name(), params, std::move(handler),
                                                             method.description_.params, method.description_.result,
                                                             types_));
    return method;
  }
  // Without parameters.
  template <class F>
  Method& method(std::string name, F handler) {
    return method(std::move(name), std::vector<std::string>(), std::move(handler));
  }
  // For services made at run time, from a description instead of C++ types: the handler takes and gives Values.
  Method& method(MethodDescription description, Handler handler);
  // Something that the service tells: items of the topic SERVICE/NAME, which is made when the service is served, as
  // `config` says, and belongs to the owner of the service's name. A name stands once; without / at either end.
  template <class T>
  Event<T> event(const std::string& name, TopicConfig config = {}) {
    return Event<T>(make_event(name, std::move(config)));
  }
  // The named types that such descriptions use.
  Service& types(const Types& types);

  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }
  const Method* find(std::string_view method) const;
  // By name, the built-in system.* left out.
  Description describe() const;
  // With the built-in ones.
  const std::map<std::string, Method, std::less<>>& methods() const { return methods_; }
  // Whether the caller may call the method; what is not there is as the service's own list says.
  bool allows(const xmpp::Jid& caller, std::string_view method) const;
  bool allows(const Call& call, std::string_view method) const;
  // The list that holds where the service has none of its own.
  void set_home(Acl home) { home_ = std::move(home); }
  bool is_admin(const xmpp::Jid& caller) const { return admins_.allows(caller); }

  // What is counted of the calls to it. `now` is of the clock that served_since() was told.
  ServiceStats stats(Time now) const;
  // Calls that are of no method of this service.
  MethodRecord& stray_record() const { return *stray_; }

  // ---- For whoever serves it ----
  // The account that it runs under, which may look after it as admins may (rpc/administration.hpp).
  void set_own(Acl own) { own_ = std::move(own); }
  void set_administration(Administration administration) { administration_ = std::move(administration); }
  const Administration& administration() const { return administration_; }
  // What event() has made, for who puts the service on a bus.
  const std::vector<std::shared_ptr<EventSource>>& event_sources() const { return sources_; }
  // Only the first one counts.
  void served_since(Time now) {
    if (!since_) since_ = now;
  }

 private:
  friend class Callee;
  friend void add_introspection(Service& service);
  friend void add_administration(Service& service);
  Method& add(std::string name);
  std::shared_ptr<EventSource> make_event(const std::string& name, TopicConfig config);

  std::string name_, version_, doc_;
  std::optional<Acl> acl_;
  size_t at_once_ = 0;
  Acl home_, admins_, own_;
  Administration administration_;
  bool building_in_ = false;  // system.* is being added
  std::optional<Time> since_;
  std::shared_ptr<MethodRecord> stray_ = std::make_shared<MethodRecord>();
  std::map<std::string, Method, std::less<>> methods_;
  Types types_;
  std::vector<std::shared_ptr<EventSource>> sources_;
};

}  // namespace xbus
