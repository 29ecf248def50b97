// The server's side of SASL on one stream: the elements of RFC 6120 section 6.4 without their XML.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/xmpp/error.hpp"
#include "bus/xmpp/sasl.hpp"

namespace xbus::xmpp {

class SaslServer {
 public:
  // Who knows the accounts; the functions of ServerStream::Actions by these names.
  class Accounts {
   public:
    virtual std::optional<ScramKeys> scram_keys(std::string_view local, ScramHash hash) = 0;
    virtual void check_password(std::string_view local, std::string_view password) = 0;
    virtual std::optional<std::string> external_account(std::string_view authzid) = 0;

   protected:
    ~Accounts() = default;
  };

  struct Options {
    std::string domain = {};
    std::vector<std::string> mechanisms = {};  // as configured
    SaslChannel channel = {};
    bool encryption_first = false;  // TLS must come before: nothing is offered
    size_t failures = 0;            // on this transport so far
    std::string stand_in_secret = {};
  };

  // What to send. `data` is raw; the stream encodes it. `wait`: nothing, until password().
  struct Reply {
    enum class Kind : uint8_t { challenge, success, failure, wait } kind = Kind::failure;
    std::string data = {};
    bool has_data = false;  // of success: an empty one is not an absent one
    SaslCondition condition = SaslCondition::not_authorized;
    std::string log = {};  // why it failed, for us alone
  };

  SaslServer(Options options, Accounts& accounts);
  ~SaslServer();

  // For <mechanisms/> and <sasl-channel-binding/>.
  const std::vector<Mechanism>& mechanisms() const { return offered_; }
  std::vector<std::string> binding_types() const { return xmpp::binding_types(options_.channel); }

  // <auth/>: cancels what is under way (CORE-24). `text` is empty where there is no initial
  // response.
  Reply auth(std::string_view mechanism, std::string_view text);
  // <authenticate/> of SASL2 (XEP-0388), where no text is data of no length. `initial` is null where there is no initial
  // response.
  Reply authenticate(std::string_view mechanism, const std::string* initial);
  // <response/>.
  Reply response(std::string_view text);
  // <abort/>.
  Reply abort();
  // What has just been proven is not enough: as if it had not been.
  Reply refuse(SaslCondition condition, std::string_view log) { return fail(condition, log); }
  // The answer to check_password().
  Reply password(bool right);

  // Of the current or last attempt: the prepared localpart, empty where unknown, and the mechanism
  // as named by the client when we know it.
  const std::string& local() const { return local_; }
  std::string_view mechanism() const { return mechanism_ ? facts_of(*mechanism_).name : ""; }
  // An attempt is under way.
  bool under_way() const { return running_; }
  // Failures on this transport so far, aborts included (section 6.4.5).
  size_t failures() const { return options_.failures; }

 private:
  std::optional<Reply> begin(std::string_view mechanism);
  Reply step(std::string_view data);
  Reply scram(std::string_view data);
  Reply plain(std::string_view data);
  Reply external(std::string_view data);
  Reply fail(SaslCondition condition, std::string_view log);
  Reply proven(std::optional<std::string> data);
  bool take_name(std::string_view user, std::string_view authzid);
  void forget();

  Options options_;
  Accounts& accounts_;
  std::vector<Mechanism> offered_;
  std::optional<Mechanism> mechanism_;
  bool sasl2_ = false;     // the attempt is one of SASL2
  bool running_ = false;   // an attempt is under way and its next message is awaited
  bool checking_ = false;  // a password is being checked
  std::unique_ptr<ScramServer> scram_;
  bool challenged_ = false;
  std::string local_;
  bool authzid_fits_ = true;
};

}  // namespace xbus::xmpp
