// What the server says and does when its store cannot write: the error, and everything as it was.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>

#include "bus/server/admin_payloads.hpp"
#include "tests/bus/server/bus.hpp"
#include "tests/bus/store/full_store.hpp"

namespace xbus::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string iq(std::string_view payload) {
  return "<iq type='set' id='1' to='localhost'>" + std::string(payload) + "</iq>";
}

Options with_an_admin() {
  Options options;
  options.admins = {"root"};
  return options;
}

class FullDisk : public testing::Test {
 protected:
  FullDisk() : bus(with_an_admin(), std::make_unique<store::FullStore>()) { root.login("r"); }

  store::FullStore& disk() { return static_cast<store::FullStore&>(*bus.store); }
  // All that comes; keys are made off the loop, so it may take a while.
  std::string answer(Actor& actor, const std::string& request) {
    actor.forget();
    actor.send(request);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::string all;
    while (all.empty() && std::chrono::steady_clock::now() < deadline) {
      bus.settle();
      for (const std::string& text : actor.texts()) all += text;
    }
    return all;
  }
  std::string manage(const std::string& verb, const std::string& name, const std::string& inside) {
    return answer(root, iq("<" + verb + " xmlns='" + std::string(ns_admin) + "' name='" + name +
                           "'>" + inside + "</" + verb + ">"));
  }
  std::string accounts() {
    return answer(root, "<iq type='get' id='1' to='localhost'><accounts xmlns='" +
                            std::string(ns_admin) + "'/></iq>");
  }
  bool logged(std::string_view event) const {
    return std::any_of(bus.log.begin(), bus.log.end(),
                       [&](const LogLine& line) { return line.event == event; });
  }

  Bus bus;
  Actor root{bus, "root"};
};

constexpr const char* password = "<password>secret</password>";

TEST_F(FullDisk, an_account_is_there_once_it_is_on_disk) {
  disk().full = true;
  EXPECT_THAT(manage("add", "b1", password), HasSubstr("<internal-server-error"));
  EXPECT_THAT(accounts(), Not(HasSubstr("'b1'")));
  EXPECT_FALSE(logged("account_added"));
  disk().full = false;
  EXPECT_THAT(manage("add", "b1", password), HasSubstr("type='result'"));
  EXPECT_THAT(accounts(), HasSubstr("'b1'"));
  EXPECT_TRUE(logged("account_added"));
}

TEST_F(FullDisk, an_account_that_cannot_be_removed_stays_with_its_sessions) {
  manage("add", "a1", password);
  Actor a1(bus, "a1");
  a1.login("x");
  disk().full = true;
  EXPECT_THAT(manage("remove", "a1", ""), HasSubstr("<internal-server-error"));
  EXPECT_THAT(accounts(), HasSubstr("'a1'"));
  EXPECT_FALSE(a1.closed());
  EXPECT_FALSE(logged("account_removed"));
  EXPECT_THAT(manage("passwd", "a1", "<password>other</password>"),
              HasSubstr("<internal-server-error"));
  EXPECT_FALSE(logged("password_changed"));
  disk().full = false;
  EXPECT_THAT(manage("remove", "a1", ""), HasSubstr("type='result'"));
  EXPECT_TRUE(a1.closed());
  EXPECT_THAT(accounts(), Not(HasSubstr("'a1'")));
}

TEST_F(FullDisk, a_roster_is_as_the_store_has_it) {
  const auto roster = [](const std::string& item) {
    return "<iq type='set' id='s'><query xmlns='jabber:iq:roster'>" + item + "</query></iq>";
  };
  const std::string get = "<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>";
  Actor ann(bus, "ann");
  ann.login("a");
  ann.send(get);
  EXPECT_THAT(answer(ann, roster("<item jid='old@localhost'/>")), HasSubstr("type='result'"));
  disk().full = true;
  const std::string refused = answer(ann, roster("<item jid='new@localhost'/>"));
  EXPECT_THAT(refused, HasSubstr("<internal-server-error"));
  EXPECT_THAT(refused, HasSubstr("jid='new@localhost' subscription='remove'"));
  const std::string kept = answer(ann, roster("<item jid='old@localhost' subscription='remove'/>"));
  EXPECT_THAT(kept, HasSubstr("<internal-server-error"));
  EXPECT_THAT(kept, HasSubstr("<item jid='old@localhost' subscription='none'/>"));
  const std::string now = answer(ann, get);
  EXPECT_THAT(now, HasSubstr("old@localhost"));
  EXPECT_THAT(now, Not(HasSubstr("new@localhost")));
  disk().full = false;
  EXPECT_THAT(answer(ann, roster("<item jid='new@localhost'/>")), HasSubstr("type='result'"));
}

// The one that fails must not take the other back, whichever comes first.
TEST_F(FullDisk, a_roster_with_several_changes_under_way_keeps_those_that_are_written) {
  const auto item = [](const std::string& jid) {
    return "<iq type='set' id='" + jid + "'><query xmlns='jabber:iq:roster'><item jid='" + jid +
           "'/></query></iq>";
  };
  Actor ann(bus, "ann");
  ann.login("a");
  disk().slow = true;
  ann.send(item("one@localhost"));
  ann.send(item("two@localhost"));
  EXPECT_THAT(ann.texts(), IsEmpty()) << "no word before it is on disk";
  disk().go_on();
  bus.settle();
  EXPECT_EQ(ann.texts().size(), 2u);
  EXPECT_EQ(disk().roster("ann").items.size(), 2u);
}

TEST_F(FullDisk, a_message_that_cannot_be_kept_goes_back) {
  manage("add", "bob", password);
  Actor ann(bus, "ann");
  ann.login("a");
  disk().full = true;
  EXPECT_THAT(answer(ann, "<message to='bob@localhost' type='chat' id='m'><body>hi</body></message>"),
              HasSubstr("<internal-server-error"));
  disk().full = false;
  EXPECT_EQ(disk().offline_use("bob").messages, 0u);
}

}  // namespace
}  // namespace xbus::server
