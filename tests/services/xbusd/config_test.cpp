#include "services/xbusd/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace xbus::xbusd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() : folder_(mkdtemp(name_)) {}
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& text, mode_t mode = 0600) {
    std::string path = folder_ + "/file.toml";
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
    return path;
  }
  // The error of a file, without its path.
  std::string error_of(const std::string& text) {
    Config config;
    std::string path = write(text);
    auto read = read_config(path, config);
    if (read) return "";
    EXPECT_EQ(read.error().substr(0, path.size()), path);
    return read.error().substr(path.size());
  }

  char name_[32] = "/tmp/xbus-config-XXXXXX";
  std::string folder_;
};

TEST_F(ConfigTest, every_key_is_read) {
  Config config;
  auto read = read_config(write(R"(
domain = "bus.example"
socket = "/run/x/socket"
listen = ["127.0.0.1:5222", "[::1]:5222"]
listen_tls = "127.0.0.1:5223"
component_listen = ["127.0.0.1:5347"]
plain_loopback = true
plain_loopback_listen = ["127.0.0.1:5224"]
certificate = "c.pem"
key = "k.pem"
client_ca = "ca.pem"
data = "/var/lib/x"
admins = ["ann"]
accounts_file = "accounts.toml"
claim = "first"
callers = ["*@bus.example", "*@*.example"]
strict_callers = "*@bus.example"
threads = 3
log = "json"
log_level = "debug"
stanza_bytes_max = 20000
queue_bytes_per_account_max = 1000000
connections_per_account_max = 10
login_seconds_max = 5
stall_seconds_max = 20
resume_seconds_max = 60
resumable_sessions_max = 1000
resumable_sessions_per_account_max = 10
unacked_stanzas_max = 500
unacked_bytes_max = 1000000
stanzas_per_second_max = 1000
bytes_per_second_max = 1000000
login_failures_max = 7
login_ban_seconds = 30
connections_per_second_per_address_max = 9
connections_prelogin_per_address_max = 12
guard_loopback = false
[components]
"echo.bus.example" = "secret"
[names]
agent = "ann"
billing = ["ann", "bob@bus.example"]
[name_callers]
billing = ["*@bus.example", "ops@partner.example"]
secret = []
[name_strict_callers]
"old/adder" = "*@partner.example"
)"),
                          config);
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ(config.domain, "bus.example");
  EXPECT_EQ(config.socket, "/run/x/socket");
  EXPECT_EQ(config.listen.size(), 2u);
  EXPECT_EQ(config.listen_tls, std::vector<std::string>{"127.0.0.1:5223"});
  EXPECT_EQ(config.component_listen.size(), 1u);
  EXPECT_TRUE(config.plain_loopback);
  EXPECT_EQ(config.plain_loopback_listen.size(), 1u);
  EXPECT_EQ(config.certificate, "c.pem");
  EXPECT_EQ(config.key, "k.pem");
  EXPECT_EQ(config.client_ca, "ca.pem");
  EXPECT_EQ(config.data, "/var/lib/x");
  EXPECT_EQ(config.admins, std::vector<std::string>{"ann"});
  EXPECT_EQ(config.accounts_file, "accounts.toml");
  EXPECT_EQ(config.claim, "first");
  EXPECT_EQ(config.threads, 3u);
  EXPECT_EQ(config.log, "json");
  EXPECT_EQ(config.log_level, "debug");
  EXPECT_EQ(config.stanza_bytes_max, 20'000u);
  EXPECT_EQ(config.queue_bytes_per_account_max, 1'000'000u);
  EXPECT_EQ(config.connections_per_account_max, 10u);
  EXPECT_EQ(config.login_seconds_max, 5u);
  EXPECT_EQ(config.stall_seconds_max, 20u);
  EXPECT_EQ(config.resume_seconds_max, 60u);
  EXPECT_EQ(config.resumable_sessions_max, 1000u);
  EXPECT_EQ(config.resumable_sessions_per_account_max, 10u);
  EXPECT_EQ(config.unacked_stanzas_max, 500u);
  EXPECT_EQ(config.unacked_bytes_max, 1'000'000u);
  EXPECT_EQ(config.stanzas_per_second_max, 1000u);
  EXPECT_EQ(config.bytes_per_second_max, 1'000'000u);
  EXPECT_EQ(config.login_failures_max, 7u);
  EXPECT_EQ(config.login_ban_seconds, 30u);
  EXPECT_EQ(config.connections_per_second_per_address_max, 9u);
  EXPECT_EQ(config.connections_prelogin_per_address_max, 12u);
  EXPECT_FALSE(config.guard_loopback);
  EXPECT_EQ(config.components.at("echo.bus.example"), "secret");
  EXPECT_EQ(config.names.at("billing").size(), 2u);
  EXPECT_EQ(config.callers, (std::vector<std::string>{"*@bus.example", "*@*.example"}));
  EXPECT_EQ(config.strict_callers, std::vector<std::string>{"*@bus.example"});
  EXPECT_EQ(config.name_callers.at("billing").size(), 2u);
  EXPECT_TRUE(config.name_callers.at("secret").empty());
  EXPECT_EQ(config.name_strict_callers.at("old/adder"), std::vector<std::string>{"*@partner.example"});
}

TEST_F(ConfigTest, mistakes_name_file_and_line) {
  EXPECT_EQ(error_of("domain = \"x\"\nlissen = []\n"), ":2: unknown key lissen; did you mean listen?");
  EXPECT_EQ(error_of("port = 5222\n"), ":1: unknown key port; see xbusd.toml(5)");
  EXPECT_EQ(error_of("\n\ndomain = 1\n"), ":3: domain must be a string");
  EXPECT_EQ(error_of("plain_loopback = 1"), ":1: plain_loopback must be true or false");
  EXPECT_EQ(error_of("listen = [1]"), ":1: listen must be a list of strings");
  EXPECT_EQ(error_of("log = \"xml\""), ":1: log must be one of json, text");
  EXPECT_EQ(error_of("threads = -1"), ":1: threads must be an integer from 0 to 1024");
  EXPECT_THAT(error_of("stanza_bytes_max = 9999"), HasSubstr("must be an integer from 10000"));
  EXPECT_THAT(error_of("unacked_stanzas_max = 1"), HasSubstr("must be an integer from 64"));
  EXPECT_EQ(error_of("resume_seconds_max = 86401"), ":1: resume_seconds_max must be an integer from 0 to 86400");
  EXPECT_THAT(error_of("resume_time_max = 60"), StartsWith(":1: unknown key resume_time_max"));
}

TEST_F(ConfigTest, a_value_that_is_none_of_its_kind_is_told_with_file_line_and_key) {
  EXPECT_EQ(error_of("\ndomain = \"a b\""), ":2: domain must be a domain; \"a b\" is none");
  EXPECT_EQ(error_of("domain = \"me@x\""), ":1: domain must be a domain; \"me@x\" is none");
  EXPECT_THAT(error_of("socket = \"" + std::string(200, 'x') + "\""), StartsWith(":1: socket must be the path of a socket"));
  EXPECT_EQ(error_of("socket = \"none\"") + error_of("socket = \"\"") + error_of("metrics = \"\""), "");
  EXPECT_EQ(error_of("listen = [\"127.0.0.1:1\",\n  \"x:99999\"]"), ":2: listen must be ADDRESS:PORT; \"x:99999\" is none");
  EXPECT_EQ(error_of("listen_tls = \"5223\""), ":1: listen_tls must be ADDRESS:PORT; \"5223\" is none");
  for (const char* key : {"component_listen", "plain_loopback_listen"}) {
    EXPECT_EQ(error_of("threads = 1\n" + std::string(key) + " = [\"0.0.0.0:1\"]"),
              ":2: " + std::string(key) + " must be ADDRESS:PORT on a loopback address; \"0.0.0.0:1\" is none");
  }
  EXPECT_EQ(error_of("metrics = \"x:y\""), ":1: metrics must be [ADDRESS:]PORT; \"x:y\" is none");
  EXPECT_EQ(error_of("[names]\nbilling = [\"ann\", \"@\"]"),
            ":2: billing must be names of accounts, NAME or NAME@DOMAIN; \"@\" is none");
  EXPECT_EQ(error_of("[names]\n\" x\" = \"ann\""), ":2: names must be the name of a service; \" x\" is none");
  EXPECT_EQ(error_of("[components]\n\n\"a@b\" = \"s\""), ":3: components must be a domain; \"a@b\" is none");
}

TEST_F(ConfigTest, what_does_not_go_together_is_told_with_its_line) {
  EXPECT_EQ(error_of("plain_loopback = true\nlisten = [\"127.0.0.1:1\", \"0.0.0.0:1\"]"),
            ":2: listen, which has no TLS by plain_loopback, must be ADDRESS:PORT on a loopback address; \"0.0.0.0:1\" is none");
  EXPECT_EQ(error_of("listen = [\"0.0.0.0:1\"]"), "");
  EXPECT_EQ(error_of("threads = 1\nkey = \"k.pem\""), ":2: key must be given together with certificate");
  EXPECT_EQ(error_of("certificate = \"c.pem\""), ":1: certificate must be given together with key");
  EXPECT_THAT(error_of("[components]\n\"localhost\" = \"s\""), HasSubstr(":2: components must be domains beside the bus"));
  EXPECT_THAT(error_of("[components]\n\"a.x\" = \"s\"\n\"A.x\" = \"s\""), HasSubstr("is there twice"));
}

TEST_F(ConfigTest, what_is_no_toml_is_told_in_plain_words) {
  const std::string no_value = "this is no value: texts stand in quotation marks";
  EXPECT_EQ(error_of("domain = \n"), ":1: a value is missing, or is none: texts stand in quotation marks");
  EXPECT_EQ(error_of("\nclaim = first\n"), ":2: " + no_value);
  EXPECT_EQ(error_of("domain = \"a\\q\"\n"), ":1: this text does not end, or has an escape that is none");
  EXPECT_EQ(error_of("threads = 99999999999999999999\n"), ":1: this number is beyond 64 bits");
  EXPECT_EQ(error_of("[names\n"), ":1: the heading of a table is [NAME]");
  EXPECT_EQ(error_of("threads = 1\nthreads = 2\n"), ":2: this stands above already");
  EXPECT_EQ(error_of("\xff\n"), ":1: this is not UTF-8");
}

TEST_F(ConfigTest, mistakes_in_the_policy_of_callers_name_file_and_line) {
  const std::string wanted = " must be patterns of callers, [LOCAL@]DOMAIN[/RESOURCE]";
  EXPECT_EQ(error_of("\ncallers = [\"*@\"]"), ":2: callers" + wanted);
  EXPECT_EQ(error_of("strict_callers = \"\""), ":1: strict_callers" + wanted);
  EXPECT_EQ(error_of("callers = 1"), ":1: callers must be a list of strings");
  EXPECT_EQ(error_of("[name_callers]\ncalc = \"@x\""), ":2: calc" + wanted);
  EXPECT_EQ(error_of("[name_strict_callers]\ncalc = 1"), ":2: calc must be a list of strings");
  EXPECT_EQ(error_of("[name_callers]\n\" calc\" = []"), ":2: name_callers must be the name of a service; \" calc\" is none");
  EXPECT_EQ(error_of("name_callers = 1"), ":1: name_callers must be a table of service names");
  EXPECT_EQ(error_of("caller = []"), ":1: unknown key caller; did you mean callers?");
}

TEST_F(ConfigTest, keys_that_need_a_restart_are_told_apart) {
  Config running, read;
  read.listen = {"127.0.0.1:5222"};
  read.threads = 2;
  read.admins = {"ann"};
  EXPECT_EQ(fixed_keys_changed(running, read), (std::vector<std::string>{"threads", "listen"}));
  keep_fixed_keys(running, read);
  EXPECT_TRUE(fixed_keys_changed(running, read).empty());
  EXPECT_EQ(read.admins, std::vector<std::string>{"ann"});
}

TEST_F(ConfigTest, a_missing_file_is_an_error) {
  Config config;
  EXPECT_FALSE(read_config(folder_ + "/none.toml", config).ok());
}

TEST_F(ConfigTest, what_the_parser_trips_over_is_an_error_with_its_line) {
  for (std::string stray : {"\u00E9", "\uFEDF"}) {
    SCOPED_TRACE(stray);
    EXPECT_THAT(error_of("# one\n" + stray + " = 1"), StartsWith(":2: "));
    EXPECT_THAT(error_of("\ndomain " + stray + "= 'x'"), StartsWith(":2: "));
    EXPECT_THAT(error_of("domain = 00'" + stray), StartsWith(":1: "));
    EXPECT_THAT(error_of("domain = \"\\" + stray + "\""), StartsWith(":1: "));
    EXPECT_EQ(error_of("data = '" + stray + "' # " + stray), "");
    EXPECT_EQ(error_of("data = \"\"\"\\\n " + stray + "\"\"\""), "");
  }
  EXPECT_THAT(error_of("# one\n\n[(x]\ny = 1"), StartsWith(":3: "));
  EXPECT_THAT(error_of(std::string("[\0('", 4)), StartsWith(":1: "));
}

TEST_F(ConfigTest, accounts_are_read_from_a_file_that_others_cannot_read) {
  auto accounts = read_accounts(write("ann = \"pw\"\n\"b-b\" = \"x\"\n"));
  ASSERT_TRUE(accounts.ok()) << accounts.error();
  EXPECT_EQ(accounts->at("ann"), "pw");
  EXPECT_EQ(accounts->size(), 2u);
  accounts = read_accounts(write("ann = \"pw\"\n", 0640));
  ASSERT_FALSE(accounts.ok());
  EXPECT_THAT(accounts.error(), HasSubstr("others can read it"));
  EXPECT_THAT(read_accounts(write("ann = 1\n")).error(), HasSubstr(".toml:1: ann must be a string"));
  EXPECT_THAT(read_accounts(write("\n\"b b\" = \"x\"\n")).error(), HasSubstr(".toml:2: b b must be the name of an account"));
  EXPECT_THAT(read_accounts(write("ann = \"\"\n")).error(), HasSubstr(".toml:1: ann must have a password"));
}

TEST_F(ConfigTest, a_secret_is_not_empty) {
  for (const char* secret : {"", " ", "\\t\\n "})
    EXPECT_THAT(error_of("[components]\n\"a.localhost\" = \"" + std::string(secret) + "\"\n"),
                StartsWith(":2: a.localhost must be a secret")) << secret;
}

TEST_F(ConfigTest, admins_are_localparts) {
  EXPECT_THAT(error_of("domain = \"x\"\nadmins = [\"ann\", \"a@b@c\"]\n"),
              HasSubstr(":2: admins must be names of accounts"));
  EXPECT_THAT(error_of("admins = [\"ann@localhost\"]\n"), HasSubstr("\"ann@localhost\" is none"));
  EXPECT_THAT(error_of("admins = \"\"\n"), HasSubstr("is none"));
  Config config;
  ASSERT_TRUE(read_config(write("admins = [\"Ann\"]\n"), config).ok());
  EXPECT_EQ(config.admins, std::vector<std::string>{"ann"}) << "as its account is written";
}

}  // namespace
}  // namespace xbus::xbusd
