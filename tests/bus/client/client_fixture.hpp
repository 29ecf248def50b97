// A client and the server it talks to, over a pipe and on a virtual clock.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/client/client.hpp"
#include "bus/net/virtual_loop.hpp"
#include "bus/xmpp/ping.hpp"
#include "tests/bus/client/test_server.hpp"

namespace xbus::client {

using Login = Result<xmpp::Jid, xmpp::LoginError>;

inline xmpp::Jid jid(std::string_view text) { return *xmpp::Jid::parse(text); }

class ClientTest : public testing::Test {
 protected:
  Client& make(Options options = {}) {
    if (options.domain.empty()) options.domain = "bus.example";
    client = std::make_unique<Client>(loop, options, [this] { return server.connect(); });
    client->on_state([this](State state) { states.push_back(state); });
    return *client;
  }
  Client& online(Options options = {}) {
    make(std::move(options));
    auto login = collect(client->connect());
    loop.run_until([&] { return login->has_value(); }, std::chrono::seconds(5));
    EXPECT_TRUE(login->has_value() && **login) << (login->has_value() ? (**login).error().text : "no end");
    return *client;
  }
  Login connect() {
    auto login = collect(client->connect());
    loop.run_until([&] { return login->has_value(); }, std::chrono::seconds(600));
    EXPECT_TRUE(login->has_value());
    return login->value_or(Login(Err{xmpp::LoginError{}}));
  }
  std::optional<Answer>& ask(std::string_view to, Duration deadline = std::chrono::seconds(10)) {
    answers.push_back(std::make_unique<std::optional<Answer>>());
    auto& into = *answers.back();
    client->request(to.empty() ? xmpp::Jid() : jid(to), "get", xmpp::ping(), deadline,
                    [&into](Answer answer) { into = std::move(answer); });
    return into;
  }
  void settle() { loop.run_until_idle(); }
  // The server says this, with ID in place of the id of the last request.
  void reply(std::string text) {
    std::string id(server.received.back().attr_or("id", ""));
    for (size_t at = 0; (at = text.find("ID", at)) != std::string::npos; at += id.size())
      text.replace(at, 2, id);
    server.send(text);
    settle();
  }

  net::VirtualLoop loop;
  TestServer server{loop};
  std::vector<State> states;
  std::vector<std::unique_ptr<std::optional<Answer>>> answers;
  std::unique_ptr<Client> client;  // goes first: it still ends what is pending
};

}  // namespace xbus::client
