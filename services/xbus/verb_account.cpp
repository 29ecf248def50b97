#include <unistd.h>

#include <memory>
#include <optional>

#include "bus/server/admin_payloads.hpp"
#include "services/common/password.hpp"
#include "services/xbus/table.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string name, new_password_file;
  bool link = false;
};

Task<xml::Element> ask(Bus& bus, const Invocation& invocation, std::string type,
                       xml::Element payload) {
  const xmpp::Jid server = jid_or_fault(bus.client().domain());
  const client::Answer answer = co_await bus.client().request(
      server, std::move(type), std::move(payload), invocation.time_max());
  co_return managed_or_fault(answer);
}

Task<int> list(Bus& bus, const Invocation& invocation) {
  const xml::Element answer = co_await ask(bus, invocation, "get", server::accounts_query());
  Table table({{"ACCOUNT"}, {"PASSWORD"}, {"ADMIN"}, {"CONNECTIONS", Align::right}});
  Value::Array values;
  for (const server::AccountInfo& account : server::accounts_from(answer)) {
    table.add({account.name, account.password ? "yes" : "no", account.admin ? "yes" : "no",
               std::to_string(account.connections)});
    values.push_back(Value::structure({{"name", account.name},
                                       {"password", account.password},
                                       {"admin", account.admin},
                                       {"connections", static_cast<int64_t>(account.connections)}}));
  }
  const bool written = invocation.wants_json() ? invocation.print(values)
                                               : invocation.print_text(table.text(invocation.out));
  co_return written ? 0 : exit_local_trouble;
}

Task<int> change(Bus& bus, const Invocation& invocation, xml::Element payload) {
  co_await ask(bus, invocation, "set", std::move(payload));
  co_return 0;
}

// From the file, else standard input where that is "-", else asked for twice; empty after a line
// that says why not.
std::optional<std::string> new_password(const Invocation& invocation, const std::string& doing,
                                        const Words& words) {
  if (!words.new_password_file.empty()) {
    auto found = common::password_from_file(
        words.new_password_file == "-" ? "/dev/stdin" : words.new_password_file);
    if (found) return std::move(*found);
    invocation.fail(doing, found.error());
    return std::nullopt;
  }
  if (auto found = common::password_from_environment("XBUS_NEW_PASSWORD")) return found;
  const auto first = common::password_from_person("New password of " + words.name);
  if (!first) {
    invocation.fail(doing, std::string_view("no new password: give --new-password-file FILE (- is "
                                            "standard input) or XBUS_NEW_PASSWORD"));
    return std::nullopt;
  }
  if (common::password_from_person("Again") == first) return first;
  invocation.fail(doing, std::string_view("the two passwords differ"));
  return std::nullopt;
}

int set_password(const Invocation& invocation, const std::string& verb, const Words& words) {
  const std::string doing = "account " + verb + " " + words.name;
  const auto password = new_password(invocation, doing, words);
  if (!password) return exit_local_trouble;
  const auto link = words.link ? server::LinkToUid::yes : server::LinkToUid::no;
  const xml::Element payload = verb == "add"
                                   ? server::account_add(words.name, *password, link)
                                   : server::account_passwd(words.name, *password);
  return with_bus(invocation, doing, [&](Bus& bus) { return change(bus, invocation, payload); });
}

}  // namespace

Verb account_verb(common::CommandLine& program, const Invocation& invocation) {
  using Need = common::CommandLine::Need;
  auto& line =
      program.verb("account", "the accounts of xbusd that log in with a password (admins)");
  const auto words = std::make_shared<Words>();
  line.verb("list", "all accounts; also without an action");
  auto& add = line.verb("add", "make an account");
  auto& passwd = line.verb("passwd", "change a password; your own needs no admin");
  auto& remove = line.verb("remove", "remove an account and all it has; its connections end");
  for (auto* action : {&add, &passwd, &remove})
    action->text("NAME", words->name, "the account", Need::required);
  for (auto* action : {&add, &passwd})
    action->text("--new-password-file", words->new_password_file,
                 "its first line is the new password, - is standard input; else "
                 "$XBUS_NEW_PASSWORD, else asked for");
  add.flag("--link", words->link, "the account of this host's user of that name");
  line.details(
          "Only for xbusd; other servers have their own means. A password never stands in the "
          "arguments.")
      .example("xbus account", "All accounts.")
      .example("echo secret | xbus account add carol --new-password-file -",
               "Make one; the password comes from standard input.")
      .example("echo other | xbus account passwd carol --new-password-file -",
               "Give it another password.")
      .example("xbus account remove carol", "Remove it and all that it has.");
  return {&line, [&invocation, words, &add, &passwd, &remove] {
            if (add.given()) return set_password(invocation, "add", *words);
            if (passwd.given()) return set_password(invocation, "passwd", *words);
            if (remove.given())
              return with_bus(invocation, "account remove " + words->name, [&](Bus& bus) {
                return change(bus, invocation, server::account_remove(words->name));
              });
            return with_bus(invocation, "account list",
                            [&](Bus& bus) { return list(bus, invocation); });
          }};
}

}  // namespace xbus::cli
