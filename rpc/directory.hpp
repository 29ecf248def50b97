// Directory: which instances are live, for the names that this connection uses: asked once by `watch`, then kept by
// what the registry pushes.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bus/client/client.hpp"
#include "bus/result.hpp"
#include "bus/task.hpp"
#include "rpc/fault.hpp"
#include "rpc/registry/protocol.hpp"

namespace xbus {

// Lives on the client's loop.
class Directory {
 public:
  // `gone` is told of each instance that the registry says has left.
  Directory(client::Client& client, xmpp::Jid registry, std::function<void(const xmpp::Jid&)> gone);
  // Ends those that wait, as unavailable.
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  using Instances = std::vector<registry::InstanceInfo>;
  // What was live at that moment: never null, never changed, shared with every call of that moment.
  using List = std::shared_ptr<const Instances>;
  // The live instances of the service, at once when it is watched already. Empty: there is no such service. Faults:
  // unavailable (no registry, not connected), forbidden, timeout, ...
  Task<Result<List, Fault>> instances(std::string name, Time until);

  // The connection stands anew: whatever was known is asked again.
  void online();
  void offline();
  // False for a presence that is no push of the registry.
  bool on_presence(const xml::Element& presence);
  // Takes an instance off at once, e.g. when its server says that it has gone.
  void forget(const xmpp::Jid& instance);

 private:
  struct Watched {
    bool known = false;
    List instances = std::make_shared<const Instances>();
  };
  struct Waiter {
    std::string key;
    Completion<std::optional<Fault>> done;
  };
  void ask();
  void on_answer(const client::Answer& answer, const std::vector<std::string>& keys);
  void wake(const std::function<bool(const Waiter&)>& which, const std::optional<Fault>& fault);
  std::optional<std::string> key_of(const std::string& name) const;
  static void change(Watched& watched, const std::function<void(Instances&)>& how);

  client::Client& client_;
  xmpp::Jid registry_;
  std::function<void(const xmpp::Jid&)> gone_;
  std::map<std::string, Watched> watched_;  // by the service's address
  std::vector<Waiter> waiters_;
  bool online_ = false, asking_ = false, ask_again_ = false, greeted_ = false;
  uint64_t token_ = 0;
  uint64_t round_ = 0;  // of connections: an answer of an earlier one says nothing
};

}  // namespace xbus
