// The client's side of one SASL attempt: the messages of the chosen mechanism, without their XML.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xmpp/sasl.hpp"

namespace xbus::xmpp {

class SaslClient {
 public:
  struct Options {
    SaslChoice choice = {};
    std::string user = {};        // a localpart
    std::string password = {};
    std::string authzid = {};     // of EXTERNAL: the account asked for; empty: the server's choice
    std::string advertised = {};  // advertised_text() of the offer
  };

  explicit SaslClient(Options options);
  ~SaslClient();

  Mechanism mechanism() const { return options_.choice.mechanism; }

  // The initial response; each of our mechanisms has one.
  Result<std::string, ScramError> start();
  // Answers a challenge; where that takes work first, respond() answers when it is done.
  struct Answer {
    std::string text = {};
    std::optional<ScramWork> work = {};
  };
  Result<Answer, ScramError> challenge(std::string_view data);
  std::string respond(std::string_view salted_password);
  // <success/>, with its additional data where there is some. An error: the server did not prove
  // that it knows the password, so it is none of ours.
  Result<void, ScramError> success(std::optional<std::string_view> data);

 private:
  Options options_;
  std::unique_ptr<ScramClient> scram_;
  bool responded_ = false;
  bool verified_ = false;
};

}  // namespace xbus::xmpp
